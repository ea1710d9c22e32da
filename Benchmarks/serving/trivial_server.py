"""A policy that stands still, served to openpi clients as openpi's own server does it: asyncio, websockets, its packer.

    trivial_server.py PORT
"""

import asyncio
import sys
import time

import numpy as np
import websockets.asyncio.server
import websockets.exceptions
from openpi_client import msgpack_numpy

REST = np.tile(np.array([0, 0, 0, 0, 0, 0, -1.0]), (10, 1))


async def serve_client(socket):
    packer = msgpack_numpy.Packer()
    await socket.send(packer.pack({}))
    total = None
    try:
        while True:
            message = await socket.recv()
            arrival = time.monotonic()
            msgpack_numpy.unpackb(message)
            timing = {"infer_ms": 0.0} if total is None else {"infer_ms": 0.0, "prev_total_ms": total * 1000}
            await socket.send(packer.pack({"actions": REST, "server_timing": timing}))
            total = time.monotonic() - arrival
    except websockets.exceptions.ConnectionClosed:
        pass


async def main():
    async with websockets.asyncio.server.serve(
        serve_client, "127.0.0.1", int(sys.argv[1]), compression=None, max_size=None
    ) as server:
        await server.serve_forever()


asyncio.run(main())
