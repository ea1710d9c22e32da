"""Steps a second of `vla serve-environment` from Python.

    worlds.py PORT SUITE WORLDS STEPS [RENDER_PROFILE]      with a profile, images of both cameras come with each step
"""

import pathlib
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "Docs"))
from vla_environment import Environment  # noqa: E402

port, suite, count, steps = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
profile = sys.argv[5] if len(sys.argv) > 5 else None
world = Environment(f"ws://127.0.0.1:{port}", suite=suite, worlds=count, render_profile=profile or "faithful")
world.reset(task=0, **({"initial_state": 0} if world.info["initial_states"][0] else {"seed": 0}))
random = np.random.default_rng(0)
images = profile is not None
world.step(np.zeros((count, 7)), images=images)
start = time.perf_counter()
for _ in range(steps):
    actions = random.uniform(-0.3, 0.3, (count, 7))
    actions[:, 6] = -1
    world.step(actions, images=images)
seconds = time.perf_counter() - start
print(f"{suite}, {count} worlds, {profile or 'no images'}: {count * steps / seconds:.1f} steps/s")
