"""Run one of the simulated services in a process of its own: python -m demo.soak.service."""

import argparse
import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import Fault as NightscoutFault
from demo.tandem import Fault as TandemFault, SimulatedTandem

from .faults import Given
from .month import EMAIL, Month

API_SECRET = "another sesame, closed"
COLLECTIONS = ("treatments", "entries", "devicestatus", "profile")

type Wish = dict[str, Any]


class TandemService:
    """A Tandem Source whose phone uploads on request."""

    def __init__(self, given: argparse.Namespace) -> None:
        """Run the pump; nothing is uploaded yet."""
        self._month = Month(
            seed=given.seed,
            end=datetime.fromisoformat(given.end),
            days=given.days,
        )
        self.server = SimulatedTandem(token_lifetime=timedelta(hours=1))
        self._listed = self._month.account(self.server)
        self._next = 0
        self.given = Given(self.server.faults, TandemFault)

    def upload(self, wish: Wish) -> Wish:
        """Deliver all uploads up to a number; those it has delivered before stay as they are."""
        while self._next <= min(wish["number"], len(self._month.uploads) - 1):
            self._month.deliver(self._listed, self._next)
            self._next += 1
        return {"left": len(self._month.uploads) - self._next}

    def ask(self, wish: Wish) -> Wish:
        """Return the requests so far, and the secrets that no log may contain."""
        sign_in, account = self.server.sign_in, self.server.accounts[EMAIL.lower()]
        return {
            "requests": len(self.server.requests),
            "events": len(self._month.pump.events),
            "sign_ins": sign_in.sign_ins,
            "refused": sign_in.refused,
            **self.given.counted(),
            "secrets": [*sign_in.tokens, account.account_id, account.pumper_id],
        }


class NightscoutService:
    """A Nightscout that stores its documents in a file."""

    def __init__(self, given: argparse.Namespace) -> None:
        """Read the documents from the file."""
        self.server = SimulatedNightscout(
            api_secret=API_SECRET, version=given.version, data_file=given.data_file
        )
        self.given = Given(self.server.faults, NightscoutFault)

    def ask(self, wish: Wish) -> Wish:
        """Return all documents and the requests so far."""
        held = {name: self.server.documents(name) for name in COLLECTIONS}
        requests = [asdict(seen) for seen in self.server.requests]
        return {
            "documents": held,
            "requests": len(requests),
            "written": sum(seen["method"] != "GET" for seen in requests),
            **self.given.counted(),
            "with_secret_in_address": sum(
                "secret" in seen["query"] or "token" in seen["query"]
                for seen in requests
            ),
        }


def answering(act: Callable[[Wish], Wish]) -> Callable[[web.Request], Any]:
    """Return a handler that runs an action with the values of a JSON object."""

    async def handle(request: web.Request) -> web.Response:
        return web.json_response(act(await request.json()))

    return handle


async def serve(given: argparse.Namespace) -> None:
    """Serve until killed."""
    service: TandemService | NightscoutService
    if given.service == "tandem":
        service = TandemService(given)
    else:
        service = NightscoutService(given)
    await service.server.start(port=given.port)
    app = web.Application(client_max_size=2**20)
    acts = [service.ask, service.given.fail, service.given.heal]
    if isinstance(service, TandemService):
        acts.append(service.upload)
    for act in acts:
        app.router.add_post(f"/{act.__name__}", answering(act))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", given.control).start()
    await asyncio.Event().wait()


def main() -> None:
    """Serve as the command line has it."""
    parser = argparse.ArgumentParser(prog="demo.soak.service", description=__doc__)
    parser.add_argument("service", choices=("tandem", "nightscout"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--end", default="")
    parser.add_argument("--days", type=float, default=0)
    parser.add_argument("--version", default="15.0.7")
    parser.add_argument("--data-file", type=Path)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
