"""Steps the worlds of `vla serve-environment`: LIBERO without robosuite, several worlds at a time.

Needs msgpack, numpy and websockets (pip install msgpack numpy websockets).

    env = Environment("ws://127.0.0.1:8001", suite="libero_object", worlds=4)
    seen = env.reset(task=0, initial_state=[0, 1, 2, 3], settle=10, images=True)
    while not seen.get("success", np.zeros(4, bool)).all():
        seen = env.step(policy(seen["images"]["agentview"], seen["state"], seen["instruction"]), images=True)
"""

import msgpack
import numpy as np
from websockets.sync.client import connect


def _encode(value):
    """Arrays as maps of type, shape and bytes; NumPy's numbers as plain ones."""
    if isinstance(value, np.ndarray):
        return {"__ndarray__": True, "data": value.tobytes(), "dtype": value.dtype.str, "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _decode(entry):
    if "__ndarray__" not in entry:
        return entry
    return np.frombuffer(entry["data"], np.dtype(entry["dtype"])).reshape(entry["shape"])


class Environment:
    """Worlds of one suite. `info` holds tasks, stored initial states, cameras and what the action's numbers mean."""

    def __init__(self, url="ws://127.0.0.1:8001", worlds=1, key=None, **settings):
        """settings: suite, image_size, render_profile, orientation (raw, rotated180, upright), placement_seed."""
        headers = {"Authorization": f"Api-Key {key}"} if key else None
        self._socket = connect(url, additional_headers=headers, compression=None, max_size=None, proxy=None)
        self.server = self._receive()
        self.info = self._ask("make", worlds=worlds, **settings)

    def reset(self, task, initial_state=None, seed=None, settle=0, images=False, worlds=None):
        """Begins episodes of a task, in a stored initial state or one drawn by a seed; numbers, or one for each world.

        settle: steps with an open gripper in which everything comes to rest, 10 in LIBERO's protocol.
        Returns state [n, 8] (position, axis-angle, fingers), joint_positions [n, 7], instruction, state_hash, and images
        {camera: uint8 [n, height, width, 3]} where asked for. worlds: numbers of those that are meant, else all.
        """
        return self._ask(
            "reset", task=task, initial_state=initial_state, seed=seed, settle=settle, images=images, worlds=worlds)

    def step(self, actions, images=False, worlds=None):
        """Carries out one action in each world, [n, 7]; returns what reset does, success [n] and steps [n]."""
        actions = np.atleast_2d(np.asarray(actions, np.float64))
        return self._ask("step", actions=np.ascontiguousarray(actions), images=images, worlds=worlds)

    def render(self, images=True, worlds=None):
        """Images of all cameras, or of those named."""
        return self._ask("render", images=images, worlds=worlds)["images"]

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _ask(self, op, **entries):
        request = {"op": op, **{name: value for name, value in entries.items() if value is not None}}
        self._socket.send(msgpack.packb(request, default=_encode))
        answer = self._receive()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def _receive(self):
        return msgpack.unpackb(self._socket.recv(), object_hook=_decode)
