"""The procedure list: records, search, changes with history, import batches; no request."""
