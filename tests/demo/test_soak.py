"""The soak's judge finds differences, and its month stays within its limits."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
import sqlite3
from typing import Any

import pytest

from custom_components.tconnectsync.nightscout.identifiers import Kind
from custom_components.tconnectsync.nightscout.ledger import (
    DayLedger,
    LedgerRow,
    UpsertKey,
)
from custom_components.tconnectsync.storage.account_state import AccountState
from custom_components.tconnectsync.storage.event_store import EVENTS, EventStore
from custom_components.tconnectsync.storage.ledger_files import LedgerFiles
from custom_components.tconnectsync.storage.private_files import PrivateFile
from custom_components.tconnectsync.storage.read_progress import PumpReadProgress
from demo.faults import Faults
from demo.nightscout.faults import Fault as NightscoutFault
from demo.soak import damage, faults, judging
from demo.soak.counts import HOME_ASSISTANT, LOCKED, Counts
from demo.soak.mishaps import Mishaps, planned
from demo.soak.month import BIRTHDAY, LOOKED_FOR, PASSWORD, Month
from demo.soak.service import API_SECRET
from demo.tandem import Fault as TandemFault, SimulatedTandem
from homeassistant.helpers.json import json_bytes
from homeassistant.util.json import json_loads

END = datetime(2026, 9, 30, 12, 0, tzinfo=UTC)
DAYS = 30
FIRST_DAY = "2026-09-01"
SIGN_IN = "/accounts/api/login"
PROMISED = timedelta(days=28)
IDENTIFIER = "tconnectsync:90817263:bolus:1-7-2026"
ROW = LedgerRow(Kind.BOLUS, UpsertKey(END, "Correction Bolus"), "0a1b")


@cache
def month_of(seed: int, days: float = DAYS) -> Month:
    """Return a month, shared by all tests."""
    return Month(seed=seed, end=END, days=days)


def document(identifier: str, **fields: Any) -> dict[str, Any]:
    """Return a document of the second day."""
    return {"identifier": identifier, "created_at": "2026-09-02T10:00:00Z"} | fields


def compared(*held: dict[str, Any]) -> judging.Difference:
    """Compare some stored documents with one expected document."""
    wanted = [document("a", insulin=1.5)]
    return judging.documents(
        {"treatments": list(held)}, {"treatments": wanted}, FIRST_DAY
    )


def test_equal_documents_are_equal() -> None:
    """The database's own id and documents before the first day do not matter."""
    found = compared(
        document("a", insulin=1.5, _id="66f0"),
        document("b", created_at="2026-08-31T23:59:59Z"),
    )
    assert found == judging.Difference(compared=1)


def test_a_lost_document_is_found() -> None:
    """An expected document is missing."""
    assert compared().lost == ["a"]


@pytest.mark.parametrize("identifier", ["a", "b"])
def test_one_document_too_many_is_found(identifier: str) -> None:
    """The document is doubled, or not expected at all."""
    found = compared(document("a", insulin=1.5), document(identifier, insulin=1.5))
    assert found.doubled == [identifier]


def test_other_content_is_found() -> None:
    """The document exists with other content."""
    (difference,) = compared(document("a", insulin=15)).other
    assert '"insulin": 15' in difference
    assert '"insulin": 1.5' in difference


def test_what_sums_leave_is_nothing() -> None:
    """Hours without events are not compared."""
    values = [judging.rounded(value) for value in (-1e-13, 1e-13, None)]
    assert values == [0, 0, None]
    assert "-" not in str(values)
    assert judging.rounded(1.00001) == 1


def test_what_two_sides_say_otherwise_is_found() -> None:
    """Differing values and values of one side only are found."""
    assert judging.unequal({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 4, "d": 5}) == [
        "b: 2 instead of 4",
        "c: 3 instead of None",
        "d: None instead of 5",
    ]


@pytest.mark.parametrize(
    "line",
    [
        f"signed in with {PASSWORD}",
        "GET /connect?password=sesame%2C%20open%20wide",
        f"api-secret: {API_SECRET.upper()}",
        f"born {BIRTHDAY}",
        "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30.x",
        "for 7d3f-account",
    ],
)
def test_secrets_are_found(tmp_path: Path, line: str) -> None:
    """Secrets are found in any notation."""
    log = tmp_path / "home-assistant.log"
    log.write_text(f"all is well\n{line}\n")
    found = judging.leaks([log], judging.never_logged(["7d3f-account"]))
    assert found.total() == 1
    log.write_text("all is well\n")
    assert not judging.leaks([log], judging.never_logged(["7d3f-account"]))


