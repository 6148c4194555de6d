"""From releases to files; never reads sheets."""
