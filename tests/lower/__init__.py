"""Programs from both parsers, and where their parts are in the file."""
