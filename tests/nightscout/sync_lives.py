"""Faults of a site, a network and a process while documents change."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import product
from typing import Any, override

from hypothesis import strategies as st

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import (
    Document,
    build_document,
    distinct_instant,
    local_text,
)
from custom_components.tconnectsync.nightscout.errors import NightscoutUnreachable
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.identifiers import Collection, Kind
from custom_components.tconnectsync.nightscout.ledger import UNCONFIRMED_WINDOW
from demo.nightscout.faults import (
    Fault,
    lost_answer,
    lost_request,
    null_answer,
    proxy_error,
    too_large,
)

from .records import DAY, OFFSET, PUMP
from .site import Crash, Writer

DAYS = (DAY, DAY + timedelta(days=1))
ODD_OFFSETS = (
    timedelta(hours=-23),
    timedelta(hours=25),
    -timedelta(hours=4, minutes=13, seconds=7),
)
"""Offsets of clocks with a wrong date, or of no zone."""
KINDS = (Kind.ALERT, Kind.BOLUS, Kind.BASAL, Kind.GLUCOSE, Kind.STATUS)
PAGE = "<html></html>"
FAULTS = (
    lost_answer(),
    lost_request(),
    null_answer(),
    proxy_error(),
    too_large(),
    lost_answer(times=2),
    proxy_error(status=500, times=3),
    Fault(status=503, carried_out=True, method="POST", body=PAGE),
    Fault(status=500, carried_out=True, body=PAGE),
    Fault(status=500, method="DELETE", body=PAGE),
    Fault(status=200, method="DELETE", body=PAGE),
)


class Break(StrEnum):
    """The way in which a request ends for its caller."""

    LATE = "no answer, and it is carried out later"
    DIES_BEFORE = "the process dies before it"
    DIES_AFTER = "the process dies after it"
    DIES_LATE = "the process dies, and it is carried out later"


@dataclass(frozen=True, kw_only=True)
class State:
    """One state of a record: its place and content."""

    minutes: int
    event_type: str
    value: int
    offset: timedelta = OFFSET
    """The pump's clock minus UTC."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """One sync: the wanted documents, and the faults during it."""

    wanted: Mapping[int, State]
    minutes: int = 0
    """Time since the last sync."""
    off: frozenset[Feature] = frozenset()
    fault: int | None = None
    skip: int = 0
    """Requests that pass before the fault starts."""
    breaks: Mapping[int, tuple[Break, int]] = field(default_factory=dict)
    """By the number of the request; a late one is carried out this many requests later."""
    crash_before: int | None = None
    """The save of the ledger at which this happens."""
    crash_after: int | None = None
    loses: frozenset[date] = frozenset()
    """Days whose ledger is lost afterwards."""


states = st.builds(
    State,
    minutes=st.sampled_from(
        [0, 5, 90, 23 * 60 + 59, 24 * 60 + 1, 24 * 60 + 90, 30 * 60]
    ),
    event_type=st.sampled_from(["Note", "Meal Bolus"]),
    value=st.integers(1, 3),
)
saves = st.none() | st.integers(1, 8)
rounds = st.builds(
    Round,
    wanted=st.dictionaries(st.integers(0, 9), states, max_size=10),
    minutes=st.sampled_from([0, 0, 5, 14, 16]),
    off=st.frozensets(st.sampled_from([Feature.BASAL, Feature.CGM]), max_size=1),
    fault=st.none() | st.integers(0, len(FAULTS) - 1),
    skip=st.integers(0, 6),
    breaks=st.dictionaries(
        st.integers(0, 9),
        st.tuples(st.sampled_from(Break), st.integers(0, 12)),
        max_size=2,
    ),
    crash_before=saves,
    crash_after=saves,
    loses=st.frozensets(st.sampled_from(DAYS)),
)


@st.composite
def lives(draw: st.DrawFn) -> list[Round]:
    """Draw some rounds; records often return to an earlier state."""
    history = draw(st.lists(rounds, min_size=1, max_size=5))
    back = draw(st.lists(st.booleans(), min_size=5, max_size=5))
    for number in range(2, len(history)):
        if back[number]:
            wanted = history[number - 2].wanted
            history[number] = replace(history[number], wanted=wanted)
    return history


@st.composite
def lives_by_odd_clocks(draw: st.DrawFn) -> list[Round]:
    """Draw some rounds of records dated by clocks that may be days wrong.

    One alert of each day and clock is always there: it shows where the others may be.
    """
    always = {
        5 * number: State(minutes=minutes, event_type="Note", value=1, offset=offset)
        for number, (minutes, offset) in enumerate(
            product((12 * 60, 36 * 60), (OFFSET, *ODD_OFFSETS)), start=2
        )
    }
    offsets = st.lists(
        st.sampled_from([OFFSET, *ODD_OFFSETS]), min_size=10, max_size=10
    )
    history = []
    for one in draw(lives()):
        by_number = draw(offsets)
        wanted = {
            number: replace(state, offset=by_number[number])
            for number, state in one.wanted.items()
        }
        history.append(replace(one, wanted=always | wanted))
    return history


