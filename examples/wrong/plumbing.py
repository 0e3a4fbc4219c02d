"""The right estimator, wired up wrongly: four ways to lose a KL penalty on its way to the optimiser."""

import copy

import torch

from examples.policy import Policy, score


def detached_loss(policy, reference, tokens, advantages, beta):
    logp = policy.log_probs(tokens)
    with torch.no_grad():
        # Only the reference belongs under no_grad. The KL shows up in the printed loss and nowhere else.
        ref_logp = reference.log_probs(tokens)
        kl = 0.5 * (logp - ref_logp) ** 2  # KL108
    return (-advantages * logp + beta * kl).mean()


def subtracted_loss(policy, reference, tokens, advantages, beta):
    logp = policy.log_probs(tokens)
    ref_logp = reference.log_probs(tokens)
    # Copied from a formula that is maximised: as a loss this rewards the policy for leaving the reference.
    return (-advantages * logp - beta * 0.5 * (logp - ref_logp) ** 2).mean()  # KL302


def live_reward_loss(policy, reference, tokens, advantages, beta):
    logp = policy.log_probs(tokens)
    ref_logp = reference.log_probs(tokens)
    # A reward is a number. This one still has the policy in it, so the loss differentiates the reward as well.
    shaped_advantages = advantages - beta * (logp - ref_logp)  # KL203
    return -(shaped_advantages * logp).mean()


def inverted_loss(policy, reference, tokens, advantages, beta):
    logp = policy.log_probs(tokens)
    ref_logp = reference.log_probs(tokens)
    # One sign off: k3 needs reference over policy. This explodes as soon as the policy grows sure of itself.
    log_ratio = logp - ref_logp
    kl = torch.exp(log_ratio) - 1 - log_ratio  # KL301, KL401
    return (-advantages * logp + beta * kl).mean()


def train(compute_loss, steps=20, beta=0.05):
    policy = Policy()
    reference = copy.deepcopy(policy).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)
    for _ in range(steps):
        tokens = policy.generate(64)
        rewards = score(tokens)
        advantages = (rewards - rewards.mean()).unsqueeze(-1)
        loss = compute_loss(policy, reference, tokens, advantages, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return policy


if __name__ == "__main__":
    for compute_loss in (detached_loss, subtracted_loss, live_reward_loss, inverted_loss):
        print(f"{compute_loss.__name__}: {score(train(compute_loss).generate(256)).mean():.2f}")
