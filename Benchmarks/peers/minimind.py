"""CLIP ViT-B/16 and MiniMind 512 x 8 in eager PyTorch, with random weights: peers of VisionLanguage's models."""

import os

import torch
import torch.nn.functional as F
from torch import nn

from worker import seconds_to_run

torch.set_num_threads(int(os.environ.get("VLA_THREADS", "2")))
torch.manual_seed(0)


class VisionBlock(nn.Module):
    def __init__(self, width=768, heads=12, inner=3072):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        h = self.norm1(x)
        q, k, v = (f(h).view(batch, tokens, self.heads, -1).transpose(1, 2) for f in (self.q, self.k, self.v))
        x = x + self.o(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, tokens, width))
        h = self.up(self.norm2(x))
        return x + self.down(h * torch.sigmoid(1.702 * h))


class CLIP(nn.Module):
    def __init__(self, width=768, layers=12):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 16, 16, bias=False)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.positions = nn.Parameter(torch.randn(197, width))
        self.norm = nn.LayerNorm(width)
        self.blocks = nn.Sequential(*(VisionBlock() for _ in range(layers)))

    def forward(self, pixels):
        x = self.patches(pixels).flatten(2).transpose(1, 2)
        x = torch.cat((self.token.expand(len(x), -1, -1), x), dim=1) + self.positions
        return self.blocks(self.norm(x))[:, 1:]


class Block(nn.Module):
    def __init__(self, hidden=512, heads=8, kv_heads=2, inner=1408):
        super().__init__()
        self.heads, self.kv_heads, size = heads, kv_heads, hidden // heads
        linear = lambda i, o: nn.Linear(i, o, bias=False)
        self.norm1, self.norm2 = nn.RMSNorm(hidden, eps=1e-5), nn.RMSNorm(hidden, eps=1e-5)
        self.q, self.k, self.v = linear(hidden, hidden), linear(hidden, kv_heads * size), linear(hidden, kv_heads * size)
        self.o = linear(hidden, hidden)
        self.gate, self.up, self.down = linear(hidden, inner), linear(hidden, inner), linear(inner, hidden)

    def forward(self, x, cosine, sine, cache):
        batch, tokens, hidden = x.shape

        def rotated(t):
            first, second = t.chunk(2, dim=-1)
            return t * cosine + torch.cat((-second, first), dim=-1) * sine

        h = self.norm1(x)
        q = rotated(self.q(h).view(batch, tokens, self.heads, -1).transpose(1, 2))
        k = rotated(self.k(h).view(batch, tokens, self.kv_heads, -1).transpose(1, 2))
        v = self.v(h).view(batch, tokens, self.kv_heads, -1).transpose(1, 2)
        if cache is not None:
            k, v = torch.cat((cache[0], k), dim=2), torch.cat((cache[1], v), dim=2)
        new = (k, v)
        k, v = (t.repeat_interleave(self.heads // self.kv_heads, dim=1) for t in (k, v))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=tokens > 1)
        x = x + self.o(attended.transpose(1, 2).reshape(batch, tokens, hidden))
        h = self.norm2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h)), new


class MiniMind(nn.Module):
    def __init__(self, vocabulary=6400, hidden=512, layers=8):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.blocks = nn.ModuleList(Block() for _ in range(layers))
        self.norm = nn.RMSNorm(hidden, eps=1e-5)
        frequencies = 1.0 / 1e6 ** (torch.arange(0, 64, 2) / 64)
        angles = torch.outer(torch.arange(1024), frequencies).repeat(1, 2)
        self.cosine, self.sine = angles.cos(), angles.sin()

    def forward(self, x, caches):
        start = 0 if caches is None else caches[0][0].shape[2]
        cosine, sine = (t[start : start + x.shape[1]] for t in (self.cosine, self.sine))
        new = []
        for index, block in enumerate(self.blocks):
            x, cache = block(x, cosine, sine, None if caches is None else caches[index])
            new.append(cache)
        return F.linear(self.norm(x)[:, -1], self.embedding.weight), new


def clip_forward():
    model, pixels = CLIP().eval(), torch.rand(2, 3, 224, 224)

    def run():
        with torch.inference_mode():
            model(pixels)

    for _ in range(3):
        run()
    return lambda: [("clip_forward", seconds_to_run(run), "s")]


def prefill_431():
    model, vectors = MiniMind().eval(), torch.randn(1, 431, 512)

    def run():
        with torch.inference_mode():
            model(vectors, None)

    for _ in range(3):
        run()
    return lambda: [("prefill_431", seconds_to_run(run), "s")]


def decode_step():
    model, vectors = MiniMind().eval(), torch.randn(1, 431, 512)
    with torch.inference_mode():
        _, start = model(vectors, None)

    def steps(count):
        with torch.inference_mode():
            caches = start
            for index in range(count):
                _, caches = model(model.embedding(torch.tensor([[index]])), caches)

    steps(20)

    def measure():
        # the same float32 model beside both of ours
        milliseconds = seconds_to_run(lambda: steps(50)) / 50 * 1e3
        return [("decode_step", milliseconds, "ms"), ("decode_step/float16", milliseconds, "ms")]

    return measure
