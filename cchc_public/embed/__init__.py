"""Widgets for the commune's portal: no cookie, no JavaScript."""