@pytest.mark.parametrize(
    ("before", "through", "number"),
    [
        ("Unexpected error", "custom_components/tconnectsync", 1),
        ("Full error:", "custom_components/tconnectsync", 0),
        ("Unexpected error", "components/recorder", 0),
    ],
)
def test_tracebacks_of_the_integration_are_counted(
    tmp_path: Path, before: str, through: str, number: int
) -> None:
    """A traceback that Home Assistant logs on request for a known problem does not count."""
    log = tmp_path / "home-assistant.log"
    log.write_text(
        f'{before}\n{judging.TRACEBACK}\n  File "/config/{through}/a.py", line 1\n'
    )
    assert judging.tracebacks(log) == number


@pytest.mark.parametrize("seed", [1, 2])
def test_a_month_stays_within_the_promise(seed: int) -> None:
    """No event arrives later than late data is read, and all have arrived at the end."""
    month = month_of(seed)
    events = zip(month.pump.events, month.pump.instants, strict=True)
    due = {
        (event["sequenceGroup"], event["sequenceNumber"]): logged
        for event, logged in events
    }
    late = {place for upload in month.uploads for place in upload.late}
    assert len(late) > 100
    assert min(due[place] for place in late) > END - LOOKED_FOR - timedelta(hours=4)
    assert LOOKED_FOR < PROMISED
    account = month.account(SimulatedTandem())
    for number in range(len(month.uploads)):
        month.deliver(account, number)
    assert not account.held_back
    assert len(account.between("2026-08-01", "2026-10-01")) == len(due)


def test_a_month_is_the_same_again() -> None:
    """The same seed gives the same month, and another seed another."""
    months = [Month(seed=seed, end=END, days=3) for seed in (1, 1, 2)]
    assert months[0].uploads == months[1].uploads != months[2].uploads
    assert months[0].pump.events == months[1].pump.events


def test_every_fault_can_be_shown_and_named() -> None:
    """Each fault is named by its service and its number of times."""
    shown = [
        *(TandemFault(times=1, **wish).times for wish in faults.TANDEM),
        *(NightscoutFault(**{"times": 1} | wish).times for wish in faults.NIGHTSCOUT),
    ]
    assert all(shown)
    assert {faults.kind(wish) for wish in faults.NIGHTSCOUT} == {
        "done, but the answer lost",
        "another answer",
        "cut off",
        "slow",
        *("403", "413", "429", "500", "502", "504"),
    }
    for kinds in (faults.TANDEM, faults.NIGHTSCOUT):
        assert len({faults.name(wish) for wish in kinds}) == len(kinds)


def test_no_fault_refuses_the_password() -> None:
    """Otherwise nothing would be read until a person enters the password."""
    refused = [wish for wish in faults.TANDEM if wish.get("status") == 401]
    assert refused
    assert not any(wish["path"] in SIGN_IN for wish in refused)


def test_faults_that_were_met_are_counted() -> None:
    """A fault that no request met does not count; required ones stay active until then."""
    given = faults.Given(Faults(), TandemFault)
    often: dict[str, Any] = {"path": "/a", "status": 500, "times": 3}
    never: dict[str, Any] = {"path": "/b", "status": 404, "times": 3}
    surely = faults.sure({"path": "/c", "status": 502, "body": faults.GATEWAY})
    for wish in (often, never, surely):
        given.fail(wish)
    rules = given._faults.rules  # noqa: SLF001 - the list that the service uses
    rules[0].times = 1
    assert given.counted() == {"met": {"/a, 500": 2}, "waiting": [surely]}
    given.heal({})
    assert [rule.path for rule in rules] == ["/c"]
    rules[0].times = 0
    assert given.counted() == {
        "met": {"/a, 500": 2, "/c, 502, a page": 1},
        "waiting": [],
    }
    given.heal({})
    assert not rules


def test_everything_goes_wrong_at_least_once() -> None:
    """Every fault occurs within a month, for any seed; missing ones are named."""
    month = month_of(1)
    syncs = sum(map(len, month.rounds(6)))
    for seed in range(20):
        plan = planned(Random(seed), syncs)
        sure = {
            f"{service} {faults.name(wish)}"
            for mishaps in plan
            for service, wish in mishaps.faults.items()
            if wish.get(faults.SURE)
        }
        every = {
            *(f"tandem {faults.name(wish)}" for wish in faults.TANDEM),
            *(f"nightscout {faults.name(wish)}" for wish in faults.NIGHTSCOUT),
        }
        assert sure == every
        due = {
            *every,
            *(f"file of {kind}" for kind in damage.KINDS),
            *(f"killed {one}" for one in ("tandem", "nightscout", HOME_ASSISTANT)),
            LOCKED,
        }
        counts = Counts()
        assert set(counts.missing(plan)) == due
        counts.faults.update(due - {LOCKED})
        counts.killed.update(["tandem", "nightscout", HOME_ASSISTANT])
        assert counts.missing(plan) == [LOCKED]
    assert not Counts().missing([Mishaps(faults={}, killed=[])])


