"""Our own Alembic folder and version table; the host's migrations stay untouched.

Commands run through ``runner``; hosts put ``host_filter.include_object`` into their own.
"""
