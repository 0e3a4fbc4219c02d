"""Settings: where they are looked for, what may stand in them, and what they mean for a run."""
