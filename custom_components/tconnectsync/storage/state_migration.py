"""Migration of an account's state from earlier versions."""

from contextlib import suppress
from typing import Any

from .account_state import verified, with_checksum
from .json_values import require_dict

STATE_VERSION = 2
STATE_MINOR_VERSION = 3
"""2.2 renamed `watches` to `fired_triggers`; 2.3 stores what Nightscout lacks by address."""


def migrated(data: Any, version: int) -> dict[str, Any]:
    """Return the state of an earlier version in today's form; raise ValueError for an unknown version."""
    if version == 1:
        return migrated_from_1(data)
    if version != STATE_VERSION:
        raise ValueError("no version that ever was")
    return with_sites(data)


def migrated_from_1(notes: Any) -> dict[str, Any]:
    """Return the state of version 1, which had no checksums, in today's form."""
    notes = require_dict(notes)
    states = {
        "sign_in": notes.get("token"),
        "pumper": notes.get("pumper"),
        "reading": notes.get("pumps"),
        "pumps_used": notes.get("worn"),
        "news": notes.get("told"),
        "profiles": notes.get("profiles"),
        "pending": notes.get("owed_from"),
    }
    if isinstance(pumps := states["reading"], dict):
        states["reading"] = {
            serial_number: {
                "clock_changes": [],
                **{
                    "complete" if key == "read" else key: value
                    for key, value in of_pump.items()
                },
            }
            if isinstance(of_pump, dict)
            else of_pump
            for serial_number, of_pump in pumps.items()
        }
    if notes.get("replaced") and isinstance(used := states["pumps_used"], list):
        # The change to the last one has not been reported yet: it counts as new again.
        states["pumps_used"] = used[:-1]
    if isinstance(starts := notes.get("starts"), dict):
        forwarded = notes.get("forwarded") or {"sent": 0}
        states["forwarding"] = {
            **(forwarded if isinstance(forwarded, dict) else {}),
            "starts": starts,
            "behind": notes.get("behind"),
        }
        with suppress(KeyError, TypeError):
            states["forwarding"] = _by_address(states["forwarding"])
    return {
        owner: with_checksum(state)
        for owner, state in states.items()
        if state is not None
    }


def with_fired_triggers(data: Any) -> dict[str, Any]:
    """Return the state from before version 2.2 with fired triggers under today's name."""
    stored = require_dict(data)
    if "watches" not in stored:
        return stored
    others = {owner: state for owner, state in stored.items() if owner != "watches"}
    return {"fired_triggers": stored["watches"], **others}


def with_sites(data: Any) -> dict[str, Any]:
    """Return the state from before version 2.3 with the oldest incomplete day stored by address."""
    stored = with_fired_triggers(data)
    with suppress(KeyError, TypeError, ValueError):
        return stored | {
            "forwarding": with_checksum(_by_address(verified(stored["forwarding"])))
        }
    return stored


def _by_address(forwarding: Any) -> dict[str, Any]:
    """Copy the oldest incomplete day to every address, because it was stored without one."""
    others = {
        key: value for key, value in require_dict(forwarding).items() if key != "behind"
    }
    site = {"behind": forwarding.get("behind")}
    return {**others, "sites": dict.fromkeys(require_dict(others["starts"]), site)}
