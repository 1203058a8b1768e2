"""The ledger as stored in JSON."""

from datetime import UTC, datetime
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.identifiers import (
    Collection,
    Kind,
    identifier,
)
from custom_components.tconnectsync.nightscout.ledger import (
    Covered,
    DayLedger,
    LedgerRow,
    UpsertKey,
)
from custom_components.tconnectsync.nightscout.ledger_json import (
    DamagedLedger,
    ledger_from_json,
    ledger_to_json,
)

instants = st.datetimes(
    datetime(2008, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
keys = st.builds(UpsertKey, instants, st.sampled_from(["Note", "Temp Basal", ""]))
rows = st.builds(
    LedgerRow,
    st.sampled_from(Kind),
    keys,
    st.sampled_from(["", "0123456789abcdef"]),
    st.frozensets(keys, max_size=3),
)
numbers = st.frozensets(st.integers(0, 10**6))
covered = st.builds(Covered, instants, numbers, numbers)


@given(
    known=st.dictionaries(st.integers(0, 10**6), rows, max_size=20),
    others=st.dictionaries(st.sampled_from(Feature), covered, max_size=3),
    collections=st.sets(st.sampled_from(Collection)),
)
def test_what_is_kept_comes_back(
    known: dict[int, LedgerRow],
    others: dict[Feature, Covered],
    collections: set[Collection],
) -> None:
    """The ledger is restored from JSON as from a file."""
    ledger = DayLedger(
        {
            identifier("12345678", row.kind, f"0-{number}"): row
            for number, row in known.items()
        },
        others,
        collections,
    )
    assert ledger_from_json(json.loads(json.dumps(ledger_to_json(ledger)))) == ledger


def test_a_day_is_small() -> None:
    """The pump is named once, and a row contains its values only."""
    row = LedgerRow(
        Kind.BASAL,
        UpsertKey(datetime(2025, 11, 20, tzinfo=UTC), "Temp Basal"),
        "0" * 16,
    )
    name = identifier("12345678", Kind.BASAL, "0-1234567")
    ledger = DayLedger({name: row}, collections={Collection.TREATMENTS})
    assert json.dumps(ledger_to_json(ledger)) == (
        '{"rows": {"tconnectsync:12345678": {"basal:0-1234567": '
        '["0000000000000000", 1763596800000, "Temp Basal"]}}, "foreign": {}, '
        '"collections": ["treatments"]}'
    )


WHOLE: dict[str, Any] = {"rows": {}, "foreign": {}, "collections": []}


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        *({part: WHOLE[part] for part in WHOLE if part != gone} for gone in WHOLE),
    ],
)
def test_what_lacks_a_part_is_not_read(kept: Any) -> None:
    """The ledger is then rebuilt from Nightscout."""
    with pytest.raises(DamagedLedger):
        ledger_from_json(kept)


@pytest.mark.parametrize(
    "damage",
    [
        {"rows": []},
        {"rows": {"tconnectsync:1": []}},
        {"rows": {"tconnectsync:1": {"basal:0-1": []}}},
        {"rows": {"tconnectsync:1": {"basal:0-1": [1, 2, "x"]}}},
        {"rows": {"tconnectsync:1": {"basal:0-1": ["", "x", "x"]}}},
        {"rows": {"tconnectsync:1": {"basal:0-1": ["", 1e300, "x"]}}},
        {"rows": {"tconnectsync:1": {"basal:0-1": ["", 1, "", 5]}}},
        {"rows": {"tconnectsync:1": {"unheard:0-1": ["", 1, ""]}}},
        {"rows": {"other:1": {"basal:0-1": ["", 1, ""]}}},
        {"foreign": {"unheard": [1, []]}},
        {"foreign": {"basal": [1]}},
        {"foreign": {"basal": [1, ["x"]]}},
        {"collections": None},
        {"collections": ["unheard"]},
        {"unanswered": {"treatments": "x"}},
        {"unanswered": {"treatments": 1}, "in_doubt": {"treatments": 5}},
        {"unanswered": {"treatments": 1}, "in_doubt": []},
    ],
)
def test_what_is_damaged_is_not_read_half(damage: dict[str, Any]) -> None:
    """No part of it is used, even if the others are valid."""
    assert ledger_from_json(WHOLE) == DayLedger()
    with pytest.raises(DamagedLedger):
        ledger_from_json(WHOLE | damage)
