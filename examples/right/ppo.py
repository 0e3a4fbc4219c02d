"""PPO with the KL in the reward: k1 of the rollout's log-probs, token by token."""

import copy

import torch

from examples.policy import Policy, score


@torch.no_grad()
def shape_rewards(scores, old_logp, ref_logp, beta):
    """The score on the last token, minus the KL of every token."""
    # In a reward the number itself multiplies the score function, so it has to be the plain log-ratio.
    rewards = -beta * (old_logp - ref_logp)
    rewards[:, -1] += scores
    return rewards


def returns_to_go(rewards):
    """The undiscounted return from every token on, centred over the others of the batch."""
    returns = rewards.flip(-1).cumsum(-1).flip(-1)
    others = (returns.sum(0) - returns) / (returns.shape[0] - 1)
    return returns - others


def train(steps=10, epochs=3, beta=0.05, clip=0.2, target_kl=0.05):
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
            log_ratio = logp - old_logp
            ratio = log_ratio.exp()
            clipped = torch.clamp(ratio, 1 - clip, 1 + clip)
            loss = -torch.min(ratio * advantages, clipped * advantages).mean()
            with torch.no_grad():
                approx_kl = ((ratio - 1) - log_ratio).mean()
            if approx_kl > target_kl:
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return policy


if __name__ == "__main__":
    print(f"score after training: {score(train().generate(256)).mean():.2f}")
