"""The real report of Kim Thạch, first half of 2023, as loadable data."""
