"""Screens of the procedure list."""
