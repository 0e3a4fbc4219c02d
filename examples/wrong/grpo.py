"""GRPO-like, with the KL of the paper: k3 straight into the loss."""

import copy

import torch

from examples.policy import Policy, score

GROUP = 8


def kl_penalty(logp, ref_logp):
    # An unbiased estimate of KL(policy || reference), but not of its gradient. What this pulls on is the forward KL:
    # the policy is punished for what it lacks of the reference, and hardly for what it does that the reference
    # would not. It needs the importance ratio as a factor, with its gradient on.
    log_ratio = ref_logp - logp
    return torch.exp(log_ratio) - log_ratio - 1  # KL102, KL401


def compute_loss(logp, old_logp, ref_logp, advantages, beta, clip=0.2):
    ratio = torch.exp(logp - old_logp)
    clipped = torch.clamp(ratio, 1 - clip, 1 + clip)
    policy_loss = -torch.min(ratio * advantages, clipped * advantages)
    return (policy_loss + beta * kl_penalty(logp, ref_logp)).mean()


def train(steps=10, epochs=3, beta=0.04):
    policy = Policy()
    reference = copy.deepcopy(policy).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)
    for _ in range(steps):
        tokens = policy.generate(8 * GROUP)
        groups = score(tokens).view(-1, GROUP)
        advantages = (groups - groups.mean(dim=1, keepdim=True)) / (groups.std(dim=1, keepdim=True) + 1e-4)
        advantages = advantages.view(-1, 1)
        with torch.no_grad():
            old_logp = policy.log_probs(tokens)
            ref_logp = reference.log_probs(tokens)

        for _ in range(epochs):
            logp = policy.log_probs(tokens)
            loss = compute_loss(logp, old_logp, ref_logp, advantages, beta)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return policy


if __name__ == "__main__":
    print(f"score after training: {score(train().generate(256)).mean():.2f}")
