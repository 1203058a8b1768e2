"""Records as JSON: instants as ISO texts in UTC, every amount under a key that names its unit."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from enum import IntEnum
from typing import Any

from custom_components.tconnectsync.instants import FAR_FUTURE, iso
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import (
    RATE_DIGITS,
    ActivitySpan,
    Alarm,
    BasalGap,
    BasalSegment,
    Bolus,
    CgmReading,
    CgmSessionStart,
    Fill,
    InsulinOnBoard,
    Record,
    Suspension,
)

type Json = dict[str, Any]


def glucose(reading: CgmReading) -> Json:
    """Return a reading; `state` is low or high where the sensor could put no number to it."""
    return {
        "time": iso(reading.start),
        "glucose_mg_dl": reading.value,
        "state": reading.state,
        "rate_mg_dl_per_minute": reading.rate,
        "trend": reading.trend,
    }


def bolus(bolus: Bolus) -> Json:
    """Return a bolus; while it is in progress `delivered_units` is not its last word."""
    return {
        "id": bolus.identity,
        "time": iso(bolus.start),
        "end": iso(bolus.end),
        "kind": bolus.kind,
        "requested_units": bolus.requested,
        "delivered_units": bolus.delivered,
        "in_progress": bolus.in_progress,
        "end_missing": bolus.end_missing,
        "ended_by": _name(bolus.completion),
        "now_requested_units": bolus.now_requested,
        "now_delivered_units": bolus.now_delivered,
        "extended_requested_units": bolus.extended_requested,
        "extended_delivered_units": bolus.extended_delivered,
        "extended_start": iso(bolus.extended_start),
        "extended_minutes": bolus.extended_minutes,
        "carbs_grams": bolus.carbs,
        "glucose_mg_dl": bolus.glucose,
        "food_units": bolus.food,
        "correction_units": bolus.correction,
        "insulin_on_board_units": bolus.insulin_on_board,
        "carb_ratio_grams_per_unit": bolus.carb_ratio,
        "correction_factor_mg_dl_per_unit": bolus.correction_factor,
        "target_mg_dl": bolus.target,
        "override": bolus.override,
        "declined_correction": bolus.declined_correction,
    }


def basal(segment: BasalSegment) -> Json:
    """Return a segment of one basal rate; one that still runs has no end."""
    return {
        "start": iso(segment.start),
        "end": None if segment.running else iso(segment.end),
        "rate_units_per_hour": round(segment.rate, RATE_DIGITS),
        "profile_rate_units_per_hour": segment.profile_rate,
        "source": _name(segment.source),
    }


def suspension(suspension: Suspension) -> Json:
    """Return a time without delivery; one that still lasts has no end."""
    return {
        "start": iso(suspension.start),
        "end": None if suspension.running else iso(suspension.end),
        "end_known": suspension.end_known,
        "reason": suspension.reason,
    }


def basal_gap(gap: BasalGap) -> Json:
    """Return a time of which nobody knows whether basal flowed; one that still lasts has no end."""
    return {
        "start": iso(gap.start),
        "end": None if gap.running else iso(gap.end),
    }


def alarm(alarm: Alarm) -> Json:
    """Return an alarm, malfunction, alert or CGM alert."""
    return {
        "time": iso(alarm.start),
        "kind": alarm.kind,
        "type": alarm.slug,
        "number": alarm.number,
        "meaning": alarm.meaning,
        "ended": iso(alarm.ended),
        "ended_by": alarm.ended_by,
        "cleared": iso(alarm.cleared),
        "acknowledged": iso(alarm.acknowledged),
    }


def site_change(fill: Fill) -> Json:
    """Return a cartridge, tubing or cannula fill."""
    return {
        "time": iso(fill.start),
        "kind": fill.kind,
        "amount_units": fill.amount,
        "is_site_change": fill.is_site_change,
    }


def activity(change: ActivitySpan) -> Json:
    """Return a time of sleep, exercise or eating soon; one that still lasts has no end."""
    return {
        "start": iso(change.start),
        "end": iso(change.end),
        "mode": _name(change.mode),
        "planned_minutes": change.planned_minutes,
        "by_schedule": change.by_schedule,
    }


def insulin_on_board(logged: InsulinOnBoard) -> Json:
    """Return insulin on board as the pump logged it."""
    return {
        "time": iso(logged.start),
        "insulin_on_board_units": logged.insulin,
    }


def sensor_session(session: CgmSessionStart) -> Json:
    """Return the start of a sensor session, or the pump joining one."""
    return {
        "time": iso(session.start),
        "sensor": _name(session.cgm_type),
        "joined": session.joined,
        "expires": iso(session.expires),
    }


type _Kind = tuple[Callable[[History], Iterable[Record]], Callable[[Any], Json]]

KINDS: dict[str, _Kind] = {
    "glucose": (lambda history: history.readings, glucose),
    "boluses": (lambda history: history.boluses, bolus),
    "basal": (lambda history: history.basal, basal),
    "suspensions": (lambda history: history.suspensions, suspension),
    "basal_gaps": (lambda history: history.basal_gaps, basal_gap),
    "alarms": (lambda history: history.alarms, alarm),
    "site_changes": (lambda history: history.fills, site_change),
    "activities": (lambda history: history.activities, activity),
    "insulin_on_board": (lambda history: history.insulin_on_board, insulin_on_board),
    "sensor_sessions": (lambda history: history.session_starts, sensor_session),
}
"""What a history holds, by the name that is asked for."""


def histories_json(
    in_use: History,
    histories: Iterable[History],
    start: datetime,
    end: datetime | None,
    *,
    complete_after: date,
    kinds: Collection[str] = tuple(KINDS),
) -> dict[str, list[Json]]:
    """Return what happened to the pump in use and to those worn before, as history_json does of one."""
    found: dict[str, list[Json]] = {kind: [] for kind in KINDS if kind in kinds}
    others = (taken_off(one) for one in histories if one is not in_use)
    for history in (in_use, *others):
        by_kind = history_json(
            history, start, end, complete_after=complete_after, kinds=kinds
        )
        for kind, records in by_kind.items():
            found[kind] += records
    return {kind: in_order_of_time(records) for kind, records in found.items()}


def taken_off(history: History) -> History:
    """Return the history of a pump that is not in use: nothing goes on after its newest event.

    Nobody knows how a bolus ended that it was giving then, or a suspension.
    """
    newest = history.newest
    if newest is None:
        return history
    return replace(
        history,
        boluses=tuple(
            replace(one, in_progress=False, end_missing=True)
            if one.in_progress
            else one
            for one in history.boluses
        ),
        basal=_over(history.basal, newest),
        suspensions=_over(
            [
                replace(one, end_known=one.end_known and not one.running)
                for one in history.suspensions
            ],
            newest,
        ),
        basal_gaps=_over(history.basal_gaps, newest),
        activities=tuple(
            one if one.end else replace(one, end=newest) for one in history.activities
        ),
    )


def _over[R: (BasalSegment, Suspension, BasalGap)](
    records: Iterable[R], newest: datetime
) -> tuple[R, ...]:
    return tuple(
        replace(one, running=False, end=min(one.end, newest)) if one.running else one
        for one in records
    )


def in_order_of_time(records: Iterable[Json]) -> list[Json]:
    """Sort records by when they began; of the same instant each stays where it was."""
    return sorted(records, key=lambda record: record.get("time") or record["start"])


def history_json(
    history: History,
    start: datetime,
    end: datetime | None,
    *,
    complete_after: date,
    kinds: Collection[str] = tuple(KINDS),
) -> dict[str, list[Json]]:
    """Return what happened from an instant until before another, by kind, in order of time.

    What lasts belongs to a span that it reaches into. Records of the pump day `complete_after`
    and of earlier ones are left out, for what they are built from is not held completely.
    """

    def chosen(records: Iterable[Record]) -> list[Record]:
        found = [
            record
            for record in records
            if (end is None or record.start < end)
            and (record.start >= start or _last_instant(record) > start)
            and record.day > complete_after
        ]
        return sorted(found, key=lambda record: record.start)

    return {
        kind: [to_json(record) for record in chosen(records(history))]
        for kind, (records, to_json) in KINDS.items()
        if kind in kinds
    }


def _last_instant(record: Record) -> datetime:
    """Return until when something lasts; what began and has not ended lasts on."""
    match record:
        case BasalSegment() | Suspension() | BasalGap():
            return record.end
        case Bolus(in_progress=True) | ActivitySpan(end=None):
            return FAR_FUTURE
        case Bolus(end=datetime() as end) | ActivitySpan(end=datetime() as end):
            return end
        case Bolus():
            return max((part.end for part in record.deliveries), default=record.start)
        case _:
            return record.start


def _name(value: IntEnum | None) -> str | None:
    return None if value is None else value.name.lower()
