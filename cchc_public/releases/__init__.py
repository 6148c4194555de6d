"""Freeze, publish, correct, withdraw, compare; and the read side of everything public.

Faces for citizens import ``reading``, ``comparing`` and ``published`` only; the rest is for staff.
Services flush, they never commit.
"""
