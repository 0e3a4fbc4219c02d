"""PPO with the KL in the reward, and an estimator that only looks better there."""

import copy

import torch

from examples.policy import Policy, score


@torch.no_grad()
def shape_rewards(scores, old_logp, ref_logp, beta):
    """The score on the last token, minus the KL of every token."""
    # Never negative and less noisy than the log-ratio, so it must be the better reward? It has lost the sign that tells
    # too likely from too unlikely: what it trains is the reverse KL minus the forward KL, and runs with it collapse.
    log_ratio = ref_logp - old_logp
    kl = torch.exp(log_ratio) - log_ratio - 1  # KL201, KL401
    rewards = -beta * kl
    rewards[:, -1] += scores
    return rewards


def returns_to_go(rewards):
    """The undiscounted return from every token on, centred over the others of the batch."""
    returns = rewards.flip(-1).cumsum(-1).flip(-1)
    others = (returns.sum(0) - returns) / (returns.shape[0] - 1)
    return returns - others


def train(steps=10, epochs=3, beta=0.05, clip=0.2, tau=0.01):
    policy = Policy()
    reference = copy.deepcopy(policy).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)
    for _ in range(steps):
        tokens = policy.generate(64)
        with torch.no_grad():
            old_logp = policy.log_probs(tokens)
            ref_logp = reference.log_probs(tokens)
        advantages = returns_to_go(shape_rewards(score(tokens), old_logp, ref_logp, beta))

        for _ in range(epochs):
            logp = policy.log_probs(tokens)
            ratio = torch.exp(logp - old_logp)
            clipped = torch.clamp(ratio, 1 - clip, 1 + clip)
            # Meant to keep the policy near the one that sampled, this pushes it away from every sampled token:
            # turned round, old_logp - logp, it would be right.
            drift = logp - old_logp  # KL112
            loss = (tau * drift - torch.min(ratio * advantages, clipped * advantages)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return policy


if __name__ == "__main__":
    print(f"score after training: {score(train().generate(256)).mean():.2f}")
