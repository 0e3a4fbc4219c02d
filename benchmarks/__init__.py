"""How long a run takes, beside other linters and stage by stage: `python -m benchmarks TREE`."""
