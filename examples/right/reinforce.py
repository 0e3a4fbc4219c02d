"""On-policy REINFORCE with a KL penalty in the loss: k2, the squared log-ratio."""

import copy

import torch

from examples.policy import Policy, score


def train(steps=20, beta=0.05):
    policy = Policy()
    reference = copy.deepcopy(policy).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)
    for _ in range(steps):
        tokens = policy.generate(64)
        rewards = score(tokens)
        advantages = (rewards - rewards.mean()).unsqueeze(-1)

        logp = policy.log_probs(tokens)
        with torch.no_grad():
            ref_logp = reference.log_probs(tokens)

        # The samples are fresh, so the derivative log q - log p of k2 is the gradient of KL(q || p).
        kl = 0.5 * (logp - ref_logp) ** 2
        loss = (-advantages * logp + beta * kl).mean()

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return policy


if __name__ == "__main__":
    print(f"score after training: {score(train().generate(256)).mean():.2f}")
