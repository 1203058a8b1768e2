"""Sensor sessions, from which Nightscout counts the age of the sensor."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from custom_components.tconnectsync.nightscout.document import (
    ENTERED_BY,
    Document,
    PumpIdentity,
    treatment,
)
from custom_components.tconnectsync.nightscout.identifiers import Kind, event_name
from custom_components.tconnectsync.tandem.enums import CgmType
from custom_components.tconnectsync.therapy.records import CgmSession, CgmSessionEnd
from custom_components.tconnectsync.therapy.sensor_sessions import CLOCKS_DIFFER

LONGEST_SESSION = timedelta(days=16)
SENSORS = {
    CgmType.DEXCOM_G6: "Dexcom G6",
    CgmType.DEXCOM_G7: "Dexcom G7",
    CgmType.LIBRE_2: "Libre 2",
    CgmType.LIBRE_3: "Libre 3",
    CgmType.NONE: "Sensor",
}


def sensors(
    sessions: Iterable[CgmSession], ends: Iterable[CgmSessionEnd], pump: PumpIdentity
) -> Iterator[Document]:
    """Yield each session's start, once however often the pump joined it, and each end."""
    begun: list[tuple[CgmType, datetime]] = []
    for session in sessions:
        start = _start(session)
        if start and any(
            sensor is session.cgm_type and abs(start - other) < CLOCKS_DIFFER
            for sensor, other in begun
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


def _start(session: CgmSession) -> datetime | None:
    """Return when a session began; None when the pump joined one of unknown age."""
    reported = session.session_start
    if reported and timedelta() <= session.start - reported <= LONGEST_SESSION:
        return reported
    return None if session.joined else session.start
