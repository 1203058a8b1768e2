"""The ledger of a pump day as JSON."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from custom_components.tconnectsync.instants import EPOCH, MILLISECOND

from .features import Feature
from .identifiers import Collection, kind_of
from .ledger import Covered, DayLedger, LedgerRow, UnconfirmedWrite, UpsertKey


class DamagedLedger(Exception):
    """The stored data is not the ledger of a day."""


def ledger_to_json(ledger: DayLedger) -> dict[str, Any]:
    """Return a ledger as JSON that names each pump once."""
    return ledger_changes(ledger, {})


def ledger_changes(
    ledger: DayLedger, earlier: Mapping[str, LedgerRow]
) -> dict[str, Any]:
    """Return the changes since these earlier rows as JSON; see with_changes."""
    rows: defaultdict[str, dict[str, list[Any] | None]] = defaultdict(dict)
    for identifier, row in ledger.rows.items():
        if earlier.get(identifier) is not row:
            pump, name = _split(identifier, row)
            rows[pump][name] = _row_to_json(row)
    for identifier in earlier.keys() - ledger.rows.keys():
        pump, name = _split(identifier, earlier[identifier])
        rows[pump][name] = None
    unanswered = {
        collection: _milliseconds(write.since)
        for collection, write in ledger.unconfirmed.items()
    }
    in_doubt = {
        collection: sorted(write.identifiers)
        for collection, write in ledger.unconfirmed.items()
        if write.identifiers is not None
    }
    return {
        "rows": rows,
        "foreign": {
            feature: _covered_to_json(covered)
            for feature, covered in ledger.covered.items()
        },
        "collections": sorted(ledger.collections),
        **({"unanswered": unanswered} if unanswered else {}),
        **({"in_doubt": in_doubt} if in_doubt else {}),
    }


def ledger_from_json(data: Any) -> DayLedger:
    """Read the JSON of ledger_to_json; raise DamagedLedger for anything else."""
    try:
        rows = dict(
            _row_from_json(f"{pump}:{rest}", row)
            for pump, of_pump in data["rows"].items()
            for rest, row in of_pump.items()
        )
        covered = {
            Feature(feature): Covered(
                _instant(newest), *(frozenset(map(int, part)) for part in numbers)
            )
            for feature, (newest, *numbers) in data["foreign"].items()
        }
        collections = set(map(Collection, data["collections"]))
        in_doubt = data.get("in_doubt", {})
        unconfirmed = {
            Collection(collection): UnconfirmedWrite(
                _instant(since), _identifiers(in_doubt.get(collection))
            )
            for collection, since in data.get("unanswered", {}).items()
        }
    except (
        AttributeError,
        IndexError,
        KeyError,
        OverflowError,
        TypeError,
        ValueError,
    ):
        raise DamagedLedger("not a day of a ledger") from None
    return DayLedger(rows, covered, collections, unconfirmed)


def with_changes(data: Any, changes: Any) -> Any:
    """Return the JSON of a day with later changes; the rows of `data` are changed in place.

    Raises AttributeError, KeyError or TypeError if either is not the JSON of a ledger.
    """
    rows = data["rows"]
    for pump, changed_rows in changes["rows"].items():
        of_pump = rows.setdefault(pump, {})
        for name, row in changed_rows.items():
            if row is None:
                of_pump.pop(name, None)
            else:
                of_pump[name] = row
    return {**changes, "rows": rows}


def _split(identifier: str, row: LedgerRow) -> tuple[str, str]:
    """Return the part of an identifier that names the pump, and the rest."""
    pump, _, rest = identifier.rpartition(f":{row.kind}:")
    return pump, f"{row.kind}:{rest}"


def _covered_to_json(covered: Covered) -> list[Any]:
    only_immediate = sorted(covered.only_immediate_part)
    return [
        _milliseconds(covered.newest),
        sorted(covered.numbers),
        *([only_immediate] if only_immediate else []),
    ]


def _row_to_json(row: LedgerRow) -> list[Any]:
    older = [_key_to_json(key) for key in sorted(row.older_keys, key=_order)]
    return [row.hash, *_key_to_json(row.key), *([older] if older else [])]


def _row_from_json(identifier: str, row: list[Any]) -> tuple[str, LedgerRow]:
    kind = kind_of(identifier)
    hashed, created_at, event_type, *rest = row
    if kind is None or not isinstance(hashed, str):
        raise DamagedLedger("not a row of a ledger")
    older = rest[0] if rest else []
    return identifier, LedgerRow(
        kind,
        UpsertKey(_instant(created_at), str(event_type)),
        hashed,
        frozenset(UpsertKey(_instant(instant), str(name)) for instant, name in older),
    )


def _identifiers(listed: Iterable[str] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(listed)


def _key_to_json(key: UpsertKey) -> list[Any]:
    return [_milliseconds(key.created_at), key.event_type]


def _order(key: UpsertKey) -> tuple[datetime, str]:
    return key.created_at, key.event_type


def _milliseconds(instant: datetime) -> int:
    return (instant - EPOCH) // MILLISECOND


def _instant(milliseconds: int) -> datetime:
    return EPOCH + milliseconds * MILLISECOND
