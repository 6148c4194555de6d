"""What all faces share: hashed assets, filters, headers, the page cache; no views."""
