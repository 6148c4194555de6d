"""Where and when the commune is there for people: the one-stop desk, reception, days off."""
