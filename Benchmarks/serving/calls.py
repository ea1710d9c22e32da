"""What a call costs a server: an observation packed before is sent by a bare socket, its answer awaited.

    calls.py COUNT PORT PORT ...

The servers take turns in blocks of 50 calls, so that other work on the machine meets all alike.
"""

import socket
import struct
import sys
import time

import numpy as np
from openpi_client import msgpack_numpy

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: " + KEY + b"\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def observation():
    """Two images of 224 x 224, a state and an instruction: what openpi's LIBERO client sends."""
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (2, 224, 224, 3), np.uint8)
    return msgpack_numpy.packb({
        "observation/image": images[0], "observation/wrist_image": images[1], "observation/state": np.zeros(8),
        "prompt": "pick up the black bowl and place it on the plate",
    })


def masked_frame(payload):
    mask = b"\x12\x34\x56\x78"
    hidden = np.frombuffer(payload, np.uint8) ^ np.resize(np.frombuffer(mask, np.uint8), len(payload))
    return b"\x82\xff" + struct.pack(">Q", len(payload)) + mask + hidden.tobytes()


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(HANDSHAKE)
        self.bytes = b""
        while b"\r\n\r\n" not in self.bytes:
            self.bytes += self.socket.recv(65536)
        self.bytes = self.bytes.split(b"\r\n\r\n", 1)[1]
        self.receive()  # the metadata

    def receive(self):
        """The next message's payload; pings are passed over."""
        while True:
            if len(self.bytes) >= 2:
                length, start = self.bytes[1] & 127, 2
                if length == 126:
                    start = 4
                    length = struct.unpack(">H", self.bytes[2:4])[0] if len(self.bytes) >= 4 else 1 << 16
                if len(self.bytes) >= start + length:
                    first, payload = self.bytes[0], self.bytes[start:start + length]
                    self.bytes = self.bytes[start + length:]
                    if first & 15 != 9:
                        return payload
                    continue
            self.bytes += self.socket.recv(65536)

    def call(self, frame):
        start = time.perf_counter()
        self.socket.sendall(frame)
        self.receive()
        return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    frame = masked_frame(observation())
    clients = {port: Client(int(port)) for port in sys.argv[2:]}
    times = {port: [] for port in clients}
    for client in clients.values():
        for _ in range(20):
            client.call(frame)
    for _ in range(int(sys.argv[1]) // 50):
        for port, client in clients.items():
            times[port] += [client.call(frame) for _ in range(50)]
    for port, values in times.items():
        p5, p50, p95 = np.percentile(values, [5, 50, 95])
        print(f"port {port}: median {p50:.3f} ms, 5 % {p5:.3f}, 95 % {p95:.3f}, {len(values)} calls")
