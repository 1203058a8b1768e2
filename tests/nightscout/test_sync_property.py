"""Whatever order, failures and crashes: after one undisturbed sync Nightscout holds what is wanted."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import (
    Document,
    local_text,
    moment,
    seal,
)
from custom_components.tconnectsync.nightscout.identity import Collection, Kind
from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import (
    Fault,
    lost_answer,
    lost_request,
    null_answer,
    proxy_error,
    too_large,
)
from demo.nightscout.kinds import Version

from .records import DAY, OFFSET, PUMP
from .site import SECRET, Crash, Writer

DAYS = (DAY, DAY + timedelta(days=1))
KINDS = (Kind.ALERT, Kind.BOLUS, Kind.BASAL, Kind.GLUCOSE, Kind.STATUS)
FAULTS: tuple[Callable[[], Fault], ...] = (
    lost_answer,
    lost_request,
    null_answer,
    proxy_error,
    too_large,
    lambda: lost_answer(times=2),
    lambda: proxy_error(status=500, times=3),
    lambda: Fault(
        status=503, carried_out=True, method="POST", body="<html></html>", times=1
    ),
)


@dataclass(frozen=True, kw_only=True)
class State:
    """What one thing looks like: where it is and what it says."""

    minutes: int
    event_type: str
    value: int


@dataclass(frozen=True, kw_only=True)
class Round:
    """One sync: what is wanted, and what goes wrong meanwhile."""

    wanted: Mapping[int, State]
    fault: int | None
    skip: int
    crash_before: int | None
    crash_after: int | None
    loses: frozenset[date]


states = st.builds(
    State,
    minutes=st.sampled_from([0, 5, 90, 23 * 60 + 59, 24 * 60 + 1, 30 * 60]),
    event_type=st.sampled_from(["Note", "Meal Bolus"]),
    value=st.integers(1, 3),
)
wanteds = st.dictionaries(st.integers(0, 9), states, max_size=10)
saves = st.none() | st.integers(1, 6)
rounds = st.builds(
    Round,
    wanted=wanteds,
    fault=st.none() | st.integers(0, len(FAULTS) - 1),
    skip=st.integers(0, 6),
    crash_before=saves,
    crash_after=saves,
    loses=st.frozensets(st.sampled_from(DAYS)),
)


def document(number: int, state: State) -> Document:
    """Return the document of one thing in one state."""
    kind = KINDS[number % len(KINDS)]
    wall = datetime.combine(DAY, datetime.min.time()) + timedelta(minutes=state.minutes)
    start = (wall - OFFSET).replace(tzinfo=UTC)
    created_at = moment(start, (0, number))
    text = local_text(created_at, OFFSET)
    event_type = state.event_type
    fields: dict[str, Any] = {"created_at": text, "eventType": event_type}
    if kind.collection is Collection.ENTRIES:
        event_type = "sgv"
        date = round(created_at.timestamp() * 1000)
        fields = {"type": event_type, "date": date, "dateString": text}
    elif kind.collection is Collection.DEVICE_STATUS:
        event_type = ""
        fields = {"created_at": text}
    return seal(
        fields | {"value": state.value},
        pump=PUMP,
        kind=kind,
        name=f"0-{number}",
        created_at=created_at,
        offset=OFFSET,
        event_type=event_type,
        start=start,
        end=start,
        numbers=(number,),
    )


def documents(wanted: Mapping[int, State]) -> list[Document]:
    """Return the documents of all things."""
    return [document(number, state) for number, state in wanted.items()]


def image(server: SimulatedNightscout) -> list[tuple[str, int, str]]:
    """Return identifier, instant and hash of what is held, each as often as it is there."""
    held = []
    for collection in ("treatments", "entries", "devicestatus"):
        for one in server.documents(collection):
            if one.get("app") == "tconnectsync":
                at = one.get("created_at") or one["dateString"]
                told = datetime.fromisoformat(at)
                held.append(
                    (
                        one["identifier"],
                        round(told.timestamp() * 1000),
                        one["tconnectsync_hash"],
                    )
                )
    return sorted(held)


async def somebody_else_writes(client: NightscoutClient) -> None:
    """Put in what must not be touched."""
    at = f"{DAY}T05:00:00.000Z"
    for collection, body in (
        (
            Collection.TREATMENTS,
            {"eventType": "Note", "created_at": at, "notes": "mine"},
        ),
        (Collection.ENTRIES, {"type": "sgv", "dateString": at, "date": 0, "sgv": 100}),
        (Collection.DEVICE_STATUS, {"created_at": at, "device": "phone"}),
    ):
        await client.write(collection, [body])


def strangers(server: SimulatedNightscout) -> list[dict[str, Any]]:
    """Return what others wrote."""
    return [
        one
        for collection in ("treatments", "entries", "devicestatus")
        for one in server.documents(collection)
        if one.get("app") != "tconnectsync"
    ]


async def live_through(version: Version, history: list[Round]) -> None:
    """Go through all rounds, then sync once undisturbed."""
    server = SimulatedNightscout(api_secret=SECRET, version=version, refusal_delay=0)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            client = NightscoutClient(session, server.url, SECRET)
            writer = Writer(server, client)
            await somebody_else_writes(client)
            untouched = strangers(server)
            for one in history:
                if one.fault is not None:
                    server.faults.add(FAULTS[one.fault]()).skip = one.skip
                writer.files.saves = 0
                writer.files.crash_before = one.crash_before
                writer.files.crash_after = one.crash_after
                with suppress(Crash):
                    await writer.hold(documents(one.wanted), days=DAYS)
                server.faults.clear()
                writer.restart()
                for day in one.loses:
                    writer.files.texts.pop(day, None)
            wanted = documents(history[-1].wanted)
            result = await writer.hold(wanted, days=DAYS)
            assert (result.pending, result.error) == (0, None)
            assert image(server) == sorted(
                (one.identifier, round(one.created_at.timestamp() * 1000), one.hash)
                for one in wanted
            )
            assert strangers(server) == untouched
            writes = server.counters.total()
            again = await writer.hold(wanted, days=DAYS)
            assert again.pending == 0
            assert server.counters.total() == writes
    finally:
        await server.stop()


@pytest.mark.parametrize("version", ["15.0.6", "15.0.7"])
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(rounds, min_size=1, max_size=5))
def test_one_undisturbed_sync_sets_everything_right(
    version: Version, history: list[Round]
) -> None:
    """Nothing is lost, nothing doubled, nothing of others touched."""
    asyncio.run(live_through(version, history))
