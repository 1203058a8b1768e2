"""Records as JSON: instants as ISO texts in UTC, every amount under a key that names its unit."""

from collections.abc import Callable, Iterable
from typing import Any

from custom_components.tconnectsync.instants import iso
from custom_components.tconnectsync.tandem.enums import SluggedEnum
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


def glucose_json(reading: CgmReading) -> Json:
    """Return a reading; `state` is low or high where the sensor reported no number."""
    return {
        "time": iso(reading.start),
        "glucose_mg_dl": reading.value,
        "state": reading.state,
        "rate_mg_dl_per_minute": reading.rate,
        "trend": reading.trend,
    }


def bolus_json(bolus: Bolus) -> Json:
    """Return a bolus; `delivered_units` is not final while it is in progress, and says nothing where delivery is unknown."""
    return {
        "id": bolus.identity,
        "time": iso(bolus.start),
        "end": iso(bolus.end),
        "kind": bolus.kind,
        "requested_units": bolus.requested,
        "delivered_units": bolus.delivered,
        "in_progress": bolus.in_progress,
        "end_missing": bolus.end_missing,
        "delivery_unknown": bolus.start_lost_at is not None,
        "ended_by": _slug(bolus.completion),
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


def basal_json(segment: BasalSegment) -> Json:
    """Return a segment of one basal rate; without an end while it runs."""
    return {
        "start": iso(segment.start),
        "end": None if segment.running else iso(segment.end),
        "rate_units_per_hour": round(segment.rate, RATE_DIGITS),
        "profile_rate_units_per_hour": segment.profile_rate,
        "source": _slug(segment.source),
    }


def suspension_json(suspension: Suspension) -> Json:
    """Return a suspension of delivery; without an end while it lasts."""
    return {
        "start": iso(suspension.start),
        "end": None if suspension.running else iso(suspension.end),
        "end_known": suspension.end_known,
        "reason": suspension.reason,
    }


def basal_gap_json(gap: BasalGap) -> Json:
    """Return a time for which basal delivery is unknown; without an end while it lasts."""
    return {
        "start": iso(gap.start),
        "end": None if gap.running else iso(gap.end),
    }


def alarm_json(alarm: Alarm) -> Json:
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


def fill_json(fill: Fill) -> Json:
    """Return a cartridge, tubing or cannula fill."""
    return {
        "time": iso(fill.start),
        "kind": fill.kind,
        "amount_units": fill.amount,
        "is_site_change": fill.is_site_change,
    }


def activity_json(activity: ActivitySpan) -> Json:
    """Return a time of sleep, exercise or eating soon; without an end while it lasts."""
    return {
        "start": iso(activity.start),
        "end": iso(activity.end),
        "mode": _slug(activity.mode),
        "planned_minutes": activity.planned_minutes,
        "by_schedule": activity.by_schedule,
    }


def insulin_on_board_json(on_board: InsulinOnBoard) -> Json:
    """Return insulin on board as the pump logged it."""
    return {
        "time": iso(on_board.start),
        "insulin_on_board_units": on_board.insulin,
    }


def sensor_session_json(session: CgmSessionStart) -> Json:
    """Return the start of a sensor session, or the pump joining one."""
    return {
        "time": iso(session.start),
        "sensor": _slug(session.cgm_type),
        "joined": session.joined,
        "expires": iso(session.expires),
    }


type _Kind = tuple[Callable[[History], Iterable[Record]], Callable[[Any], Json]]

KINDS: dict[str, _Kind] = {
    "glucose": (lambda history: history.readings, glucose_json),
    "boluses": (lambda history: history.boluses, bolus_json),
    "basal": (lambda history: history.basal, basal_json),
    "suspensions": (lambda history: history.suspensions, suspension_json),
    "basal_gaps": (lambda history: history.basal_gaps, basal_gap_json),
    "alarms": (lambda history: history.alarms, alarm_json),
    "site_changes": (lambda history: history.fills, fill_json),
    "activities": (lambda history: history.activities, activity_json),
    "insulin_on_board": (
        lambda history: history.insulin_on_board,
        insulin_on_board_json,
    ),
    "sensor_sessions": (lambda history: history.session_starts, sensor_session_json),
}
"""By name: how to get a kind of record from a history, and how to convert one to JSON."""


def _slug(member: SluggedEnum | None) -> str | None:
    return None if member is None else member.slug
