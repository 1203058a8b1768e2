"""Sensor sessions, from which Nightscout counts the age of the sensor."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.nightscout.document import (
    ENTERED_BY,
    Document,
    PumpIdentity,
    distinct_instant,
    treatment,
)
from custom_components.tconnectsync.nightscout.identifiers import Kind, event_name
from custom_components.tconnectsync.tandem.enums import CgmType
from custom_components.tconnectsync.therapy.records import (
    CgmSessionEnd,
    CgmSessionStart,
    Record,
)
from custom_components.tconnectsync.therapy.sensor_sessions import CLOCKS_DIFFER

from .shared_sensor import OtherSessions, reported_before

LONGEST_SESSION = timedelta(days=16)
SENSORS = {
    CgmType.DEXCOM_G6: "Dexcom G6",
    CgmType.DEXCOM_G7: "Dexcom G7",
    CgmType.LIBRE_2: "Libre 2",
    CgmType.LIBRE_3: "Libre 3",
    CgmType.NONE: "Sensor",
}


def sensors(
    sessions: Iterable[CgmSessionStart],
    ends: Iterable[CgmSessionEnd],
    pump: PumpIdentity,
    others: OtherSessions = (),
) -> Iterator[Document]:
    """Yield each session's start, once however often the pump or one before joined it, and each end."""
    begun: list[tuple[CgmType, datetime]] = []
    begun_elsewhere = [(other, sessions) for other, sessions, _ in others]
    ended_elsewhere = [(other, ends) for other, _, ends in others]
    for session in sessions:
        start = _start(session)
        if start and any(
            sensor is session.cgm_type and abs(start - other) < CLOCKS_DIFFER
            for sensor, other in begun
        ):
            continue
        if start and any(
            _is_same(start, session, _start(one), one)
            for one in reported_before(session, pump, begun_elsewhere)
        ):
            continue
        if start:
            begun.append((session.cgm_type, start))
        name = SENSORS[session.cgm_type]
        yield treatment(
            session,
            pump,
            Kind.SENSOR_START,
            "Sensor Start" if start else "Note",
            ENTERED_BY,
            name=event_name(session.key),
            numbers=(session.key[1],),
            start=start,
            notes=f"{name} started" if start else f"{name} joined",
        )
    for end in ends:
        if any(
            _is_same(end.start, end, one.start, one)
            for one in reported_before(end, pump, ended_elsewhere)
        ):
            continue
        yield treatment(
            end,
            pump,
            Kind.SENSOR_STOP,
            "Sensor Stop",
            ENTERED_BY,
            name=event_name(end.key),
            numbers=(end.key[1],),
            notes=f"{SENSORS[end.cgm_type]} ended",
        )


def _is_same(
    instant: datetime, record: Record, other_instant: datetime | None, other: Record
) -> bool:
    """Return whether another pump tells of the same, on the same pump day."""
    return (
        other_instant is not None
        and abs(instant - other_instant) < CLOCKS_DIFFER
        and (distinct_instant(instant, record.key) + record.offset).date()
        == (distinct_instant(other_instant, other.key) + other.offset).date()
    )


def _start(session: CgmSessionStart) -> datetime | None:
    """Return when a session began; None when the pump joined one of unknown age."""
    reported = session.session_start
    if reported and timedelta() <= session.start - reported <= LONGEST_SESSION:
        return reported
    return None if session.joined else session.start
