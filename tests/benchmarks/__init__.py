"""Measures the bars of the design; run with ``make bench``. Prints figures, asserts nothing."""
