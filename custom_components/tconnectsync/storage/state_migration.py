"""What earlier versions remembered of an account, in today's shape."""

from contextlib import suppress
from typing import Any

from .account_state import verified, with_checksum
from .json_values import a_mapping

STATE_VERSION = 2
STATE_MINOR_VERSION = 3
"""Since this one it is kept by address what Nightscout lacks, since 2 under its own name what triggers have fired for."""


def migrated(data: Any, version: int) -> dict[str, Any]:
    """Return what an earlier version kept in today's shape; raise ValueError for one that never was."""
    if version == 1:
        return migrated_from_1(data)
    if version != STATE_VERSION:
        raise ValueError("no version that ever was")
    return with_sites(data)


def migrated_from_1(notes: Any) -> dict[str, Any]:
    """Return what the first version kept, unchecked, in today's shape."""
    notes = a_mapping(notes)
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
        # Nobody has been told of the last one yet: it counts as new once more.
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
    """Return what was kept before version 2.2 with the name that fired triggers have since."""
    kept = a_mapping(data)
    if "watches" not in kept:
        return kept
    others = {owner: state for owner, state in kept.items() if owner != "watches"}
    return {"fired_triggers": kept["watches"], **others}


def with_sites(data: Any) -> dict[str, Any]:
    """Return what was kept before version 2.3 with what is behind kept by address."""
    kept = with_fired_triggers(data)
    with suppress(KeyError, TypeError, ValueError):
        return kept | {
            "forwarding": with_checksum(_by_address(verified(kept["forwarding"])))
        }
    return kept


def _by_address(forwarding: Any) -> dict[str, Any]:
    """Note what is behind for every address: which one was meant nobody wrote down."""
    others = {key: of for key, of in a_mapping(forwarding).items() if key != "behind"}
    site = {"behind": forwarding.get("behind")}
    return {**others, "sites": dict.fromkeys(a_mapping(others["starts"]), site)}
