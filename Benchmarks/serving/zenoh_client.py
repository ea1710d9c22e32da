"""Eclipse Zenoh's own client, with LeRobot's messages, against `vla serve-environment --protocol lerobot`.

    zenoh_client.py PORT WORLDS STEPS
"""

import json
import sys
import time
import uuid

import msgpack
import numpy as np
import zenoh

DEPLOYMENT = "lerobot/env/v1/deployments/libero"
port, count, steps = (int(word) for word in sys.argv[1:4])


def session():
    """A peer with one endpoint and no scouting, as LeRobot configures it."""
    config = zenoh.Config()
    for key, value in {
        "mode": "peer", "connect/endpoints": [f"tcp/127.0.0.1:{port}"], "listen/endpoints": [],
        "scouting/multicast/enabled": False, "scouting/gossip/enabled": False, "transport/shared_memory/enabled": False,
    }.items():
        config.insert_json5(key, json.dumps(value))
    return zenoh.open(config)


def decoded(entry):
    if entry.get("__lerobot_type__") != "tensor":
        return entry
    return np.frombuffer(entry["data"], entry["dtype"]).reshape(entry["shape"])


def tensor(array):
    return {
        "__lerobot_type__": "tensor", "dtype": str(array.dtype), "shape": list(array.shape), "endianness": "little",
        "data": array.tobytes(),
    }


def ask(key, kind, body, instance="", session_id="", generation=0):
    """The body of the one answer, which has to repeat what identifies the request."""
    identity = {
        "instance_id": instance, "session_id": session_id, "generation": generation, "request_id": uuid.uuid4().hex}
    request = msgpack.packb({"version": 1, "message_type": kind, **identity, "body": body})
    replies = []
    for _ in range(50):  # the server's declarations may be on their way
        replies = list(client.get(key, payload=request, target=zenoh.QueryTarget.ALL, timeout=120.0))
        if replies:
            break
        time.sleep(0.1)
    assert len(replies) == 1, replies
    answer = msgpack.unpackb(bytes(replies[0].ok.payload), object_hook=decoded)
    assert identity == {name: answer[name] for name in identity}, answer
    if answer["message_type"] == "error":
        raise RuntimeError(answer["body"])
    return answer["body"]


client = session()
described = ask(DEPLOYMENT + "/describe", "describe", {})
instance = described["instance"]
base = f"{DEPLOYMENT}/instances/{instance}"
settings = {"num_envs": count, "clock": "lockstep", "task_group": None, "task_id": 0, "seeds": None}
opened = ask(base + "/open", "open", settings, instance)
mine = f"{base}/sessions/{opened['session']}"
alive = client.liveliness().declare_token(mine + "/client_alive")
print("open:", opened["result"]["task"][0], {name: value.shape for name, value in opened["result"]["obs"].items()})

action = tensor(np.tile(np.array([0.3, 0, -0.2, 0, 0, 0.1, -1], np.float32), (count, 1)))
start = time.perf_counter()
for number in range(steps):
    body = ask(mine + "/step", "control", {"actions": action, "n_ticks": 1}, instance, opened["session"])
    assert body["execution"]["sequence"] == number + 1 and body["execution"]["advanced"].all()
print(f"step: {count * steps / (time.perf_counter() - start):.1f} steps/s with images")
time.sleep(11)  # longer than a lease, and than a session without presence lives
generation = ask(mine + "/reset", "control", {"seeds": [None] * count}, instance, opened["session"])["generation"]
control = mine + "/control"
frames = ask(control, "control", {"operation": "render"}, instance, opened["session"], generation)["frames"]
print("render:", len(frames), frames[0].shape)
try:
    ask(control, "control", {"operation": "snapshot"}, instance, opened["session"], generation - 1)
    raise SystemExit("an old generation was answered")
except RuntimeError as error:
    print("an old generation:", error)
ask(control, "control", {"operation": "close"}, instance, opened["session"], generation)
alive.undeclare()
client.close()
print("closed")
