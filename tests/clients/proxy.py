#!/usr/bin/python3
"""A CONNECT proxy that knows one way only: Azure's host names, to a port of this machine.

    proxy.py PORT READY-FILE

It listens on a free port of 127.0.0.1, writes that port to READY-FILE once it serves, and passes what is for port 443
of one of Azure's names on to 127.0.0.1:PORT. Any other name is refused and told on standard error, so nothing that a
client does here reaches a network. It ends with SIGTERM, and by itself after ten minutes.
"""

import asyncio
import os
import re
import signal
import sys

LIFETIME_S = 600
HEAD_TIMEOUT_S = 10
TUNNELS_AT_MOST = 64

# What clients of Azure's public cloud ask for, and nothing that merely looks like it.
NAMES = re.compile(
    r"(login\.microsoftonline\.com|management\.azure\.com|graph\.microsoft\.com"
    r"|[a-z0-9-]+\.vault\.azure\.net|[a-z0-9-]+\.(fhir\.|dicom\.)?azurehealthcareapis\.com):443")


async def copy(source, sink):
    """Pass bytes on until one side has no more."""
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()


async def tunnel(client, answer, port):
    """Read one CONNECT and serve it."""
    head = await asyncio.wait_for(client.readuntil(b"\r\n\r\n"), HEAD_TIMEOUT_S)
    method, target = head.decode("latin-1").split(" ")[:2]
    if method != "CONNECT" or not NAMES.fullmatch(target):
        print(f"proxy: refused {method} {target}", file=sys.stderr, flush=True)
        answer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        await answer.drain()
        return
    server, request = await asyncio.open_connection("127.0.0.1", port)
    answer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await asyncio.gather(copy(client, request), copy(server, answer))


async def main(port, ready):
    tunnels = asyncio.Semaphore(TUNNELS_AT_MOST)

    async def serve(client, answer):
        try:
            async with tunnels:
                await tunnel(client, answer, port)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError, OSError, ValueError) as error:
            print(f"proxy: {error!r}", file=sys.stderr, flush=True)
        finally:
            answer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=8192)

    # Written beside and renamed, so that whoever sees the file sees all of it.
    with open(ready + ".new", "w", encoding="ascii") as file:
        print(server.sockets[0].getsockname()[1], file=file)
    os.rename(ready + ".new", ready)

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.call_later(LIFETIME_S, stop.set)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
