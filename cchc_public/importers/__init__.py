"""From files and pasted text to sheets; never writes to the database."""
