"""The peer of LiberoData: lerobot 0.4.4 on the set the Swift side reads.

lerobot asks for an older torch than the other peers, and runs with theirs: Benchmarks/run installs it beside them without
what it asks for (requirements-liberodata.txt).
"""

import os
import pathlib
import random

import torch

from worker import seconds_to_run, serve

torch.set_num_threads(1)
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("VLA_SHARED", ROOT.parent / "shared"))


def samples(name):
    def case():
        from lerobot.datasets.lerobot_dataset import LeRobotDataset

        root = SHARED / "data/samples/lerobot/v30_image"
        chunk = {"action": [i / 10 for i in range(8)]}
        dataset = LeRobotDataset("local/v30_image", root=root, delta_timestamps=chunk)
        count = 280
        order = [random.Random(1).randrange(len(dataset)) for _ in range(count)]

        def run():
            for index in order:
                dataset[index]

        run()
        return lambda: [(name, count / seconds_to_run(run), "samples/s")]

    return case


serve({name: samples(name) for name in ("lerobot_sample", "lerobot_sample_2_threads", "lerobot_sample_cached")})
