"""Staff accounts of the stand-alone site; a host brings its own and never imports this room."""
