"""distance.py SOCKET MILLISECONDS: stands on a port of loopback, which it prints, for a database that is
so far away, there and back. What is said arrives late and in its order; nothing is held up by more."""

import asyncio
import socket
import sys


async def carry(reader, writer, seconds):
    """Reads on while what was read before is still on its way."""
    loop = asyncio.get_running_loop()
    while data := await reader.read(65536):
        loop.call_later(seconds, writer.write, data)
    loop.call_later(seconds, writer.close)


async def main():
    place, seconds = sys.argv[1], float(sys.argv[2]) / 2000

    async def connected(reader, writer):
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        there = await asyncio.open_unix_connection(place)
        await asyncio.gather(carry(reader, there[1], seconds), carry(there[0], writer, seconds))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
