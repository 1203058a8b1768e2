"""The identity of a document: name, instant and hash."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.tconnectsync.nightscout.document import HASH, hashed, local_text
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.identifiers import (
    Collection,
    Kind,
    feature_of,
    kind_of,
)
from tests.nightscout.records import DAY, OFFSET, bolus, segment, suspension, utc

from . import documents_of

FIVE_MINUTES = segment("08:00:00", "08:05:00", 1.0, 5000)


def test_every_document_has_a_name_an_instant_and_a_hash() -> None:
    """Name, instant and hash find it again after years, and without the ledger."""
    [document] = documents_of(basal=[FIVE_MINUTES])
    assert document.identifier == "tconnectsync:12345678:basal:0-5000"
    assert document.created_at == datetime(2025, 11, 20, 7, 0, 0, 6000, tzinfo=UTC)
    assert document.day == DAY
    assert document.collection is Collection.TREATMENTS
    assert document.feature is Feature.BASAL
    assert {
        name: document.body[name]
        for name in ("identifier", "app", "device", "created_at", "pump_event_id")
    } == {
        "identifier": "tconnectsync:12345678:basal:0-5000",
        "app": "tconnectsync",
        "device": "t:slim X2 12345678",
        "created_at": "2025-11-20T08:00:00.006+01:00",
        "pump_event_id": "5000",
    }
    assert document.hash == document.body[HASH]


def test_a_bolus_keeps_its_name_when_its_first_event_comes_late() -> None:
    """Its id and day name it, whichever of its events arrived first."""
    [early] = documents_of(boluses=[bolus("08:00:00", 1.0, 7321)])
    [late] = documents_of(
        boluses=[replace(bolus("08:00:00", 1.0, 7321), key=(0, 7319))]
    )
    assert (
        early.identifier
        == late.identifier
        == "tconnectsync:12345678:bolus:0-321-20251120"
    )
    assert early.created_at != late.created_at


def test_the_hash_changes_with_anything_else() -> None:
    """Only true changes are sent."""
    body = {"a": 1, "b": "x"}
    assert hashed(body) == hashed(dict(reversed(body.items())))
    assert hashed(hashed(body)) == hashed(body)
    assert hashed(body | {"a": 2})[HASH] != hashed(body)[HASH]


@given(numbers=st.lists(st.integers(0, 10**6), unique=True, min_size=2, max_size=2))
def test_events_of_one_second_stand_at_instants_of_their_own(
    numbers: list[int],
) -> None:
    """Older versions replace documents of the same instant and event type."""
    one, two = (
        documents_of(basal=[segment("08:00:00", "08:05:00", 1.0, number)])[0]
        for number in numbers
    )
    same = numbers[0] % 999 == numbers[1] % 999
    assert (one.created_at == two.created_at) is same
    assert utc("08:00:00") < one.created_at < utc("08:00:01")


def test_offsets_that_no_zone_has_are_left_out() -> None:
    """With a wrong date on the pump, the document still gets an offset that Nightscout can read."""
    at = datetime(2025, 11, 20, 7, tzinfo=UTC)
    assert local_text(at, timedelta(hours=5.5)) == "2025-11-20T12:30:00.000+05:30"
    assert local_text(at, timedelta(hours=-3)) == "2025-11-20T04:00:00.000-03:00"
    assert local_text(at, timedelta(days=2)) == "2025-11-20T07:00:00.000+00:00"
    assert local_text(at, timedelta(seconds=90)) == "2025-11-20T07:00:00.000+00:00"


def test_only_own_names_are_read() -> None:
    """Any other identifier belongs to another program."""
    assert kind_of("tconnectsync:1:bolus:0-1-2025") is Kind.BOLUS
    assert kind_of("tconnectsync:1:unheard:0-1") is None
    assert kind_of("loop:1:bolus:0-1") is None
    assert kind_of("d5b1c4f2-0000-4000-8000-000000000000") is None


def test_features_decide_what_is_written() -> None:
    """Each feature starts on its own day."""
    records = {
        "basal": [FIVE_MINUTES],
        "boluses": [bolus("08:00:00", 1.0, 10)],
    }
    assert [one.kind for one in documents_of(Feature.BOLUS, **records)] == [Kind.BOLUS]
    assert documents_of(Feature.PROFILES, **records) == []
    assert feature_of(Kind.SUSPENSION, "Temp Basal") is Feature.BASAL
    assert feature_of(Kind.SUSPENSION, "Note") is Feature.PUMP_EVENTS


def test_a_document_belongs_to_the_day_on_the_pumps_clock() -> None:
    """Half past midnight may still be the previous day in UTC."""
    [document] = documents_of(suspensions=[suspension("00:30:00", "00:40:00", 3)])
    assert document.created_at.date() < document.day == DAY
    assert document.offset == OFFSET
