"""Rules over sheets that return findings; pure Python."""
