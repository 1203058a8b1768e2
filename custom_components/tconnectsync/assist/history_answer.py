"""What happened between two instants, as far as it is known and exposed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import voluptuous as vol

from custom_components.tconnectsync.queries.history_query import history_between
from homeassistant.util import dt as dt_util

from .exposed_accounts import ExposedAccount
from .times_in_answers import Json, age, local, with_local_time

LONGEST = timedelta(days=7)
MOST_OF_A_KIND = 100
MOST_READINGS = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One kind of event that can be asked for."""

    kind: str
    """As the history names it."""
    keys: tuple[str, ...]
    """The entities of which one has to be exposed."""
    fields: tuple[str, ...]
    """What is told, and nothing that a dose is reckoned from."""
    chosen: Callable[[Json], bool] = lambda record: True


def _alarms(*kinds: str, keys: tuple[str, ...]) -> Asked:
    return Asked(
        kind="alarms",
        keys=keys,
        fields=("time", "kind", "meaning", "cleared", "ended_by", "acknowledged"),
        chosen=lambda record: record["kind"] in kinds,
    )


ASKED = {
    "boluses": Asked(
        kind="boluses",
        keys=("last_bolus",),
        fields=(
            "time",
            "end",
            "kind",
            "requested_units",
            "delivered_units",
            "in_progress",
            "ended_by",
            "extended_requested_units",
            "extended_minutes",
            "carbs_grams",
        ),
    ),
    "alarms": _alarms("alarm", "malfunction", keys=("alarm", "last_alarm")),
    "alerts": _alarms("alert", keys=("alert", "last_alert")),
    "sensor_alerts": _alarms("cgm_alert", keys=("cgm_state", "last_cgm_alert")),
    "suspensions": Asked(
        kind="suspensions",
        keys=("suspended",),
        fields=("start", "end", "end_known", "reason"),
    ),
    "delivery_not_known": Asked(
        kind="basal_gaps", keys=("suspended", "basal_rate"), fields=("start", "end")
    ),
    "basal": Asked(
        kind="basal",
        keys=("basal_rate",),
        fields=("start", "end", "rate_units_per_hour", "source"),
    ),
    "site_changes": Asked(
        kind="site_changes",
        keys=("site_changed", "cartridge_changed"),
        fields=("time", "kind", "amount_units", "is_site_change"),
    ),
    "activities": Asked(
        kind="activities",
        keys=("activity_mode",),
        fields=("start", "end", "mode", "by_schedule"),
    ),
    "sensor_sessions": Asked(
        kind="sensor_sessions",
        keys=("sensor_started", "sensor_expires"),
        fields=("time", "sensor", "joined", "expires"),
    ),
    "glucose": Asked(kind="glucose", keys=("glucose",), fields=()),
}
"""By the name that an assistant asks with."""


def kinds_of(account: ExposedAccount) -> list[str]:
    """Return what may be asked about an account."""
    return [name for name, asked in ASKED.items() if account.exposes(asked.keys)]


def require_span(start: datetime, end: datetime) -> None:
    """Raise vol.Invalid, in words for the model, where nothing can be told of a span."""
    if not start < end:
        raise vol.Invalid("the start has to be before the end and before now")
    if end - start > LONGEST:
        raise vol.Invalid(f"ask for at most {LONGEST.days} days")


async def async_history_answer(
    account: ExposedAccount, names: Sequence[str], start: datetime, end: datetime
) -> Json:
    """Return what happened, oldest first, and between which instants nothing is known.

    Raises any of the errors of tandem.errors.
    """
    now = dt_util.utcnow()
    names = [name for name in names if account.exposes(ASKED[name].keys)]
    runtime = account.entry.runtime_data
    found = await history_between(
        account.data,
        runtime.reader,
        runtime.store,
        runtime.zone,
        start=start,
        end=end,
        kinds={ASKED[name].kind for name in names},
        glucose_unit=account.glucose_unit,
    )
    known_until = dt_util.parse_datetime(found["known_until"] or "")
    return {
        **account.knowledge(now),
        "start": local(start),
        "end": local(end),
        "as_of": local(known_until),
        "age": age(known_until, now),
        "not_known_between": [
            _selected(gap, ("start", "end")) for gap in found["gaps"]
        ],
        "events": {
            name: _glucose(found["glucose"])
            if name == "glucose"
            else _events(found, ASKED[name])
            for name in names
        },
    }


def _events(found: Json, asked: Asked) -> Json:
    """Return the newest events of a kind, and how many older ones there are."""
    events = [
        _selected(record, asked.fields)
        for record in found[asked.kind]
        if asked.chosen(record)
    ]
    left_out = max(0, len(events) - MOST_OF_A_KIND)
    return {
        "count": len(events),
        "newest": events[left_out:],
        **({"older_left_out": left_out} if left_out else {}),
    }


def _selected(record: Json, fields: Iterable[str]) -> Json:
    return {
        name: with_local_time(record[name])
        for name in fields
        if record.get(name) is not None
    }


def _glucose(records: Sequence[Json]) -> Json:
    """Return readings, where they are many the lowest and highest of each hour."""
    key = (
        next((name for name in records[0] if name.startswith("glucose_")), "")
        if records
        else ""
    )
    if len(records) <= MOST_READINGS:
        return {
            "count": len(records),
            "readings": [
                _selected(one, ("time", key, "state", "trend")) for one in records
            ],
        }
    by_hour = defaultdict[datetime, list[Json]](list)
    for record in records:
        at = dt_util.as_local(datetime.fromisoformat(record["time"]))
        by_hour[at.replace(minute=0, second=0, microsecond=0)].append(record)
    return {
        "count": len(records),
        "hours": [
            {"hour": local(hour), **_extremes(of_hour, key)}
            for hour, of_hour in by_hour.items()
        ],
    }


def _extremes(records: Sequence[Json], key: str) -> Json:
    """Return the lowest and highest number of some readings, and how many had none for being too low or high."""
    numbers = [record[key] for record in records if record[key] is not None]
    states = [record["state"] for record in records if record[key] is None]
    return {
        "readings": len(records),
        **(
            {f"lowest_{key}": min(numbers), f"highest_{key}": max(numbers)}
            if numbers
            else {}
        ),
        **{
            f"too_{word}_to_measure": states.count(word)
            for word in ("low", "high")
            if word in states
        },
    }
