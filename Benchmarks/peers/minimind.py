"""CLIP ViT-B/16 and MiniMind 512 x 8 in eager PyTorch, with random weights: peers of VisionLanguage's models."""

import os

import torch

from models import CLIPTower, MiniMind
from worker import seconds_to_run

torch.set_num_threads(int(os.environ.get("VLA_THREADS", "2")))
torch.manual_seed(0)


def clip_forward():
    model, pixels = CLIPTower().eval(), torch.rand(2, 3, 224, 224)

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
            model.logits(model(vectors)[0][:, -1])

    for _ in range(3):
        run()
    return lambda: [("prefill_431", seconds_to_run(run), "s")]


def decode_step():
    model, vectors = MiniMind().eval(), torch.randn(1, 431, 512)
    with torch.inference_mode():
        _, start = model(vectors)

    def steps(count):
        with torch.inference_mode():
            caches = start
            for index in range(count):
                hidden, caches = model(model.embedding(torch.tensor([[index]])), caches)
                model.logits(hidden[:, -1])

    steps(20)

    def measure():
        # the same float32 model beside both of ours
        milliseconds = seconds_to_run(lambda: steps(50)) / 50 * 1e3
        return [("decode_step", milliseconds, "ms"), ("decode_step/float16", milliseconds, "ms")]

    return measure
