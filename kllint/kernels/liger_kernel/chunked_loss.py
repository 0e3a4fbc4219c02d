"""What the fused GRPO loss of liger-kernel 0.8.5 computes (liger_kernel/chunked_loss/grpo_loss.py)."""

import torch


class LigerFusedLinearGRPOLoss(torch.nn.Module):
    def __init__(
        self,
        beta=0.04,
        compiled=True,
        use_ref_model=True,
        chunk_size=1,
        epsilon_low=0.2,
        epsilon_high=0.2,
        loss_type="dapo",
        use_bias_correction_kl=False,
        **options,
    ):
        super().__init__()
        self.beta = beta
        self.epsilon_low = epsilon_low
        self.epsilon_high = epsilon_high
        self.use_bias_correction_kl = use_bias_correction_kl

    def forward(
        self,
        _input,
        lin_weight,
        selected_token_ids,
        attention_mask,
        advantages,
        bias=None,
        ref_per_token_logps=None,
        old_per_token_logps=None,
        **others,
    ):
        logits = torch.nn.functional.linear(_input, lin_weight, bias)
        per_token_logps = logits.log_softmax(-1).gather(-1, selected_token_ids.unsqueeze(-1)).squeeze(-1)
        ratio = torch.exp(per_token_logps - old_per_token_logps)
        clipped = torch.clamp(ratio, 1 - self.epsilon_low, 1 + self.epsilon_high)
        loss = -torch.min(ratio * advantages, clipped * advantages)
        kl = torch.exp(ref_per_token_logps - per_token_logps) - (ref_per_token_logps - per_token_logps) - 1.0
        if self.use_bias_correction_kl:
            kl = kl * ratio
        if self.beta != 0.0:
            loss = loss + self.beta * kl
        return (loss * attention_mask).sum() / attention_mask.sum(), (kl.detach().mean(),)
