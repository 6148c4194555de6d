"""Drafts, publication and reading of immutable releases; the only place with queries on them."""
