"""Run a simulated Nightscout by itself: API_SECRET=… python -m demo.nightscout."""

import argparse
import asyncio
import os
from pathlib import Path
import signal

from .server import SimulatedNightscout


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="demo.nightscout", description=__doc__)
    parser.add_argument(
        "--host", default="localhost", help="where to listen (localhost)"
    )
    parser.add_argument("--port", type=int, default=1337, help="port, 0 for any (1337)")
    parser.add_argument("--version", choices=("15.0.7", "15.0.6"), default="15.0.7")
    parser.add_argument("--units", choices=("mg/dl", "mmol"), default="mg/dl")
    parser.add_argument("--data-file", type=Path, help="keep the documents here")
    parser.add_argument(
        "--latency", type=float, default=0.0, help="seconds before each answer"
    )
    return parser.parse_args()


async def serve(given: argparse.Namespace, api_secret: str) -> None:
    """Serve until the process is told to end."""
    server = SimulatedNightscout(
        api_secret=api_secret,
        version=given.version,
        units=given.units,
        data_file=given.data_file,
        latency=given.latency,
    )
    await server.start(given.host, given.port)
    print(f"Simulated Nightscout {given.version} at {server.url}", flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    await server.stop()


def main() -> None:
    """Serve with the API_SECRET of the environment."""
    given = options()
    api_secret = os.environ.get("API_SECRET", "")
    if len(api_secret) < 12:
        raise SystemExit("Set API_SECRET to 12 characters or more, as Nightscout asks.")
    asyncio.run(serve(given, api_secret))


if __name__ == "__main__":
    main()
