"""Vietnamese text, numbers and dates; pure Python."""
