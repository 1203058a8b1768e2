"""Sensor sessions, from which Nightscout counts the age of the sensor."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.instants import ZERO
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


def sensor_documents(
    sessions: Iterable[CgmSessionStart],
    ends: Iterable[CgmSessionEnd],
    pump: PumpIdentity,
    others: OtherSessions = (),
) -> Iterator[Document]:
    """Yield the start and the end of each session, once however often this or another pump reported them."""
    started: list[tuple[CgmType, datetime]] = []
    for session in sessions:
        start = _start(session)
        if start is not None:
            if _is_repeat(session, start, started) or _started_elsewhere(
                session, start, pump, others
            ):
                continue
            started.append((session.cgm_type, start))
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
        if not _ended_elsewhere(end, pump, others):
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


def _is_repeat(
    session: CgmSessionStart,
    start: datetime,
    started: Iterable[tuple[CgmType, datetime]],
) -> bool:
    """Return whether this pump reported the start of a session before."""
    return any(
        cgm_type is session.cgm_type and abs(start - earlier) < CLOCKS_DIFFER
        for cgm_type, earlier in started
    )


def _started_elsewhere(
    session: CgmSessionStart,
    start: datetime,
    pump: PumpIdentity,
    others: OtherSessions,
) -> bool:
    """Return whether another pump reported the start of a session before this pump did."""
    starts = [(other, sessions) for other, sessions, _ in others]
    return any(
        _is_same(start, session, _start(theirs), theirs)
        for theirs in reported_before(session, pump, starts)
    )


def _ended_elsewhere(
    end: CgmSessionEnd, pump: PumpIdentity, others: OtherSessions
) -> bool:
    """Return whether another pump reported the end of a session before this pump did."""
    ends = [(other, of_other) for other, _, of_other in others]
    return any(
        _is_same(end.start, end, theirs.start, theirs)
        for theirs in reported_before(end, pump, ends)
    )


def _is_same(
    instant: datetime, record: Record, their_instant: datetime | None, theirs: Record
) -> bool:
    """Return whether another pump reported the same start or end, on the same pump day."""
    return (
        their_instant is not None
        and abs(instant - their_instant) < CLOCKS_DIFFER
        and (distinct_instant(instant, record.key) + record.offset).date()
        == (distinct_instant(their_instant, theirs.key) + theirs.offset).date()
    )


def _start(session: CgmSessionStart) -> datetime | None:
    """Return the start of a session (UTC); None if the pump joined one of unknown age."""
    reported = session.session_start
    if reported and ZERO <= session.start - reported <= LONGEST_SESSION:
        return reported
    return None if session.joined else session.start
