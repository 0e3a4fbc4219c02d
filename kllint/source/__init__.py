"""Files before analysis: finding, reading and refusing them, and the comments that silence findings."""
