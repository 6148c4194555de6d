"""From grids of foreign tables to sheets: words decide, figures confirm, people answer."""
