"""Read the demo's command line: python -m demo, started by scripts/demo."""

import argparse
import asyncio
from datetime import timedelta
from pathlib import Path
import signal
import sys

from .commands import ALARMS, ALERTS
from .control import NotRunningError, send
from .home_assistant import NotStartedError, RefusedError
from .places import NoPortError
from .running import Demo

FOLDER = Path(".demo")
SOCKET = FOLDER / "control"


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=Demo.__doc__)
    parser.add_argument(
        "--port",
        type=int,
        default=8123,
        help="Home Assistant's, or the next free (8123)",
    )
    parser.add_argument(
        "--upload-minutes",
        type=float,
        default=5,
        help="time between the pump's uploads (5; real ones come hourly)",
    )
    parser.add_argument(
        "--accounts",
        type=int,
        choices=(1, 2),
        default=1,
        help="how many people with a pump (1)",
    )
    commands = parser.add_subparsers(
        dest="command", title="while the demo runs, in another terminal"
    )
    alarm = commands.add_parser("alarm", help="raise an alarm on the pump")
    alarm.add_argument("argument", choices=ALARMS, nargs="?", default="occlusion")
    alert = commands.add_parser("alert", help="raise an alert on the pump")
    alert.add_argument("argument", choices=ALERTS, nargs="?", default="insulin-low")
    bolus = commands.add_parser("bolus", help="give a bolus of so many units")
    bolus.add_argument("argument", metavar="units", nargs="?", default="2")
    offline = commands.add_parser("offline", help="upload nothing for some minutes")
    offline.add_argument("argument", metavar="minutes", nargs="?", default="90")
    commands.add_parser("suspend", help="stop delivery")
    commands.add_parser("resume", help="deliver again")
    parser.set_defaults(argument="")
    return parser.parse_args()


async def run(port: int, upload_every: timedelta, accounts: int) -> None:
    """Run until Ctrl-C, or until Home Assistant ends."""
    running = asyncio.ensure_future(
        Demo(FOLDER, port=port, upload_every=upload_every, accounts=accounts).run()
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        print("Stopped. The next start goes on from here.")


def main() -> None:
    """Run the demo, or ask the running one for something."""
    given = options()
    try:
        if given.command:
            print(asyncio.run(send(SOCKET, given.command, given.argument)))
        else:
            upload_every = timedelta(minutes=given.upload_minutes)
            asyncio.run(run(given.port, upload_every, given.accounts))
    except NotRunningError:
        sys.exit("The demo is not running. Start it with scripts/demo.")
    except NoPortError as error:
        sys.exit(str(error))
    except (NotStartedError, RefusedError) as error:
        sys.exit(f"Home Assistant could not be set up:\n{error}")


if __name__ == "__main__":
    main()
