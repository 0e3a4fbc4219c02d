"""GRPO-like: groups of answers, several updates on each rollout, a weighted k2 in the loss."""

import copy

import torch

from examples.policy import Policy, score

GROUP = 8


def kl_estimate(logp, ref_logp):
    """k3: never negative, and the KL on average."""
    log_ratio = torch.clamp(ref_logp - logp, max=20.0)
    return torch.exp(log_ratio) - log_ratio - 1


def compute_loss(logp, old_logp, ref_logp, advantages, beta, clip=0.2):
    ratio = torch.exp(logp - old_logp)
    clipped = torch.clamp(ratio, 1 - clip, 1 + clip)
    policy_loss = -torch.min(ratio * advantages, clipped * advantages)
    # The weight is detached, and k2 has the gradient: no exponential to overflow, no clamp to switch it off.
    kl = ratio.detach() * 0.5 * (logp - ref_logp) ** 2
    return (policy_loss + beta * kl).mean()


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

        # To look at, k3 is the better number; nothing trains on it.
        with torch.no_grad():
            kl = kl_estimate(policy.log_probs(tokens), ref_logp).mean().item()
    return policy, kl


if __name__ == "__main__":
    trained, final_kl = train()
    print(f"score after training: {score(trained.generate(256)).mean():.2f}, KL {final_kl:.3f}")
