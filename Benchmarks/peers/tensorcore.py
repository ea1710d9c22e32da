"""What TensorCore is compared with: the same work in eager PyTorch on the CPU."""

import os

import torch
import torch.nn.functional as F
from torch import nn

from worker import peak_resident_bytes, seconds_to_run, serve

torch.set_num_threads(int(os.environ.get("VLA_THREADS", "2")))
torch.manual_seed(0)


class Block(nn.Module):
    """A decoder block: grouped-query attention with rotary positions, then a SwiGLU network, each behind an RMS norm."""

    def __init__(self, hidden, heads, kv_heads, intermediate):
        super().__init__()
        self.heads, self.kv_heads, self.head_size = heads, kv_heads, hidden // heads
        self.attention_norm = nn.RMSNorm(hidden, eps=1e-5)
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.key = nn.Linear(hidden, kv_heads * self.head_size, bias=False)
        self.value = nn.Linear(hidden, kv_heads * self.head_size, bias=False)
        self.output = nn.Linear(hidden, hidden, bias=False)
        self.network_norm = nn.RMSNorm(hidden, eps=1e-5)
        self.gate = nn.Linear(hidden, intermediate, bias=False)
        self.up = nn.Linear(hidden, intermediate, bias=False)
        self.down = nn.Linear(intermediate, hidden, bias=False)

    def forward(self, x, cosine, sine):
        batch, tokens, hidden = x.shape

        def rotated(t):
            first, second = t.chunk(2, dim=-1)
            return t * cosine + torch.cat((-second, first), dim=-1) * sine

        # [batch, heads, tokens, head size]; each key and value head serves heads / kv_heads queries
        h = self.attention_norm(x)
        q = rotated(self.query(h).view(batch, tokens, self.heads, -1).transpose(1, 2))
        k = rotated(self.key(h).view(batch, tokens, self.kv_heads, -1).transpose(1, 2))
        v = self.value(h).view(batch, tokens, self.kv_heads, -1).transpose(1, 2)
        k, v = (t.repeat_interleave(self.heads // self.kv_heads, dim=1) for t in (k, v))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.output(attended.transpose(1, 2).reshape(batch, tokens, hidden))

        h = self.network_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Decoder(nn.Module):
    """25.8 M parameters at the sizes below; the embedding is also the head."""

    def __init__(self, vocabulary=6400, hidden=512, layers=8, heads=8, kv_heads=2, intermediate=1408, tokens=440):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(hidden, heads, kv_heads, intermediate) for _ in range(layers))
        self.norm = nn.RMSNorm(hidden, eps=1e-5)

        # rotary angles, half-split: feature i turns with feature i + head size / 2
        head_size = hidden // heads
        frequency = 1e6 ** (-torch.arange(0, head_size, 2) / head_size)
        angle = torch.outer(torch.arange(tokens).float(), frequency).repeat(1, 2)
        self.register_buffer("cosine", angle.cos())
        self.register_buffer("sine", angle.sin())

    def forward(self, ids):
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x, self.cosine, self.sine)
        return self.norm(x) @ self.embedding.weight.T


def training_step():
    """Forward, cross-entropy, backward, clipping to norm 1, AdamW: 2 sequences of 440 tokens."""
    model = Decoder()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    ids = torch.randint(0, 6400, (2, 440))
    labels = torch.randint(0, 6400, (2, 440))

    def step():
        loss = F.cross_entropy(model(ids).view(-1, 6400), labels.view(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()

    def measure():
        seconds = seconds_to_run(step)
        return [("training_step", seconds, "s"), ("training_step/peak_memory", peak_resident_bytes(), "bytes")]

    return measure


class VisionBlock(nn.Module):
    """A block of ViT-B as in CLIP: layer norms before, quick GELU."""

    def __init__(self, hidden=768, heads=12, intermediate=3072):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(hidden)
        self.query_key_value = nn.Linear(hidden, 3 * hidden)
        self.output = nn.Linear(hidden, hidden)
        self.network_norm = nn.LayerNorm(hidden)
        self.up = nn.Linear(hidden, intermediate)
        self.down = nn.Linear(intermediate, hidden)

    def forward(self, x):
        batch, tokens, hidden = x.shape
        qkv = self.query_key_value(self.attention_norm(x)).view(batch, tokens, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v)
        x = x + self.output(attended.transpose(1, 2).reshape(batch, tokens, hidden))
        h = self.up(self.network_norm(x))
        return x + self.down(h * torch.sigmoid(1.702 * h))


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
