"""Statutory tables as data: the language, the tables, the registry; pure Python."""
