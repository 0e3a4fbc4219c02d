"""What the inventory says of an expression: its estimator, its use and its sides."""

from pathlib import Path
from textwrap import dedent

import pytest

from kllint.analysis import analyse
from kllint.findings import Site

HEAD = "import jax\nimport torch\nimport torch.nn.functional as F\n"


@pytest.fixture
def sites(tmp_path: Path):
    def run(text: str) -> list[Site]:
        (tmp_path / "train.py").write_text(HEAD + dedent(text), encoding="utf-8")
        return list(analyse([tmp_path]).sites)

    return run


def told(sites: list[Site]) -> list[tuple[str, str]]:
    return [(site.estimator, site.use) for site in sites]


class TestWhatIsListed:
    def test_both_halves_of_a_masked_jensen_shannon(self, sites):
        found = sites("""
            def jsd_loss(student_logps, teacher_logps, beta, mask):
                student_probs = torch.where(mask, student_logps.exp(), 0.0)
                teacher_probs = torch.where(mask, teacher_logps.exp(), 0.0)
                mixture_probs = (1 - beta) * student_probs + beta * teacher_probs
                safe = torch.where(mask, torch.log(mixture_probs.clamp_min(1e-9)), torch.zeros_like(student_logps))
                first = teacher_probs * (teacher_logps - safe)
                second = student_probs * (student_logps - safe)
                return (beta * first + (1 - beta) * second).sum()
        """)
        assert told(found) == [("full", "loss"), ("full", "loss")]
        assert [site.numerator for site in found] == ["teacher", "actor"]

    def test_sampled_terms_against_a_log_mixture(self, sites):
        (found,) = sites("""
            def report(metrics, prev_logprobs, generation_logprobs):
                mixture = torch.log(0.5 * torch.exp(prev_logprobs) + 0.5 * torch.exp(generation_logprobs))
                kl = torch.exp(prev_logprobs - mixture) - (prev_logprobs - mixture) - 1
                metrics["js"] = kl.mean().item()
        """)
        assert (found.estimator, found.use) == ("k3_inverted", "metric")

    @pytest.mark.parametrize(
        "sides", ["x.log() - y.log()", "x.log().detach() - y.log()", "x.log() - y.log().detach()"]
    )
    def test_a_value_times_its_own_log_ratio(self, sites, sides):
        (found,) = sites(f"""
            def kl_balance_loss(x, y):
                return (x * ({sides})).sum(-1).mean()
        """)
        assert (found.estimator, found.use) == ("full", "loss")

    def test_no_entropy_and_no_product_with_another_log(self, sites):
        assert not sites("""
            def entropy_loss(x, y, scale):
                return (x * (x.log() - 1) + y * (scale.log() - x.log())).sum()
        """)

    def test_a_cross_entropy_in_a_class_that_is_named_kl(self, sites):
        (found,) = sites("""
            class ForwardKLLoss(torch.nn.Module):
                def forward(self, student_logits, teacher_logits):
                    teacher_prob = F.softmax(teacher_logits, dim=-1)
                    student_logprob = F.log_softmax(student_logits, dim=-1)
                    return -torch.sum(teacher_prob * student_logprob, dim=-1).mean()
        """)
        assert (found.estimator, found.use) == ("full", "loss")
        assert (found.numerator, found.denominator) == ("teacher", "actor")

    def test_a_cross_entropy_elsewhere(self, sites):
        assert not sites("""
            class SoftTargets(torch.nn.Module):
                def forward(self, student_logits, teacher_logits):
                    teacher_prob = F.softmax(teacher_logits, dim=-1)
                    student_logprob = F.log_softmax(student_logits, dim=-1)
                    return -torch.sum(teacher_prob * student_logprob, dim=-1).mean()
        """)

    def test_a_nested_function_that_is_only_passed_on(self, sites):
        (found,) = sites("""
            def update(state, batch):
                def ppo_loss(params, new_logp, old_logp, advantages):
                    log_ratio = new_logp - old_logp
                    approx_kl = ((jax.numpy.exp(log_ratio) - 1) - log_ratio).mean()
                    loss = -(advantages * jax.numpy.exp(log_ratio)).mean()
                    return loss, (loss, jax.lax.stop_gradient(approx_kl))

                return jax.value_and_grad(ppo_loss, has_aux=True)(state.params, batch)
        """)
        assert (found.estimator, found.use) == ("k3", "metric")


