"""Statutory tables: quantities, identities, forms as data; sheets; solving. Pure Python."""
