"""What ActionTokenizer's policies are compared with: the same work in eager PyTorch on the CPU."""

import os

import torch
import torch.nn.functional as F
from torch import nn

from models import CLIPTower, MiniMind
from worker import seconds_to_run, serve

torch.set_num_threads(int(os.environ.get("VLA_THREADS", "2")))
torch.manual_seed(0)

HIDDEN, VOCABULARY = 512, 6400


class Policy(MiniMind):
    """MiniMind-V 512 x 8 with a state row; actions are tokens."""

    def __init__(self):
        super().__init__(VOCABULARY, HIDDEN)
        self.projector = nn.Linear(768, HIDDEN)
        self.fc1, self.fc2 = nn.Linear(8, HIDDEN), nn.Linear(HIDDEN, HIDDEN)

    def prefix(self, features, state, prompt):
        batch = features.shape[0]
        begin = self.embedding(torch.ones(batch, 1, dtype=torch.long))
        images = self.projector(features).reshape(batch, -1, HIDDEN)
        row = self.fc2(F.gelu(self.fc1(state)))[:, None]
        return torch.cat((begin, images, row, self.embedding(prompt)), dim=1)


PROMPT = torch.tensor([[300 + 7 * i for i in range(30)]])


def token_query():
    """Two images, the prefix, seven tokens with the cache, the likeliest of the action tokens each."""
    tower, model = CLIPTower().eval(), Policy().eval()
    pixels, state = torch.rand(2, 3, 224, 224) * 2 - 1, torch.rand(1, 8)
    actions = torch.arange(VOCABULARY - 256, VOCABULARY)

    def query():
        with torch.inference_mode():
            x = model.prefix(tower(pixels)[None], state, PROMPT)
            caches = None
            for _ in range(7):
                hidden, caches = model(x, caches)
                logits = model.logits(hidden[:, -1])
                token = actions[logits[:, actions].argmax(-1)]
                x = model.embedding(token)[:, None]

    query()
    return lambda: [("token_query", seconds_to_run(query), "s")]


def token_training_step():
    """As the story's code: logits of all rows, cross-entropy with the labels -100 but for the actions, AdamW."""
    model = Policy()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=1e-4)
    features, state = torch.rand(2, 2, 196, 768) * 2 - 1, torch.rand(2, 8)
    tokens = torch.randint(VOCABULARY - 256, VOCABULARY, (2, 7))
    end = torch.full((2, 1), 2)

    def step():
        prefix = model.prefix(features, state, PROMPT.expand(2, -1))
        x = torch.cat((prefix, model.embedding(torch.cat((tokens, end), dim=1))), dim=1)
        labels = torch.full(x.shape[:2], -100)
        labels[:, prefix.shape[1]:prefix.shape[1] + 7] = tokens
        logits = model.logits(model(x)[0])
        loss = F.cross_entropy(logits[:, :-1].reshape(-1, VOCABULARY), labels[:, 1:].reshape(-1), ignore_index=-100)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()
    return lambda: [("token_training_step", seconds_to_run(step), "s")]


class Keypoints(nn.Module):
    """Three strided convolutions, a residual one, 24 spatial softmaxes."""

    def __init__(self, widths=(32, 64, 96), width=128):
        super().__init__()
        ins = (3,) + widths[:-1]
        self.stages = nn.ModuleList(nn.Conv2d(i, o, 3, stride=2, padding=1) for i, o in zip(ins, widths))
        self.norms = nn.ModuleList(nn.LayerNorm(o) for o in widths)
        self.residual, self.residual_norm = nn.Conv2d(widths[-1], widths[-1], 3, padding=1), nn.LayerNorm(widths[-1])
        self.modulation = nn.Linear(width, 2 * widths[-1])
        self.heat, self.features = nn.Linear(widths[-1], 24), nn.Linear(widths[-1], width)
        self.coordinates, self.names = nn.Linear(2, width), nn.Parameter(torch.randn(24, width) * 0.02)
        line = (torch.arange(12) + 0.5) / 6 - 1
        self.register_buffer("grid", torch.stack(torch.meshgrid(line, line, indexing="xy"), dim=-1).reshape(-1, 2))

    def forward(self, x, condition):
        def normed(norm, x):
            return norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

        for stage, norm in zip(self.stages, self.norms):
            x = F.gelu(normed(norm, stage(x)), approximate="tanh")
        x = x + self.residual(F.gelu(normed(self.residual_norm, x), approximate="tanh"))
        x = x.flatten(2).transpose(1, 2)
        scale, shift = self.modulation(condition)[:, None].chunk(2, dim=-1)
        x = x * (1 + scale) + shift
        attention = self.heat(x).transpose(1, 2).softmax(-1)
        return attention @ self.features(x) + self.coordinates(attention @ self.grid) + self.names


def regression_step():
    """32 examples: two cameras' keypoints, state, instruction, nine queries, two blocks of width 128."""
    width, heads = 128, 4
    towers = nn.ModuleList(Keypoints() for _ in range(2))
    words, one, two = nn.Embedding(40, width), nn.Linear(width, width), nn.Linear(width, width)
    state1, state2 = nn.Linear(8, width), nn.Linear(width, width)
    layers = nn.ModuleList(
        nn.TransformerEncoderLayer(width, heads, 384, dropout=0, activation="gelu", batch_first=True, norm_first=True)
        for _ in range(2))
    queries = nn.Parameter(torch.randn(9, width) * 0.5)
    head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 7))
    event = nn.Linear(width, 3)
    model = nn.ModuleList([towers, words, one, two, state1, state2, layers, head, event])
    optimizer = torch.optim.AdamW(list(model.parameters()) + [queries], lr=1e-4)
    images = [torch.rand(32, 3, 96, 96) * 2 - 1 for _ in range(2)]
    state, ids = torch.rand(32, 8), torch.tensor([[3, 9, 4, 12, 5, 6]] * 32)
    targets, events = torch.rand(32, 8, 7), torch.rand(32, 3)

    def step():
        condition = two(F.gelu(one(words(ids).mean(1)), approximate="tanh"))
        tokens = [tower(x, condition) for tower, x in zip(towers, images)]
        tokens += [state2(F.gelu(state1(state)))[:, None], condition[:, None], queries.expand(32, -1, -1)]
        x = torch.cat(tokens, dim=1)
        for layer in layers:
            x = layer(x)
        out, place = head(x[:, -9:-1]), event(x[:, -1])
        loss = (out[..., :6] - targets[..., :6]).abs().mean() + (place - events).abs().mean() * 0.5
        loss = loss + 0.1 * F.binary_cross_entropy_with_logits(out[..., 6], targets[..., 6])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()
    return lambda: [("regression_step", 32 / seconds_to_run(step), "examples/s")]


serve({
    "token_query": token_query, "token_training_step": token_training_step, "regression_step": regression_step,
})