def test_each_day_is_synced_several_times() -> None:
    """This holds with any stalls; the last upload is left for the end."""
    month = month_of(1)
    days = month.rounds(6)
    assert len(days) in (DAYS, DAYS + 1)
    assert all(len(numbers) == 6 for numbers in days[1:-1])
    numbers = [number for day in days for number in day]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == len(month.uploads) - 2


@pytest.mark.parametrize(
    "kind", [kind for kind in damage.KINDS if kind.startswith("events")]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_damage_is_damage(tmp_path: Path, kind: str, seed: int) -> None:
    """One stored day is lost, in each way of damaging it."""
    folder = tmp_path / "entry" / "events" / "pump"
    kept = EventStore(folder)
    month = month_of(seed, 3)
    kept.add(dict(event) for event in month.pump.events)
    noted = kept.highest_counts
    (untouched := EventStore(folder)).load(noted)
    assert untouched.lost_days == 0
    assert damage.damage_a_file(tmp_path, kind, Random(f"{seed}:{kind}"))
    (found := EventStore(folder)).load(noted)
    assert found.lost_days == 1


@pytest.mark.parametrize(
    "kind", [kind for kind in damage.KINDS if kind.startswith("ledger")]
)
async def test_a_damaged_ledger_is_none(tmp_path: Path, kind: str) -> None:
    """A ledger day becomes unreadable, in each way of damaging it."""

    async def run[*Ts, T](work: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
        return work(*arguments)

    files = LedgerFiles(run, tmp_path / "entry" / "ledger" / "site")
    await files.save(END.date(), DayLedger(rows={IDENTIFIER: ROW}))
    assert await files.load(END.date())
    assert damage.damage_a_file(tmp_path, kind, Random(1))
    assert await files.load(END.date()) is None


def test_nothing_is_damaged_where_nothing_is_kept(tmp_path: Path) -> None:
    """Home Assistant may be killed before its first read, and a day may be empty."""
    for pattern in ("events", "ledger"):
        folder = tmp_path / "entry" / pattern / "one"
        folder.mkdir(parents=True)
        PrivateFile(folder / "2026-09-30.json", EVENTS).write([])
    assert not any(
        damage.damage_a_file(tmp_path, kind, Random(1)) for kind in damage.KINDS
    )


def test_late_data_is_looked_for_again(tmp_path: Path) -> None:
    """Days of the soak are shorter than real ones; only the time of the late read changes."""
    file = tmp_path / "account.json"
    state = AccountState()
    state.reading.pumps = {
        "1": PumpReadProgress(late_data_read_at=END),
        "2": PumpReadProgress(),
    }
    state.pending.add(END.date())
    file.write_bytes(json_bytes({"version": 2, "data": state.to_json()}))
    damage.date_back(file, timedelta(days=1))
    changed = json_loads(file.read_bytes())
    assert isinstance(changed, dict)
    found = AccountState.from_json(changed["data"])
    assert found.reading.pumps["1"].late_data_read_at == END - timedelta(days=1)
    assert found.reading.pumps["2"] == PumpReadProgress()
    assert found.pending == state.pending
    file.write_bytes(b'{"data":{}}')
    damage.date_back(file, timedelta(days=1))
    assert file.read_bytes() == b'{"data":{}}'


async def test_a_locked_database(tmp_path: Path) -> None:
    """Other writers have to wait, and can write afterwards."""
    database = sqlite3.connect(tmp_path / damage.DATABASE, timeout=0, autocommit=True)
    database.execute("CREATE TABLE kept (hour)")
    refused = ""
    locking = asyncio.create_task(damage.lock_database(tmp_path, 0.2))
    while not locking.done():
        try:
            database.execute("INSERT INTO kept VALUES (1)")
        except sqlite3.OperationalError as error:
            refused = str(error)
            break
        await asyncio.sleep(0)
    assert refused == "database is locked"
    await locking
    database.execute("INSERT INTO kept VALUES (2)")
    database.close()
