"""The pump's personal profiles as a Nightscout profile document."""

from collections.abc import Callable, Collection as AnyOf, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
import json
import re
from typing import Any

from custom_components.tconnectsync.instants import EPOCH
from custom_components.tconnectsync.tandem.settings import (
    Profile,
    ProfileSegment,
    PumpSettings,
)

from .client import NightscoutClient
from .document import ENTERED_BY_ALARM, HASH, HASH_DIGITS, PumpIdentity, utc_text
from .found_document import instant
from .identifiers import APP
from .ledger import MILLISECOND
from .site_status import MMOL
from .written_by_cli import WRITER

LOOKS_BACK = 50
"""Profile documents in which the newest of this integration is looked for."""
NAMES = "tconnectsync_profiles"
MG_DL_PER_MMOL = 18
"""Nightscout's own factor: other digits would change when it converts them back."""
CARBS_PER_HOUR = "20"
CARB_DELAY = "20"
"""Nightscout's defaults (g/h, minutes); pumps have no such setting."""
UNSTORABLE = re.compile(r"[&<>.$\s]+")
"""What a database or a page would change in a name."""

type Store = dict[str, dict[str, Any]]


async def update_profiles(
    client: NightscoutClient,
    settings: PumpSettings,
    pump: PumpIdentity,
    *,
    units: str,
    zone: str,
    start: datetime,
    predecessors: AnyOf[str] = (),
) -> bool:
    """Write the pump's profiles where they changed since the last document; return whether they had.

    Raises any of the errors of errors.py.
    """
    current = await client.profiles(LOOKS_BACK)
    document = profile_document(
        settings,
        pump,
        current,
        units=units,
        zone=zone,
        start=start,
        predecessors=predecessors,
    )
    if document is None:
        return False
    await client.write_profile(document)
    return True


def profile_document(
    settings: PumpSettings,
    pump: PumpIdentity,
    current: Sequence[Mapping[str, Any]],
    *,
    units: str,
    zone: str,
    start: datetime,
    predecessors: AnyOf[str] = (),
) -> dict[str, Any] | None:
    """Return the document to write, None when the newest of this integration says the same.

    `current` are the site's documents, newest first; `start` is the upload that first showed the
    change (aware); glucose is in `units`, `mg/dl` or `mmol`. Other people's profiles are kept, those of the pump
    and of its predecessors (serial numbers) are not.
    """
    named = _named(settings)
    if not named:
        return None
    wanted = {name: _nightscout(one, units, zone) for name, one in named.items()}
    active = settings.active_profile
    default = next((name for name, one in named.items() if one is active), None)
    reported = json.dumps([wanted, default], sort_keys=True)
    hashed = sha256(reported.encode()).hexdigest()[:HASH_DIGITS]
    pumps = {pump.serial_number, *predecessors}
    mine = next((one for one in current if _pump_of(one) in pumps), {})
    if mine.get(HASH) == hashed:
        return None
    newest: Mapping[str, Any] = current[0] if current else {}
    start = _after(newest, start)
    text = utc_text(start)
    kept, names = _merged(newest, _names(mine), list(wanted))
    stored = {name: {"startDate": text} | wanted[own] for own, name in names.items()}
    chosen = names[default] if default else str(newest.get("defaultProfile"))
    return {
        "_id": sha256(f"{pump.serial_number} {text} {hashed}".encode()).hexdigest()[
            :24
        ],
        "defaultProfile": chosen if chosen in kept | stored else next(iter(stored)),
        "store": kept | stored,
        "startDate": text,
        "created_at": text,
        "mills": (start - EPOCH) // MILLISECOND,
        "units": units,
        "enteredBy": ENTERED_BY_ALARM,
        "app": APP,
        "device": pump.device,
        NAMES: list(stored),
        HASH: hashed,
    }


def _merged(
    newest: Mapping[str, Any], mine: Sequence[str], wanted: Sequence[str]
) -> tuple[Store, dict[str, str]]:
    """Return what stays of the site's newest store, and under which name each profile joins it."""
    store = newest.get("store")
    written_by_tconnectsync = newest.get("enteredBy") == WRITER
    kept = {
        name: profile
        for name, profile in (store if isinstance(store, dict) else {}).items()
        if name not in mine and not (written_by_tconnectsync and name in wanted)
    }
    return kept, {name: f"{name} (pump)" if name in kept else name for name in wanted}


def _nightscout(profile: Profile, units: str, zone: str) -> dict[str, Any]:
    """Return one profile as Nightscout has it: U/h, g/U, glucose in the site's unit, hours."""
    per_unit = MG_DL_PER_MMOL if units == MMOL else 1

    def listed(value_of: Callable[[ProfileSegment], float | None]) -> list[Any]:
        values = [(one.start, value_of(one)) for one in profile.segments]
        known = [(start, value) for start, value in values if value]
        if known and known[0][0]:
            known.insert(0, (0, known[0][1]))
        return [_entry(start, round(value, 3)) for start, value in known]

    def glucose(value: float | None) -> float | None:
        return round(value / per_unit, 2) if value else None

    basal = [_entry(one.start, one.basal_rate or 0) for one in profile.segments]
    if profile.segments[0].start:
        basal.insert(0, _entry(0, 0))
    target = listed(lambda one: glucose(one.target_glucose))
    lists = {
        "basal": basal,
        "carbratio": listed(lambda one: one.carb_ratio),
        "sens": listed(lambda one: glucose(one.insulin_sensitivity)),
        "target_low": target,
        "target_high": target,
    }
    hours = profile.insulin_duration / 60 if profile.insulin_duration else None
    return {
        **{name: entries for name, entries in lists.items() if entries},
        **({"dia": f"{hours:g}"} if hours else {}),
        "carbs_hr": CARBS_PER_HOUR,
        "delay": CARB_DELAY,
        "timezone": zone,
        "units": units,
    }


def _entry(minute: int, value: float) -> dict[str, Any]:
    return {
        "time": f"{minute // 60:02}:{minute % 60:02}",
        "timeAsSeconds": minute * 60,
        "value": value,
    }


def _named(settings: PumpSettings) -> dict[str, Profile]:
    """Return the profiles that hold anything by names that a database keeps as they are."""
    named: dict[str, Profile] = {}
    for profile in filter(lambda one: one.segments, settings.profiles):
        place = (profile.idp or 0) + 1
        name = UNSTORABLE.sub(" ", profile.name or "").strip() or f"Profile {place}"
        named[f"{name} {place}" if name in named else name] = profile
    return named


def _pump_of(document: Mapping[str, Any]) -> str | None:
    """Return the serial number of the pump a document of this integration is about."""
    if document.get("app") != APP:
        return None
    return str(document.get("device", "")).rpartition(" ")[2]


def _names(mine: Mapping[str, Any]) -> list[str]:
    """Return the names under which the last document of this integration wrote."""
    names = mine.get(NAMES)
    return [str(name) for name in names] if isinstance(names, list) else []


def _after(newest: Mapping[str, Any], start: datetime) -> datetime:
    """Return an instant that makes a document the site's newest."""
    last = instant(newest.get("startDate"))
    return start if last is None or start > last else last + MILLISECOND
