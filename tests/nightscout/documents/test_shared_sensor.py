"""A CGM sensor used with two pumps: its readings and session are sent once, and none is lost."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.enums import CgmType
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import CgmReading, GlucoseState
from tests.nightscout.records import (
    PUMP,
    at,
    history,
    reading,
    session,
    session_end,
    utc,
)

NEXT = replace(PUMP, serial_number="02345678")
"""The pump put on later; its serial number is the smaller one."""
EIGHT = utc("08:00:00")
SECOND = timedelta(seconds=1)


def of_both(before: History, later: History) -> list[Document]:
    """Return all documents of both pumps."""
    both = {PUMP: before, NEXT: later}
    return [
        document
        for pump, one in both.items()
        for document in documents(
            one,
            pump,
            tuple(Feature),
            others={other: both[other] for other in both if other != pump},
        )
    ]


def senders(before: History, later: History) -> list[str]:
    """Return the serial numbers of the pumps of these documents."""
    found = of_both(before, later)
    return [str(one.body["device"]).split()[-1] for one in found]


def test_what_the_sensor_had_in_store_for_the_next_pump() -> None:
    """The previous pump sent these readings when they were measured."""
    at_once = history(readings=[reading("08:00:00", 7, 123)])
    in_store = history(readings=[reading("08:00:04", 90, 123, backfilled=True)])
    assert senders(at_once, in_store) == [PUMP.serial_number]
    both = history(readings=[reading("08:00:04", 90, 123)])
    assert senders(at_once, both) == [NEXT.serial_number]


@pytest.mark.parametrize(
    "other",
    [
        {"glucose": 124},
        {"glucose": 39, "state": GlucoseState.LOW},
        {"start": EIGHT + 11 * SECOND},
        {"pump_time": at("08:00:00", 1)["pump_time"] + timedelta(days=1)},
    ],
)
def test_what_is_not_certainly_the_same(other: dict[str, Any]) -> None:
    """Readings with another value, another time or another pump day are both sent."""
    here = history(readings=[reading("08:00:00", 7, 123)])
    there = history(readings=[replace(reading("08:00:00", 90, 123), **other)])
    assert len(of_both(here, there)) == 2


@pytest.mark.parametrize("doubtful", [0, 1])
def test_a_clock_that_is_wrong(doubtful: int) -> None:
    """By a wrong clock the same time may not be the same moment."""
    both = [
        history(
            readings=[reading("08:00:00", 7, 123)],
            session_starts=[session("07:00:00", 6)],
        )
    ] * 2
    both[doubtful] = replace(both[doubtful], clock_doubtful=True)
    assert len(of_both(*both)) == 4


def test_one_session() -> None:
    """The session starts where the first pump logged it, or the one that continues with it."""
    began = history(session_starts=[session("08:00:00", 7)])
    joined = session("12:00:00", 90, joined=True, session_start=EIGHT + 40 * SECOND)
    assert senders(began, history(session_starts=[joined])) == [PUMP.serial_number]
    assert senders(history(session_starts=[joined]), began) == [NEXT.serial_number]


@pytest.mark.parametrize(
    "other",
    [
        {"cgm_type": CgmType.LIBRE_3},
        {"session_start": EIGHT + timedelta(hours=1)},
        {"session_start": None},
    ],
)
def test_another_session(other: dict[str, Any]) -> None:
    """Another kind of sensor, a later start or an unknown one is another session."""
    began = history(session_starts=[session("08:00:00", 7)])
    joined = session("12:00:00", 90, joined=True, session_start=EIGHT)
    joined = replace(joined, **other)
    assert len(of_both(began, history(session_starts=[joined]))) == 2


def test_the_end_of_a_session() -> None:
    """An end that both pumps logged is sent once, and one of a single pump as well."""
    ended = history(session_ends=[session_end("08:00:00", 7)])
    assert senders(ended, history(session_ends=[session_end("08:05:00", 90)])) == [
        PUMP.serial_number
    ]
    later = history(session_ends=[session_end("09:05:00", 90)])
    assert len(of_both(ended, later)) == 2


moments = st.lists(
    st.tuples(st.integers(0, 7200), st.integers(100, 103), st.booleans()),
    unique_by=lambda one: one[0] // 60,
    max_size=30,
)


def read(found: list[tuple[int, int, bool]]) -> list[CgmReading]:
    """Return readings at these many seconds after eight."""
    return [
        reading(
            f"{8 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}",
            number,
            glucose,
            backfilled=backfilled,
        )
        for number, (second, glucose, backfilled) in enumerate(sorted(found))
    ]


@given(mine=moments, others=moments, shared=moments)
def test_no_reading_is_lost(
    mine: list[tuple[int, int, bool]],
    others: list[tuple[int, int, bool]],
    shared: list[tuple[int, int, bool]],
) -> None:
    """Each reading is at its time with its value, and a reading of both pumps is there once."""
    here, there = read(mine + shared), read(others + shared)
    written = [
        (one.start, one.body["sgv"])
        for one in of_both(history(readings=here), history(readings=there))
    ]
    for one in here + there:
        assert any(
            abs(start - one.start) <= 20 * SECOND and value == one.glucose
            for start, value in written
        )
    for one in read(shared):
        assert written.count((one.start, one.glucose)) <= max(
            [one.start for one in side].count(one.start) for side in (here, there)
        )
