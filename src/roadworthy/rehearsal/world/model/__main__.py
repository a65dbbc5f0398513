"""`python -m roadworthy.rehearsal.world.model`: the simulated providers in plain HTTP, for tests and the bench."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

import uvloop

from roadworthy.rehearsal.world.model.providers import Providers, Settings


def main() -> None:
    """Serve until interrupted; the first line of the output is the port."""
    parser = argparse.ArgumentParser(description="Serve the simulated model providers in plain HTTP.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    arguments = parser.parse_args()
    try:
        uvloop.run(serve(arguments.host, arguments.port))
    except KeyboardInterrupt:
        sys.exit(0)


async def serve(host: str, port: int) -> None:
    """Serve for ever."""
    providers = Providers(Settings(), time.monotonic)
    server = await asyncio.get_running_loop().create_server(providers.connection, host, port)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    main()
