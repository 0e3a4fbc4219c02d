"""kllint: a linter for KL-divergence terms in PyTorch RL training code."""

__version__ = "0.1.0"
