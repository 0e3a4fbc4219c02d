"""From the flow of values to verdicts: which KL terms reach which sink, and what their gradient does."""
