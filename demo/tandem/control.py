"""Take orders while the service runs: JSON over HTTP under /demo/, on the loopback interface only."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
import json
from typing import Any

from aiohttp import web

from demo.faults import Faults
from demo.pump import SimulatedPump
from demo.pump.names import ALARMS, ALERTS, CGM_ALERTS, number

from .account import Account, ListedPump, utc_stamp
from .faults import FIREWALL, GATEWAY, Fault
from .oidc import SignIn
from .seen import Seen

type Wish = dict[str, Any]

MODES: dict[str, Callable[[], Fault]] = {
    "down": lambda: Fault(status=503, body=GATEWAY, times=None),
    "firewall": lambda: Fault(status=403, body=FIREWALL, times=None),
    "gone": lambda: Fault(path="/api/", status=404, body="", times=None),
    "busy": lambda: Fault(
        status=429, body="", headers={"Retry-After": "120"}, times=None
    ),
    "html": lambda: Fault(path="/api/", status=200, body=GATEWAY, times=None),
    "truncated": lambda: Fault(path="/api/", truncate=200, times=None),
    "cut": lambda: Fault(path="/api/", cut=200, times=None),
    "slow": lambda: Fault(path="/api/", delay=20, times=None),
}


class Control:
    """The strings of one simulated service."""

    def __init__(
        self,
        *,
        accounts: Mapping[str, Account],
        faults: Faults[Fault],
        requests: Sequence[Seen],
        sign_in: SignIn,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts of a service."""
        self._accounts = accounts
        self._faults = faults
        self._requests = requests
        self._sign_in = sign_in
        self._now = now

    def routes(self) -> list[web.RouteDef]:
        """Return the routes under /demo/."""
        actions: dict[str, Callable[[Wish], object]] = {
            "upload": lambda wish: self._pump(wish)[1].upload(),
            "fail": self._fail,
            "heal": lambda wish: self._faults.clear(),
            "expire": lambda wish: self._sign_in.expire_tokens(),
            "password": self._change_password,
        }
        actions |= {name: self._pump_action(act) for name, act in PUMP_ACTIONS.items()}
        posts = [web.post(f"/demo/{name}", _post(act)) for name, act in actions.items()]
        return [web.get("/demo/state", self._state), *posts]

    def _pump(self, wish: Wish) -> tuple[SimulatedPump, ListedPump]:
        """Return the pump meant: that of a serial number, else the last one added."""
        found = [
            (listed.pump, listed)
            for account in self._accounts.values()
            for listed in account.pumps
            if isinstance(listed.pump, SimulatedPump)
            and wish.get("serial") in (None, listed.pump.serial_number)
        ]
        if not found:
            raise ValueError("there is no such pump")
        return found[-1]

    def _pump_action(
        self, act: Callable[[SimulatedPump, Wish], object]
    ) -> Callable[[Wish], object]:
        """Return an action that runs the pump up to now, does something to it and uploads."""

        def do(wish: Wish) -> None:
            pump, listed = self._pump(wish)
            pump.run_until(self._now())
            act(pump, wish)
            if wish.get("upload", True):
                listed.upload()

        return do

    def _fail(self, wish: Wish) -> None:
        mode = str(wish.get("mode", "down"))
        if mode not in MODES:
            raise ValueError(f"unknown: {mode}; known are {', '.join(MODES)}")
        self._faults.clear()
        fault = self._faults.add(MODES[mode]())
        fault.times = wish.get("times")

    def _change_password(self, wish: Wish) -> None:
        for account in self._accounts.values():
            if wish.get("email") in (None, account.email):
                account.password = str(wish["password"])

    async def _state(self, request: web.Request) -> web.Response:
        """Answer with pumps, faults and counts of requests."""
        pumps = [
            {
                "serial": listed.pump.serial_number,
                "lastUploadDate": utc_stamp(listed.last_upload)
                if listed.last_upload
                else None,
                "maxDateOfEvents": listed.max_date,
                "events": len(listed.pump.events),
                **(_now(listed.pump) if isinstance(listed.pump, SimulatedPump) else {}),
            }
            for account in self._accounts.values()
            for listed in account.pumps
        ]
        statuses = Counter(
            f"{seen.method} {seen.path} {seen.status}" for seen in self._requests
        )
        state = {
            "pumps": pumps,
            "requests": statuses,
            "failing": len(self._faults.rules),
        }
        return web.json_response(state)


def _now(pump: SimulatedPump) -> dict[str, Any]:
    return {
        "now": utc_stamp(pump.now),
        "pumpClock": pump.clock.shown().isoformat(),
        "insulinOnBoard": round(pump.insulin_on_board(), 2),
        "basalRate": pump.basal.rates.rate / 1000,
        "glucose": pump.sensor.last.value if pump.sensor.last else None,
        "suspended": pump.basal.suspended,
        "alarms": pump.alarms.alarms,
        "alerts": pump.alarms.alerts,
        "reservoir": round(pump.reservoir.left, 1),
        "battery": pump.battery.settle(),
    }


PUMP_ACTIONS: dict[str, Callable[[SimulatedPump, Wish], object]] = {
    "alarm": lambda pump, wish: pump.provoke_alarm(number(ALARMS, wish["alarm"])),
    "clear-alarm": lambda pump, wish: pump.clear_alarm(number(ALARMS, wish["alarm"])),
    "malfunction": lambda pump, wish: pump.provoke_malfunction(
        int(wish.get("number", 9))
    ),
    "alert": lambda pump, wish: pump.provoke_alert(number(ALERTS, wish["alert"])),
    "clear-alert": lambda pump, wish: pump.clear_alert(number(ALERTS, wish["alert"])),
    "cgm-alert": lambda pump, wish: pump.provoke_cgm_alert(
        number(CGM_ALERTS, wish["alert"])
    ),
    "clear-cgm-alert": lambda pump, wish: pump.clear_cgm_alert(
        number(CGM_ALERTS, wish["alert"])
    ),
    "bolus": lambda pump, wish: pump.give_bolus(
        float(wish["units"]), int(wish.get("carbs", 0))
    ),
    "suspend": lambda pump, wish: pump.suspend(),
    "resume": lambda pump, wish: pump.resume(),
    "change-site": lambda pump, wish: pump.change_site(),
    "clock": lambda pump, wish: pump.move_clock(
        timedelta(minutes=float(wish["minutes"]))
    ),
}


def _post(act: Callable[[Wish], object]) -> Callable[[web.Request], Any]:
    """Return a handler that reads a JSON request, carries it out, and answers errors in words."""

    async def handle(request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return web.json_response({"error": "send JSON"}, status=415)
        try:
            wish = json.loads(await request.text() or "{}")
            act(wish)
        except KeyError as error:
            return web.json_response(
                {"error": f"{error.args[0]} is missing"}, status=400
            )
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"done": True})

    return handle
