"""CGM readings that two pumps received: each is returned once, and none is lost."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.queries.history_json import histories_json
from custom_components.tconnectsync.queries.record_json import Json
from custom_components.tconnectsync.queries.report_json import records_csv
from custom_components.tconnectsync.queries.report_query import ReportData
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import CgmReading
from custom_components.tconnectsync.therapy.report import build_report
from tests.nightscout.records import history, reading, utc

BEFORE, LATER = "12345678", "02345678"
START = utc("00:00:00")


def glucose(before: History, later: History) -> list[Json]:
    """Return the readings that cards show of both pumps; the later one is in use."""
    both = {BEFORE: before, LATER: later}
    return histories_json(
        later, both, START, None, complete_after=date.min, kinds=["glucose"]
    )["glucose"]


def test_a_reading_of_both_pumps() -> None:
    """The reading of the pump that received it first is returned."""
    at_once = history(readings=[reading("08:00:00", 7, 123)])
    in_store = history(readings=[reading("08:00:04", 90, 123, backfilled=True)])
    for before, later in ((at_once, in_store), (in_store, at_once)):
        (found,) = glucose(before, later)
        assert found["time"] == utc("08:00:00").isoformat()


@pytest.mark.parametrize(
    ("clock", "value", "doubtful"),
    [("08:00:00", 124, False), ("08:00:11", 123, False), ("08:00:00", 123, True)],
)
def test_what_is_not_certainly_the_same(clock: str, value: int, doubtful: bool) -> None:
    """Readings with another value, another time or an uncertain clock are both returned."""
    here = history(readings=[reading("08:00:00", 7, 123)])
    there = history(readings=[reading(clock, 90, value)])
    assert len(glucose(here, replace(there, clock_doubtful=doubtful))) == 2


def test_the_edge_of_a_span() -> None:
    """A reading whose equal lies before the span is still returned."""
    before = history(readings=[reading("07:59:58", 7, 123)])
    later = history(readings=[reading("08:00:02", 90, 123, backfilled=True)])
    both = {BEFORE: before, LATER: later}
    (found,) = histories_json(
        later, both, utc("08:00:00"), None, complete_after=date.min, kinds=["glucose"]
    )["glucose"]
    assert found["time"] == utc("08:00:02").isoformat()


def test_the_export() -> None:
    """The export counts and averages such a reading once."""
    clocks = [f"{hour:02}:{minute:02}:00" for hour in range(8) for minute in (0, 5)]
    histories = {
        serial_number: history(
            newest=utc("08:05:00"),
            readings=[
                reading(clock, number, 123) for number, clock in enumerate(clocks)
            ],
        )
        for serial_number in (BEFORE, LATER)
    }
    made = build_report([*histories.values()], UTC, 14, 70, 180)
    assert made
    found = ReportData(
        report=made,
        in_use=histories[LATER],
        histories=histories,
        clock_doubtful=False,
    )
    rows = list(csv.DictReader(StringIO(records_csv(found)["glucose"])))
    assert len(rows) == len(clocks)


READINGS = st.lists(
    st.builds(
        lambda second, value, backfilled: reading(
            f"08:0{second // 60}:{second % 60:02}", second, value, backfilled=backfilled
        ),
        st.integers(0, 299),
        st.sampled_from([100, 101]),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda one: one.start,
)


@given(READINGS, READINGS)
def test_it_is_what_nightscout_gets(
    before: list[CgmReading], later: list[CgmReading]
) -> None:
    """Nightscout receives the same readings, regardless of the pump in use."""
    both = {
        PumpIdentity(serial_number=BEFORE, model="X2"): history(readings=before),
        PumpIdentity(serial_number=LATER, model="Mobi"): history(readings=later),
    }
    sent = [
        (document.body["date"] // 1000, document.body["sgv"])
        for pump, one in both.items()
        for document in documents(one, pump, [Feature.CGM], others=both)
    ]
    shown = [
        (datetime.fromisoformat(one["time"]).timestamp(), one["glucose_mg_dl"])
        for one in glucose(*both.values())
    ]
    assert sorted(shown) == sorted(sent)
