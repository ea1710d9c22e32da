"""Messages of openpi's protocol by msgpack, WebSocket frames by hand (RFC 6455), images by Pillow."""

import base64
import hashlib
import struct

import msgpack
import numpy as np
from PIL import Image

from common import folder, write_json
from images import scene

digest = lambda data: hashlib.sha256(bytes(data)).hexdigest()


def packed(value):
    """openpi's form of arrays: a map whose keys are bytes."""
    def array(a):
        return {b"__ndarray__": True, b"data": a.tobytes(), b"dtype": a.dtype.str, b"shape": list(a.shape)}
    return msgpack.packb({k: array(v) if isinstance(v, np.ndarray) else v for k, v in value.items()})


class Map(list):
    """The entries of a map in their order."""


def described(data):
    """A payload without interpretation, in the form the tests compare with."""
    def node(v):
        if isinstance(v, Map):
            return {"map": [[node(k), node(x)] for k, x in v]}
        if isinstance(v, list):
            return {"array": [node(x) for x in v]}
        if v is None:
            return {"nil": None}
        if isinstance(v, bool):
            return {"bool": v}
        if isinstance(v, int):
            return {"int": str(v)}
        if isinstance(v, float):
            return {"f64": v, "bits": struct.pack(">d", v).hex()}
        if isinstance(v, str):
            return {"str": v}
        return {"bin": {"n": len(v), "sha256": digest(v)}}
    return node(msgpack.unpackb(data, raw=False, strict_map_key=False, object_pairs_hook=Map))


def message(name, direction, content):
    data = packed(content)
    place = folder(f"golden/serving/{name}")
    (place / "frame.bin").write_bytes(data)
    decoded = [{"path": k, "array": v.dtype.str, "shape": list(v.shape), "sha256": digest(v.tobytes()),
                "first": v.reshape(-1)[:4].tolist()} for k, v in content.items() if isinstance(v, np.ndarray)]
    write_json(place / "case.json", {
        "case": name, "protocol": "openpi", "kind": "message", "direction": direction, "reencode_identical": True,
        "tree": described(data), "decoded": decoded})
    return data


def frame(opcode, payload, mask=None):
    length = len(payload)
    head = bytes([0x80 | opcode])
    bit = 0x80 if mask else 0
    if length < 126:
        head += bytes([bit | length])
    elif length < 1 << 16:
        head += bytes([bit | 126]) + struct.pack(">H", length)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", length)
    if not mask:
        return head + payload
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def session(requests, answers):
    """One connection: a client's requests, the server's metadata and answers, the client's end."""
    key = base64.b64encode(b"fixed key of 16b").decode()
    accept = base64.b64encode(
        hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    request_head = ["GET / HTTP/1.1", "Host: 127.0.0.1:8000", "Upgrade: websocket", "Connection: Upgrade",
                    f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    response_head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                     f"Sec-WebSocket-Accept: {accept}"]
    streams = {"client": "\r\n".join(request_head + ["", ""]).encode(), "server": "\r\n".join(response_head + ["", ""]).encode()}
    frames = []

    def send(side, opcode, payload, **more):
        mask = bytes([17, 34, 51, 68]) if side == "client" else None
        data = frame(opcode, payload, mask)
        start = len(streams[side])
        streams[side] += data
        frames.append({"from": side, "offset": start, "end": start + len(data), "fin": True, "opcode": opcode,
                       "masked": mask is not None, "length": len(payload), "sha256": digest(payload), **more})

    metadata = packed({"made": True})
    send("server", 2, metadata, tree_keys=["made"])
    for request, answer in zip(requests, answers):
        send("client", 2, request, tree_keys=list(msgpack.unpackb(request, strict_map_key=False)))
        send("server", 2, answer, tree_keys=list(msgpack.unpackb(answer, strict_map_key=False)))
    send("client", 9, b"still there?", hex=b"still there?".hex())
    send("server", 10, b"still there?", hex=b"still there?".hex())
    end = struct.pack(">H", 1000)
    send("client", 8, end, close_code=1000, reason="")
    send("server", 8, end, close_code=1000, reason="")
    frames.sort(key=lambda f: (f["from"], f["offset"]))
    place = folder("golden/serving/made-session")
    for side, data in streams.items():
        (place / f"{side}.bin").write_bytes(data)
    write_json(place / "case.json", {
        "case": "made-session", "protocol": "openpi", "kind": "session", "request_head": request_head,
        "response_head": response_head, "frames": frames})


def resized(pixels, height, width):
    """openpi's resize_with_pad: as large as fits, in the middle of black."""
    image = Image.fromarray(pixels)
    ratio = max(image.width / width, image.height / height)
    w, h = int(image.width / ratio), int(image.height / ratio)
    result = Image.new("RGB", (width, height), 0)
    result.paste(image.resize((w, h), Image.BILINEAR), (max(0, int((width - w) / 2)), max(0, int((height - h) / 2))))
    return np.asarray(result)


def images():
    place, rows = folder("golden/serving/made-resize"), []
    for number, (width, height, to_height, to_width) in enumerate(((40, 30, 36, 36), (30, 44, 24, 40), (16, 16, 20, 20))):
        source = scene(width, height, 40 + number)
        result = resized(source, to_height, to_width)
        (place / f"in{number}.bin").write_bytes(source.tobytes())
        (place / f"out{number}.bin").write_bytes(result.tobytes())
        rows.append({"in": f"in{number}.bin", "in_shape": list(source.shape), "out": f"out{number}.bin",
                     "out_shape": list(result.shape)})
    write_json(place / "case.json", {"case": "made-resize", "protocol": "openpi", "kind": "image", "pairs": rows})


def make():
    rng = np.random.default_rng(1)
    observation = lambda i: {
        "observation/image": scene(16, 16, 50 + i), "observation/wrist_image": scene(16, 16, 60 + i),
        "observation/state": rng.normal(size=8), "prompt": "pick up the red block"}
    action = lambda: {"actions": rng.normal(size=(5, 7))}
    requests = [message("made-observation", "client", observation(0)), packed(observation(1))]
    answers = [message("made-action", "server", action()), packed(action())]
    session(requests, answers)
    images()
    write_json(folder("golden/serving/made-health") / "case.json", {
        "case": "made-health", "protocol": "openpi", "kind": "http", "requests": [
            {"path": "/healthz", "status": "HTTP/1.1 200", "body": "OK\n", "content_type": ["text/plain"]}]})