class TestUse:
    def test_a_closed_form_between_normals(self, sites):
        (found,) = sites("""
            def elbo_loss(x, mu, log_var, weight):
                kl = -0.5 * (1.0 + log_var - mu.pow(2) - log_var.exp())
                return F.l1_loss(x, mu) + weight * kl.sum(-1).mean()
        """)
        assert (found.kind, found.use) == ("gaussian", "loss")

    def test_mixed_by_lerp_and_stacked(self, sites):
        found = sites("""
            def step(student_logp, teacher_logp, alpha, mask):
                forward = F.kl_div(student_logp, teacher_logp, reduction="none", log_target=True)
                reverse = F.kl_div(teacher_logp, student_logp, reduction="none", log_target=True)
                mixed = torch.lerp(reverse, forward, alpha)
                loss = torch.stack([mixed[mask].sum(), mixed.mean()]).sum()
                loss.backward()
        """)
        assert told(found) == [("full", "loss"), ("full", "loss")]

    @pytest.mark.parametrize(
        "rows",
        [
            "[row[start:] for i, row in enumerate(penalty)]",
            "[row[n:] for row, n in zip(penalty, lengths)]",
        ],
    )
    def test_a_reward_by_comprehension(self, sites, rows):
        (found,) = sites(f"""
            @torch.no_grad()
            def make(batch, logprobs, ref_logprobs, lengths, start, beta, scores):
                penalty = -(logprobs - ref_logprobs)
                rows = {rows}
                for index in range(len(rows)):
                    rewards = beta * rows[index]
                    rewards[-1] += scores[index]
                    batch.append(rewards)
        """)
        assert (found.estimator, found.use) == ("k1", "reward")

    def test_a_reward_gathered_by_a_library(self, sites):
        (found,) = sites("""
            from accelerate.utils import gather

            def shape(rewards, old_logps, ref_logps, mask, beta):
                kl = ((old_logps - ref_logps) * mask).sum(-1)
                rewards = rewards - beta * gather(kl)
                return rewards
        """)
        assert (found.estimator, found.use) == ("k1", "reward")

    def test_a_reward_set_under_a_key(self, sites):
        (found,) = sites("""
            def _step(self, next_td, coeff):
                curr_log_prob = next_td.get("log_prob")
                ref_log_prob = next_td.get("ref_log_prob")
                kl = [a - b for a, b in zip(curr_log_prob, ref_log_prob)]
                kl = torch.nested.as_nested_tensor(kl)
                next_td.set("reward", next_td.get("reward") - coeff * kl)
                return next_td
        """)
        assert (found.estimator, found.use) == ("k1", "reward")

    def test_handed_to_a_foreign_loss(self, sites):
        (found,) = sites("""
            def step(loss_function, hidden, kl_logps, ref_kl_logps):
                kl = (kl_logps - ref_kl_logps).mean().detach().clamp(min=0)
                loss, extra = loss_function(hidden, kl=kl)
                loss.backward()
        """)
        assert (found.estimator, found.use) == ("k1", "loss")

    def test_a_reward_is_not_the_loss_that_it_serves(self, sites):
        (found,) = sites("""
            def step(policy, batch, gae, beta):
                with torch.no_grad():
                    rewards = gae(batch.scores, beta * (batch.logps - batch.ref_logps))
                loss = -(rewards * policy(batch)).mean()
                loss.backward()
        """)
        assert (found.estimator, found.use) == ("k1", "reward")

    def test_named_only_under_a_condition(self, sites):
        (found,) = sites("""
            class PolicyLoss(torch.nn.Module):
                def forward(self, logps, old_logps, rollout_logps, advantages):
                    rollout_kl = None
                    if self.correct:
                        rollout_kl = (rollout_logps - old_logps).mean()
                    loss = -(advantages * (logps - old_logps).exp()).mean()
                    return loss, 0.0, 0.0, rollout_kl
        """)
        assert (found.estimator, found.use) == ("k1", "metric")

    def test_returned_in_a_dictionary(self, sites):
        (found,) = sites("""
            class PPOLoss(torch.nn.Module):
                def forward(self, td):
                    log_weight = td["log_prob"] - td["old_log_prob"]
                    kl_approx = td["old_log_prob"] - td["log_prob"]
                    out = {"loss": -(td["advantage"] * log_weight.exp()).mean(), "kl": kl_approx.detach().mean()}
                    return out
        """)
        assert (found.estimator, found.use) == ("k1", "metric")

    def test_conditions_and_indices_are_no_use(self, sites):
        (found,) = sites("""
            def pick(scores, logps, ref_logps):
                kl = torch.exp(ref_logps - logps) - (ref_logps - logps) - 1
                rewards = torch.where(kl, scores, 0.0) + scores[kl]
                return rewards
        """)
        assert (found.estimator, found.use) == ("k3", "unknown")


def test_log_probs_behind_a_promise_are_the_actors(sites):
    (found,) = sites("""
        import ray

        def make(rewards, actor_group, initial_group, beta):
            action_log_probs_ref = actor_group.run()
            base_action_log_probs_ref = initial_group.run()
            action_log_probs = flatten(ray.get(action_log_probs_ref))
            base_action_log_probs = flatten(ray.get(base_action_log_probs_ref))
            rewards = rewards - beta * (action_log_probs - base_action_log_probs)
            return rewards
    """)
    assert (found.estimator, found.use) == ("k1", "reward")
    assert found.denominator == "reference"


def test_the_actors_log_probs_without_gradient_are_the_batches(sites):
    (found,) = sites("""
        def update(agent, obs, action, picked, advantages):
            with torch.no_grad():
                kept_logprobs = agent.actor(obs).log_prob(action)
            new_logprob = agent.actor(obs[picked]).log_prob(action[picked])
            ratio = torch.exp(new_logprob - kept_logprobs[picked])
            old_approx_kl = (kept_logprobs[picked] - new_logprob).mean().item()
            loss = -(advantages * ratio).mean()
            loss.backward()
    """)
    assert (found.estimator, found.use) == ("k1", "metric")
    assert found.denominator == "actor"
