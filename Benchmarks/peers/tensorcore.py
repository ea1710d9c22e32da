"""What TensorCore is compared with: the same work in eager PyTorch on the CPU."""

import os

import torch
import torch.nn.functional as F
from torch import nn

from models import MiniMind, VisionBlock
from worker import peak_resident_bytes, seconds_to_run, serve

torch.set_num_threads(int(os.environ.get("VLA_THREADS", "2")))
torch.manual_seed(0)


def training_step():
    """Forward, cross-entropy, backward, clipping to norm 1, AdamW: 2 sequences of 440 tokens."""
    model = MiniMind()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    ids = torch.randint(0, 6400, (2, 440))
    labels = torch.randint(0, 6400, (2, 440))

    def step():
        loss = F.cross_entropy(model.logits(model(model.embedding(ids))[0]).view(-1, 6400), labels.view(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()

    def measure():
        seconds = seconds_to_run(step)
        return [("training_step", seconds, "s"), ("training_step/peak_memory", peak_resident_bytes(), "bytes")]

    return measure


def vit_forward():
    """12 blocks over 2 x 197 tokens, without gradients."""
    model = nn.Sequential(*(VisionBlock() for _ in range(12))).eval()
    x = torch.randn(2, 197, 768)

    def forward():
        with torch.inference_mode():
            model(x)

    for _ in range(3):
        forward()
    return lambda: [("vit_forward", seconds_to_run(forward), "s")]


serve({"training_step": training_step, "vit_forward": vit_forward})
