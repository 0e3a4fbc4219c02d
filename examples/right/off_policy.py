"""Off-policy: answers of an older policy, importance weights, and three losses with the gradient of the KL."""

import copy

import torch

from examples.policy import Policy, score


def weighted_k2_loss(logp, old_logp, ref_logp, advantages, beta):
    """The ratio only weights the KL."""
    ratio = torch.exp(logp - old_logp)
    kl = ratio.detach() * 0.5 * (logp - ref_logp) ** 2
    return (-advantages * ratio + beta * kl).mean()


def weighted_k3_loss(logp, old_logp, ref_logp, advantages, beta):
    """The gradient comes through the ratio; sample by sample it is that of `weighted_k2_loss`."""
    ratio = torch.exp(logp - old_logp)
    kl = ratio * (torch.exp(ref_logp - logp) - 1 + (logp - ref_logp))
    return (-advantages * ratio + beta * kl).mean()


def trust_region_loss(logp, old_logp, ref_logp, advantages, beta):
    """Towards the policy that sampled no ratio is needed: the samples do not depend on the actor."""
    log_ratio = logp - old_logp
    ratio = torch.exp(log_ratio)
    return (-advantages * ratio + beta * (ratio - 1 - log_ratio)).mean()


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
    for compute_loss in (weighted_k2_loss, weighted_k3_loss, trust_region_loss):
        print(f"{compute_loss.__name__}: {score(train(compute_loss).generate(256)).mean():.2f}")
