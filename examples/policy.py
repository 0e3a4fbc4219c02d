"""A toy language model and a toy task, so that the examples run in a second."""

import torch
import torch.nn.functional as F
from torch import nn

VOCABULARY, LENGTH = 8, 6


class Policy(nn.Module):
    """Predicts each token from the one before it."""

    def __init__(self):
        super().__init__()
        self.logits = nn.Embedding(VOCABULARY + 1, VOCABULARY)

    def log_probs(self, tokens):
        """The log-probability of every token given the one before it, [batch, length]."""
        start = torch.full_like(tokens[:, :1], VOCABULARY)
        logits = self.logits(torch.cat([start, tokens[:, :-1]], dim=1))
        return F.log_softmax(logits, dim=-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)

    @torch.no_grad()
    def generate(self, batch):
        """Sample a batch of answers."""
        tokens = torch.full((batch, 1), VOCABULARY)
        for _ in range(LENGTH):
            probs = F.softmax(self.logits(tokens[:, -1]), dim=-1)
            tokens = torch.cat([tokens, torch.multinomial(probs, 1)], dim=1)
        return tokens[:, 1:]


def score(tokens):
    """One number an answer: the share of even tokens."""
    return (tokens % 2 == 0).float().mean(dim=1)
