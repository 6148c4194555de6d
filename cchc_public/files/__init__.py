"""From the bytes of foreign files and clipboards to grids of cells; opened in a limited process."""
