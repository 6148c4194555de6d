"""The write side of figures: drafts, sheets, findings, publication; releases are read elsewhere."""
