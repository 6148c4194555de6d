"""Freeze, publish, correct, withdraw, compare; and the read side of everything public.

Faces for citizens import ``reading`` and ``comparing`` only; staff screens also ``drafting``,
``heads``, ``history``, ``form_drafts`` and ``publishing``. Services flush, they never commit.
"""