@st.composite
def lives_beside(draw: st.DrawFn, always: Mapping[int, State]) -> list[Round]:
    """Draw some rounds of other records next to these, which are always there; no ledger is lost.

    At some round some of these change, and often return to their first value later.
    """
    changed = draw(st.sets(st.sampled_from(sorted(always))))
    since, until = draw(st.integers(0, 4)), draw(st.integers(1, 5))
    later = {
        number: replace(state, value=2) if number in changed else state
        for number, state in always.items()
    }
    return [
        replace(
            one,
            wanted={**one.wanted, **(later if since <= number < until else always)},
            loses=frozenset(),
        )
        for number, one in enumerate(draw(lives()))
    ]


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A person's edit of a treatment."""

    how: str
    minutes: int
    """The time by which it is dragged to later."""

    def carry_out(self, writer: Writer, document: Document) -> None:
        """Make the edit."""
        by_hand, identity = writer.server.by_hand, writer.id_of(document)
        to = document.created_at + timedelta(minutes=self.minutes)
        match self.how:
            case "delete":
                by_hand.delete(identity)
            case "save":
                by_hand.save(identity, notes="mine")
            case "move":
                by_hand.move(identity, to)
            case _:
                by_hand.move_part(identity, "carbs", to)


EDITS = st.builds(
    Edit,
    how=st.sampled_from(["delete", "save", "move", "move a part"]),
    minutes=st.integers(1, 20 * 60) | st.integers(-20 * 60, -1),
)


def document(number: int, state: State) -> Document:
    """Return the document of one record in one state."""
    kind = KINDS[number % len(KINDS)]
    wall = datetime.combine(DAY, datetime.min.time()) + timedelta(minutes=state.minutes)
    start = (wall - state.offset).replace(tzinfo=UTC)
    created_at = distinct_instant(start, (0, number))
    text = local_text(created_at, state.offset)
    event_type = state.event_type
    fields: dict[str, Any] = {"created_at": text, "eventType": event_type}
    if kind.collection is Collection.ENTRIES:
        event_type = "sgv"
        date = round(created_at.timestamp() * 1000)
        fields = {"type": event_type, "date": date, "dateString": text}
    elif kind.collection is Collection.DEVICE_STATUS:
        event_type = ""
        fields = {"created_at": text}
    return build_document(
        fields | {"value": state.value},
        pump=PUMP,
        kind=kind,
        name=f"0-{number}",
        created_at=created_at,
        offset=state.offset,
        event_type=event_type,
        start=start,
        end=start,
        numbers=(number,),
    )


def documents(
    wanted: Mapping[int, State], off: frozenset[Feature] = frozenset()
) -> list[Document]:
    """Return the documents of all records whose feature is on."""
    every = (document(number, state) for number, state in wanted.items())
    return [one for one in every if one.feature not in off]


class BreakingClient(NightscoutClient):
    """A client whose requests fail and are carried out later all the same."""

    breaks: Mapping[int, tuple[Break, int]] = {}
    asked = 0
    """Requests of this round."""
    all_asked = 0
    _late: Sequence[tuple[int, datetime, Callable[[], Awaitable[None]]]] = ()

    @override
    async def read(self, *about: Any) -> list[dict[str, Any]]:
        """Read, unless the process crashes."""
        found: list[dict[str, Any]] = []

        async def read() -> None:
            found.extend(await super(BreakingClient, self).read(*about))

        await self._ask(read)
        return found

    @override
    async def write(self, *about: Any) -> None:
        """Write now or later."""
        await self._ask(lambda: super(BreakingClient, self).write(*about))

    @override
    async def delete(self, *about: Any) -> None:
        """Delete now or later."""
        await self._ask(lambda: super(BreakingClient, self).delete(*about))

    async def carry_out_late(self, until: datetime | None = None) -> None:
        """Carry out requests that are due now, or that expire at an instant."""
        late, self._late = self._late, ()
        for due, since, request in late:
            if self.all_asked >= due or (until and until - since >= UNCONFIRMED_WINDOW):
                await request()
            else:
                self._late = (*self._late, (due, since, request))

    async def _ask(self, request: Callable[[], Awaitable[None]]) -> None:
        await self.carry_out_late()
        how, after = self.breaks.get(self.asked, (None, 0))
        self.asked += 1
        self.all_asked += 1
        if how in (None, Break.DIES_AFTER):
            await request()
        elif how is not Break.DIES_BEFORE:
            due = self.all_asked + after
            self._late = (*self._late, (due, datetime.now(UTC), request))
        if how is Break.LATE:
            raise NightscoutUnreachable("no answer in time", sent=True)
        if how:
            raise Crash
