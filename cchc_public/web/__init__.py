"""What all faces share: addresses, files, filters, pages of a release, the page cache."""
