"""The episodes of an evaluation once more: openpi-client asks `vla serve`, `vla serve-environment` is the world.

    episodes.py RESULT_JSON POLICY_PORT ENVIRONMENT_PORT

Says whether success, steps and the last state's bits are those of `vla evaluate`.
"""

import json
import pathlib
import sys

import numpy as np
from openpi_client.websocket_client_policy import WebsocketClientPolicy

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "Docs"))
from vla_environment import Environment  # noqa: E402

file = pathlib.Path(sys.argv[1])
result = json.loads(file.read_text())
rules, suite = result["provenance"]["rules"], result["provenance"]["suite"]
policy = WebsocketClientPolicy("127.0.0.1", int(sys.argv[2]))
world = Environment(
    f"ws://127.0.0.1:{sys.argv[3]}", suite=suite, image_size=rules["pictureSize"], orientation="rotated180",
    render_profile=rules["renderProfile"], placement_seed=rules["environmentSeed"])


def start(placement):
    if "stored" in placement:
        return {"initial_state": placement["stored"]["index"]}
    return {"seed": int(np.uint64(placement["drawn"]["seed"]).astype(np.int64))}


same = 0
for episode in result["episodes"]:
    seen = world.reset(
        task=episode["task"], settle=rules["settlingStepCount"], **start(episode["start"]["placement"]))
    prompt, plan, steps, success = seen["instruction"][0], [], 0, False
    while not success and steps < rules["stepLimit"]:
        if not plan:
            images = world.render()
            plan = list(policy.infer({
                "observation/image": images["agentview"][0], "observation/wrist_image": images["eye_in_hand"][0],
                "observation/state": seen["state"][0], "prompt": prompt})["actions"])
        seen = world.step(plan.pop(0))
        steps, success = steps + 1, bool(seen["success"][0])
    lines = (file.parent / episode["record"]).read_text().splitlines()
    last = [json.loads(line)["hash"] for line in lines if '"hash"' in line][-1]
    isSame = (success, steps, seen["state_hash"][0]) == (episode["isSuccess"], episode["stepCount"], last)
    same += isSame
    print(f"task {episode['task']}, episode {episode['number']}: success {success} after {steps} steps, "
          f"{'the same bits' if isSame else 'not the same'}", flush=True)
print(f"{same} of {len(result['episodes'])} episodes are the same")
