"""Events between two instants, as far as they are known and exposed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import voluptuous as vol

from custom_components.tconnectsync.queries.history_query import history_between
from custom_components.tconnectsync.queries.record_json import Json
from homeassistant.util import dt as dt_util

from .exposed_accounts import ExposedAccount
from .times_in_answers import age, local, with_local_time

LONGEST_SPAN = timedelta(days=7)
MOST_OF_A_KIND = 100
MOST_READINGS = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """One kind of event that can be asked for."""

    kind: str
    """Its name in the history."""
    keys: tuple[str, ...]
    """One of the entities with these keys has to be exposed."""
    fields: tuple[str, ...]
    """The fields in an answer, without any from which a dose is computed."""
    is_included: Callable[[Json], bool] = lambda record: True


def _alarms(*kinds: str, keys: tuple[str, ...]) -> EventKind:
    return EventKind(
        kind="alarms",
        keys=keys,
        fields=("time", "kind", "meaning", "cleared", "ended_by", "acknowledged"),
        is_included=lambda record: record["kind"] in kinds,
    )


EVENT_KINDS = {
    "boluses": EventKind(
        kind="boluses",
        keys=("last_bolus",),
        fields=(
            "time",
            "end",
            "kind",
            "requested_units",
            "delivered_units",
            "in_progress",
            "delivery_unknown",
            "ended_by",
            "extended_requested_units",
            "extended_minutes",
            "carbs_grams",
        ),
    ),
    "alarms": _alarms("alarm", "malfunction", keys=("alarm", "last_alarm")),
    "alerts": _alarms("alert", keys=("alert", "last_alert")),
    "sensor_alerts": _alarms("cgm_alert", keys=("cgm_state", "last_cgm_alert")),
    "suspensions": EventKind(
        kind="suspensions",
        keys=("suspended",),
        fields=("start", "end", "end_known", "reason"),
    ),
    "delivery_not_known": EventKind(
        kind="basal_gaps", keys=("suspended", "basal_rate"), fields=("start", "end")
    ),
    "basal": EventKind(
        kind="basal",
        keys=("basal_rate",),
        fields=("start", "end", "rate_units_per_hour", "source"),
    ),
    "site_changes": EventKind(
        kind="site_changes",
        keys=("site_changed", "cartridge_changed"),
        fields=("time", "kind", "amount_units", "is_site_change"),
    ),
    "activities": EventKind(
        kind="activities",
        keys=("activity_mode",),
        fields=("start", "end", "mode", "by_schedule"),
    ),
    "sensor_sessions": EventKind(
        kind="sensor_sessions",
        keys=("sensor_started", "sensor_expires"),
        fields=("time", "sensor", "joined", "expires"),
    ),
    "glucose": EventKind(kind="glucose", keys=("glucose",), fields=()),
}
"""Kinds of events by the name that an assistant uses."""


def kinds_of(account: ExposedAccount) -> list[str]:
    """Return the names of the kinds of events that are exposed for an account."""
    return [name for name, kind in EVENT_KINDS.items() if account.exposes(kind.keys)]


def require_span(start: datetime, end: datetime) -> None:
    """Raise vol.Invalid, with a text for the model, where a span cannot be answered."""
    if not start < end:
        raise vol.Invalid("the start has to be before the end and before now")
    if end - start > LONGEST_SPAN:
        raise vol.Invalid(f"ask for at most {LONGEST_SPAN.days} days")


async def async_history_answer(
    account: ExposedAccount, names: Sequence[str], start: datetime, end: datetime
) -> Json:
    """Return the events of a span (UTC), oldest first, and the times without known events.

    Raises any of the errors of tandem.errors.
    """
    now = dt_util.utcnow()
    names = [name for name in names if account.exposes(EVENT_KINDS[name].keys)]
    runtime = account.entry.runtime_data
    history = await history_between(
        account.data,
        runtime.reader,
        runtime.store,
        runtime.zone,
        start=start,
        end=end,
        kinds={EVENT_KINDS[name].kind for name in names},
        glucose_unit=account.glucose_unit,
    )
    known_until = dt_util.parse_datetime(history["known_until"] or "")
    return {
        **account.knowledge(now),
        "start": local(start),
        "end": local(end),
        "as_of": local(known_until),
        "age": age(known_until, now),
        "not_known_between": [
            _selected(gap, ("start", "end")) for gap in history["gaps"]
        ],
        "events": {
            name: _glucose(history["glucose"])
            if name == "glucose"
            else _events(history, EVENT_KINDS[name])
            for name in names
        },
    }


def _events(history: Json, kind: EventKind) -> Json:
    """Return the newest events of a kind, and the number of all and of older ones."""
    events = [
        _selected(record, kind.fields)
        for record in history[kind.kind]
        if kind.is_included(record)
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
    """Return readings, or the lowest and highest of each hour where there are many."""
    key = (
        next((name for name in records[0] if name.startswith("glucose_")), "")
        if records
        else ""
    )
    if len(records) <= MOST_READINGS:
        return {
            "count": len(records),
            "readings": [
                _selected(record, ("time", key, "state", "trend")) for record in records
            ],
        }
    by_hour = defaultdict[datetime, list[Json]](list)
    for record in records:
        at = dt_util.as_local(datetime.fromisoformat(record["time"]))
        by_hour[at.replace(minute=0, second=0, microsecond=0)].append(record)
    return {
        "count": len(records),
        "hours": [
            {"hour": local(hour), **_extremes(records_of_hour, key)}
            for hour, records_of_hour in by_hour.items()
        ],
    }


def _extremes(records: Sequence[Json], key: str) -> Json:
    """Return the lowest and highest number of some readings, and how many were too low or high for a number."""
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
