"""Documents on a site may be written by anybody, so reading them never fails."""

from typing import Any

from hypothesis import given, strategies as st
import orjson

from custom_components.tconnectsync.nightscout.identifiers import Collection, Kind
from custom_components.tconnectsync.nightscout.ledger import DayLedger, LedgerRow
from custom_components.tconnectsync.nightscout.ledger_json import ledger_to_json
from custom_components.tconnectsync.nightscout.stored_document import (
    StoredDocument,
    parse_instant,
)
from custom_components.tconnectsync.nightscout.written_by_cli import covered_by_day

MINE = {
    "_id": "0123456789abcdef01234567",
    "identifier": "tconnectsync:12345678:basal:0-17",
    "created_at": "2026-05-20T12:00:00.018Z",
    "date": 1779278400018,
    "utcOffset": -420,
    "eventType": "Temp Basal",
    "type": "sgv",
    "app": "tconnectsync",
    "tconnectsync_hash": "0123456789abcdef",
    "enteredBy": "Pump (tconnectsync)",
    "pump_event_id": "17,18",
    "notes": "Extended Bolus",
}
DATES = st.sampled_from(
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999-14:00",
        "0001-01-01",
        "9999-12-31T23:59:59Z",
        "2026-05-20",
        "2026-13-01",
        "",
    ]
)
NUMBERS = (
    st.integers()
    | st.floats()
    | st.sampled_from([1e300, -1e300, 840, -840.5, 2**63, -(2**70)])
)
TEXTS = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    [
        "\ud800",
        "tconnectsync:\ud800:basal:0-1",
        "9" * 5000,
        "17,\u0663",
        "17,99999999999",
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | DATES,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2)
    ),
    max_leaves=3,
)
DOCUMENTS = st.dictionaries(st.sampled_from(sorted(MINE)), ANYTHING, max_size=4).map(
    lambda changed: MINE | changed
)


def test_a_document_of_this_integration_is_known_again() -> None:
    """Key, kind and day are those of the written document."""
    found = StoredDocument.from_json(MINE)
    assert found
    assert found.kind is Kind.BASAL
    assert found.key.event_type == "Temp Basal"
    assert found.day.isoformat() == "2026-05-20"


@given(DOCUMENTS)
def test_whatever_is_found_can_be_kept(document: dict[str, Any]) -> None:
    """It is foreign, or can be stored in a ledger."""
    if (found := StoredDocument.from_json(document)) is None:
        return
    ledger = DayLedger(
        rows={found.identifier: LedgerRow(found.kind, found.key, found.hash)}
    )
    assert orjson.loads(
        orjson.dumps(ledger_to_json(ledger), option=orjson.OPT_NON_STR_KEYS)
    )


@given(st.lists(DOCUMENTS, max_size=4))
def test_whatever_tconnectsync_wrote_can_be_kept(
    documents: list[dict[str, Any]],
) -> None:
    """Documents of another program are read as far as possible."""
    for collection in (Collection.TREATMENTS, Collection.ENTRIES):
        covered = covered_by_day(collection, documents, {})
        for of_day in covered.values():
            assert orjson.dumps(
                ledger_to_json(DayLedger(covered=of_day)),
                option=orjson.OPT_NON_STR_KEYS,
            )


@given(NUMBERS | TEXTS | DATES | st.none())
def test_an_instant_has_a_day_on_both_sides(value: object) -> None:
    """Computing with any date, however absurd, does not fail."""
    at = parse_instant(value)
    assert at is None or 1900 < at.year < 3000
