"""The pump's personal profiles as a Nightscout profile document."""

from collections.abc import Callable, Collection as AnyOf, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
import json
import re
from typing import Any

from custom_components.tconnectsync.instants import EPOCH, MILLISECOND
from custom_components.tconnectsync.tandem.settings import (
    Profile,
    ProfileSegment,
    PumpSettings,
)

from .client import NightscoutClient
from .document import ENTERED_BY_ALARM, HASH, HASH_DIGITS, PumpIdentity, utc_text
from .identifiers import APP
from .site_status import MMOL
from .stored_document import parse_instant
from .written_by_cli import WRITER

DOCUMENTS_TO_READ = 50
"""Number of newest profile documents among which this integration's newest is looked for."""
NAMES = "tconnectsync_profiles"
"""The field with the names under which this integration wrote profiles."""
MG_DL_PER_MMOL = 18
"""Nightscout's own factor: with more digits a value would change when it is converted back."""
CARBS_PER_HOUR = "20"
CARB_DELAY = "20"
"""Nightscout's defaults (g/h, minutes); pumps have no such setting."""
UNSTORABLE = re.compile(r"[&<>.$\s]+")
"""Characters that a database or a page would change in a name."""

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
    """Write the pump's profiles if they changed since the last document; return whether they did.

    Raises any of the errors of errors.py.
    """
    current = await client.profiles(DOCUMENTS_TO_READ)
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
    """Return the document to write, None if this integration's newest has the same profiles.

    `current` are the site's documents, newest first; `start` is the upload that first showed the
    change (aware); glucose is in `units`, `mg/dl` or `mmol`. The document has other people's profiles as
    well, but no old ones of this pump or of its predecessors (serial numbers).
    """
    profiles = _by_storable_name(settings)
    if not profiles:
        return None
    wanted = {
        name: _profile_json(profile, units, zone) for name, profile in profiles.items()
    }
    active = settings.active_profile
    default = next(
        (name for name, profile in profiles.items() if profile is active), None
    )
    content = json.dumps([wanted, default], sort_keys=True)
    hashed = sha256(content.encode()).hexdigest()[:HASH_DIGITS]
    pumps = {pump.serial_number, *predecessors}
    mine = next((document for document in current if _pump_of(document) in pumps), {})
    if mine.get(HASH) == hashed:
        return None
    newest: Mapping[str, Any] = current[0] if current else {}
    start = _after(newest, start)
    text = utc_text(start)
    others, names = _merged(newest, _names(mine), list(wanted))
    stored = {name: {"startDate": text} | wanted[own] for own, name in names.items()}
    chosen = names[default] if default else str(newest.get("defaultProfile"))
    return {
        "_id": sha256(f"{pump.serial_number} {text} {hashed}".encode()).hexdigest()[
            :24
        ],
        "defaultProfile": chosen if chosen in others | stored else next(iter(stored)),
        "store": others | stored,
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
    """Return the profiles of the site's newest store that stay, and the name under which each wanted one joins them."""
    store = newest.get("store")
    written_by_tconnectsync = newest.get("enteredBy") == WRITER
    others = {
        name: profile
        for name, profile in (store if isinstance(store, dict) else {}).items()
        if name not in mine and not (written_by_tconnectsync and name in wanted)
    }
    return others, {
        name: f"{name} (pump)" if name in others else name for name in wanted
    }


def _profile_json(profile: Profile, units: str, zone: str) -> dict[str, Any]:
    """Return one profile in Nightscout's form: U/h, g/U, glucose in the site's unit, hours."""
    per_unit = MG_DL_PER_MMOL if units == MMOL else 1

    def listed(value_of: Callable[[ProfileSegment], float | None]) -> list[Any]:
        values = [
            (segment.start, value)
            for segment in profile.segments
            if (value := value_of(segment))
        ]
        if values and values[0][0]:
            values.insert(0, (0, values[0][1]))
        return [_entry(start, round(value, 3)) for start, value in values]

    def glucose(value: float | None) -> float | None:
        return round(value / per_unit, 2) if value else None

    basal = [
        _entry(segment.start, segment.basal_rate or 0) for segment in profile.segments
    ]
    if profile.segments[0].start:
        basal.insert(0, _entry(0, 0))
    target = listed(lambda segment: glucose(segment.target_glucose))
    lists = {
        "basal": basal,
        "carbratio": listed(lambda segment: segment.carb_ratio),
        "sens": listed(lambda segment: glucose(segment.insulin_sensitivity)),
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


def _by_storable_name(settings: PumpSettings) -> dict[str, Profile]:
    """Return the profiles that have segments by names that a database stores unchanged."""
    profiles: dict[str, Profile] = {}
    for profile in settings.profiles:
        if not profile.segments:
            continue
        number = (profile.idp or 0) + 1
        name = UNSTORABLE.sub(" ", profile.name or "").strip() or f"Profile {number}"
        profiles[f"{name} {number}" if name in profiles else name] = profile
    return profiles


def _pump_of(document: Mapping[str, Any]) -> str | None:
    """Return the serial number of the pump of a document of this integration, None for other documents."""
    if document.get("app") != APP:
        return None
    return str(document.get("device", "")).rpartition(" ")[2]


def _names(mine: Mapping[str, Any]) -> list[str]:
    """Return the names under which the last document of this integration has profiles."""
    names = mine.get(NAMES)
    return [str(name) for name in names] if isinstance(names, list) else []


def _after(newest: Mapping[str, Any], start: datetime) -> datetime:
    """Return `start`, or a later instant that makes a document the site's newest."""
    last = parse_instant(newest.get("startDate"))
    return start if last is None or start > last else last + MILLISECOND
