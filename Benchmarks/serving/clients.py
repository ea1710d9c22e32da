"""Many clients of a policy server at once, and its memory; with --deaf one more that never reads its answers.

    clients.py PORT CLIENTS SECONDS CALLS_PER_SECOND PID [--deaf]
"""

import asyncio
import sys
import time

import websockets
from openpi_client import msgpack_numpy

from calls import HANDSHAKE, masked_frame, observation

port, client_count, duration, rate, pid = (float(word) for word in sys.argv[1:6])
port, client_count, pid = int(port), int(client_count), int(pid)
message = observation()
times = []
errors = []


def resident():
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


async def client(number, end):
    try:
        url = f"ws://127.0.0.1:{port}"
        async with websockets.connect(url, compression=None, max_size=None, proxy=None) as socket:
            await socket.recv()
            await asyncio.sleep(number / client_count / rate)
            while time.monotonic() < end:
                start = time.monotonic()
                await socket.send(message)
                assert msgpack_numpy.unpackb(await socket.recv())["actions"].shape[1] == 7
                times.append(time.monotonic() - start)
                await asyncio.sleep(max(0, 1 / rate - times[-1]))
    except Exception as error:
        errors.append(f"client {number}: {error!r}")


async def deaf_client(end):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.transport.pause_reading()
    writer.write(HANDSHAKE)
    frame, count = masked_frame(message), 0
    try:
        while time.monotonic() < end:
            writer.write(frame)
            await asyncio.wait_for(writer.drain(), 90)
            count += 1
    except (OSError, asyncio.TimeoutError) as error:
        print(f"the client that does not read: {type(error).__name__} after {count} messages", flush=True)


async def main():
    start = time.monotonic()
    end = start + duration
    tasks = [asyncio.create_task(client(number, end)) for number in range(client_count)]
    if "--deaf" in sys.argv:
        tasks.append(asyncio.create_task(deaf_client(end)))
    while time.monotonic() < end:
        await asyncio.sleep(duration / 10)
        recent = sorted(times[-2000:]) or [0]
        median, late = (recent[int(share * (len(recent) - 1))] * 1000 for share in (0.5, 0.99))
        print(
            f"{time.monotonic() - start:5.0f} s: {len(times)} calls, {len(errors)} errors, median {median:.1f} ms, "
            f"99 % {late:.1f} ms, memory {resident():.1f} MiB", flush=True)
    await asyncio.gather(*tasks)
    print("\n".join(errors))


asyncio.run(main())
