"""Off-policy: answers of an older policy, and four losses with the importance ratio in the wrong place."""

import copy

import torch

from examples.policy import Policy, score


def live_k2_loss(logp, old_logp, ref_logp, advantages, beta):
    # k2 has the right gradient by itself and wants the ratio as a mere weight. With its gradient on, the ratio adds
    # a second force, which grows with the square of the log-ratio.
    ratio = torch.exp(logp - old_logp)
    kl = ratio * 0.5 * (logp - ref_logp) ** 2  # KL103
    return (-advantages * ratio + beta * kl).mean()


def detached_k3_loss(logp, old_logp, ref_logp, advantages, beta):
    # The other way round: the gradient of k3 has to come through the ratio, and here it is cut off.
    ratio = torch.exp(logp - old_logp)
    kl = ratio.detach() * (torch.exp(ref_logp - logp) - 1 + (logp - ref_logp))  # KL104, KL401
    return (-advantages * ratio + beta * kl).mean()


def unweighted_k2_loss(logp, old_logp, ref_logp, advantages, beta):
    # Right for fresh samples; after the first update these are no longer the policy's own.
    ratio = torch.exp(logp - old_logp)
    kl = 0.5 * (logp - ref_logp) ** 2  # KL107
    return (-advantages * ratio + beta * kl).mean()


def constant_ratio_loss(logp, old_logp, ref_logp, advantages, beta):
    # "The ratio is one at first anyway": its value is, but its gradient was the point.
    weight = torch.ones_like(logp)
    kl = weight * (logp - ref_logp)  # KL105
    return (-advantages * torch.exp(logp - old_logp) + beta * kl).mean()


def train(compute_loss, rounds=5, updates=4, beta=0.05):
    policy = Policy()
    reference = copy.deepcopy(policy).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)
    for _ in range(rounds):
        sampler = copy.deepcopy(policy).requires_grad_(False)
        tokens = sampler.generate(128)
        old_logp, ref_logp = sampler.log_probs(tokens), reference.log_probs(tokens)
        rewards = score(tokens)
        advantages = (rewards - rewards.mean()).unsqueeze(-1)
        for _ in range(updates):
            loss = compute_loss(policy.log_probs(tokens), old_logp, ref_logp, advantages, beta)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return policy


if __name__ == "__main__":
    for compute_loss in (live_k2_loss, detached_k3_loss, unweighted_k2_loss, constant_ratio_loss):
        print(f"{compute_loss.__name__}: {score(train(compute_loss).generate(256)).mean():.2f}")
