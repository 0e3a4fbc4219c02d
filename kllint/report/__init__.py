"""What a run has found, in the words of the formats that people and programs read."""
