"""On-policy REINFORCE whose KL penalty does nothing."""

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

        # The mean of this *is* the KL, and yet raising beta changes nothing but the noise: the derivative with
        # respect to logp is 1 for every token, whatever the reference says, and that averages out to zero.
        kl = logp - ref_logp  # KL101
        loss = (-advantages * logp + beta * kl).mean()

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return policy


if __name__ == "__main__":
    print(f"score after training: {score(train().generate(256)).mean():.2f}")
