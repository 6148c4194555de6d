"""Screens of the one-stop desk and citizen reception."""
