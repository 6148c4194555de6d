"""Databases for services and migrations come from the fixtures above; one name is kept here."""

from tests.databases import open_engine

__all__ = ["open_engine"]
