"""The project's files and the programs they hold: read, parsed, lowered, and remembered from run to run."""
