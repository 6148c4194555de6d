"""Breaks what can break, on real processes and disks, and counts what was lost: ``make faults``."""
