"""What was published, frozen and verified, and the read side of everything public.

Faces for citizens import ``reading`` and ``published`` only; the rest is for staff. Services flush,
they never commit.
"""
