"""Screens of staff accounts and settings."""
