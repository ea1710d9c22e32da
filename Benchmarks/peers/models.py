"""Models of the peers in eager PyTorch, with random weights: CLIP's tower and MiniMind's decoder."""

import torch
import torch.nn.functional as F
from torch import nn


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


class CLIPTower(nn.Module):
    """ViT-B/16 on 224 x 224 pixels; the features of its patches."""

    def __init__(self, hidden=768, layers=12):
        super().__init__()
        self.patches = nn.Conv2d(3, hidden, 16, stride=16, bias=False)
        self.first = nn.Parameter(torch.randn(1, 1, hidden))
        self.positions = nn.Parameter(torch.randn(1, 197, hidden))
        self.norm = nn.LayerNorm(hidden)
        self.blocks = nn.Sequential(*(VisionBlock() for _ in range(layers)))

    def forward(self, pixels):
        x = self.patches(pixels).flatten(2).transpose(1, 2)
        x = torch.cat((self.first.expand(x.shape[0], -1, -1), x), dim=1) + self.positions
        return self.blocks(self.norm(x))[:, 1:]


class DecoderBlock(nn.Module):
    """Grouped-query attention with rotary positions and an optional cache, then a SwiGLU network, each behind an RMS norm."""

    def __init__(self, hidden, heads, kv_heads, intermediate):
        super().__init__()
        self.heads, self.kv_heads, head_size = heads, kv_heads, hidden // heads
        self.attention_norm = nn.RMSNorm(hidden, eps=1e-5)
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.key = nn.Linear(hidden, kv_heads * head_size, bias=False)
        self.value = nn.Linear(hidden, kv_heads * head_size, bias=False)
        self.output = nn.Linear(hidden, hidden, bias=False)
        self.network_norm = nn.RMSNorm(hidden, eps=1e-5)
        self.gate = nn.Linear(hidden, intermediate, bias=False)
        self.up = nn.Linear(hidden, intermediate, bias=False)
        self.down = nn.Linear(intermediate, hidden, bias=False)

    def forward(self, x, cosine, sine, cache=None):
        batch, tokens, hidden = x.shape

        def rotated(t):
            first, second = t.chunk(2, dim=-1)
            return t * cosine + torch.cat((-second, first), dim=-1) * sine

        # [batch, heads, tokens, head size]; each key and value head serves heads / kv_heads queries
        h = self.attention_norm(x)
        q = rotated(self.query(h).view(batch, tokens, self.heads, -1).transpose(1, 2))
        k = rotated(self.key(h).view(batch, tokens, self.kv_heads, -1).transpose(1, 2))
        v = self.value(h).view(batch, tokens, self.kv_heads, -1).transpose(1, 2)
        if cache is not None:
            k, v = torch.cat((cache[0], k), dim=2), torch.cat((cache[1], v), dim=2)
        kept = (k, v)
        k, v = (t.repeat_interleave(self.heads // self.kv_heads, dim=1) for t in kept)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=tokens > 1)
        x = x + self.output(attended.transpose(1, 2).reshape(batch, tokens, hidden))
        h = self.network_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h)), kept


class MiniMind(nn.Module):
    """The decoder of 25.8 M parameters, from vectors to normalized hidden states; the embedding is also the head."""

    def __init__(self, vocabulary=6400, hidden=512, layers=8, heads=8, kv_heads=2, intermediate=1408, positions=1024):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.blocks = nn.ModuleList(DecoderBlock(hidden, heads, kv_heads, intermediate) for _ in range(layers))
        self.norm = nn.RMSNorm(hidden, eps=1e-5)

        # rotary angles, half-split: feature i turns with feature i + head size / 2
        head_size = hidden // heads
        frequency = 1e6 ** (-torch.arange(0, head_size, 2) / head_size)
        angle = torch.outer(torch.arange(positions).float(), frequency).repeat(1, 2)
        self.register_buffer("cosine", angle.cos())
        self.register_buffer("sine", angle.sin())

    def forward(self, x, caches=None):
        """Hidden states, and the keys and values of all tokens so far."""
        start = 0 if caches is None else caches[0][0].shape[2]
        cosine, sine = (t[start : start + x.shape[1]] for t in (self.cosine, self.sine))
        kept = []
        for index, block in enumerate(self.blocks):
            x, cache = block(x, cosine, sine, None if caches is None else caches[index])
            kept.append(cache)
        return self.norm(x), kept

    def logits(self, hidden):
        return hidden @ self.embedding.weight.T
