"""One module for each language that configuration is written in."""
