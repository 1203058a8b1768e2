"""Extended boluses in Nightscout: insulin on board and daily sums are right at any time."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.nightscout.document import (
    ENTERED_BY,
    Document,
    local_text,
    treatment,
)
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.identifiers import Kind
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import Bolus
from demo.nightscout.alarms import snoozes
from tests.therapy.bolus_lives import BolusLife, Cut, Order, bolus_lives
from tests.therapy.pump_days import PumpDay, at, history

from .nightscout_figures import bolus_by_day, insulin_on_board, share_on_board
from .records import PUMP
from .site import EVERYTHING, Writer

RIGHT = 0.1
"""Tolerance in U."""
STEP = timedelta(seconds=10)


def documents_of(found: History) -> list[Document]:
    """Return every document of a history."""
    return documents(found, PUMP, EVERYTHING)


def bodies(found: History) -> list[dict[str, Any]]:
    """Return every treatment of a history."""
    return [one.body for one in documents_of(found) if one.event_type]


def true_on_board(life: BolusLife, instant: datetime, dia: float) -> float:
    """Return insulin on board by Nightscout's curve (U), for insulin at its true delivery times.

    The immediate part counts from its start, like every bolus that Nightscout shows at its start.
    """
    on_board = 0.0
    for start, order in life.orders:
        now, _ = order.given(round((instant - start).total_seconds()))
        minutes = (instant - start).total_seconds() / 60
        on_board += now / 1000 * share_on_board(minutes, dia)
        before = 0
        since = start
        while since < min(instant, start + timedelta(seconds=order.lasts)):
            since += STEP
            _, later = order.given(round((min(since, instant) - start).total_seconds()))
            ago = (instant - since + STEP / 2).total_seconds() / 60
            on_board += (later - before) / 1000 * share_on_board(max(0, ago), dia)
            before = later
    return on_board


def a_combo(now: float, later: float, minutes: int) -> BolusLife:
    """Run an extended bolus and two hours more."""

    life = BolusLife()
    life.live(900)
    life.give(
        Order(
            bolus_id=1,
            now=round(now * 1000),
            later=round(later * 1000),
            minutes=minutes,
            carbs=0,
            cut=Cut.NOTHING,
            after=1,
        )
    )
    life.live(7200)
    return life


def test_the_curve_is_nightscouts() -> None:
    """The curve starts with everything, ends with nothing, and is continuous where its parabolas meet."""
    assert share_on_board(0) == 1
    assert share_on_board(75 - 1e-9) == pytest.approx(share_on_board(75), abs=0.001)
    assert share_on_board(180 - 1e-9) == pytest.approx(0, abs=0.003)
    assert share_on_board(90, dia=6) == share_on_board(45)
    dose = [{"insulin": 2.0, "created_at": at("12:00:00").isoformat()}]
    assert insulin_on_board(dose, at("15:00:00"), 5.0) == pytest.approx(0.51, abs=0.005)


def test_two_at_once_and_eight_over_three_hours() -> None:
    """As one Combo Bolus with a rate 0.51 U were on board at its end; the true amount is 6.19 U."""
    life = a_combo(2.0, 8.0, 180)
    start, order = life.orders[0]
    end = start + timedelta(seconds=order.lasts)
    written = bodies(life.log.history())
    on_board = insulin_on_board(written, end, 5.0)
    assert on_board == pytest.approx(true_on_board(life, end, 5.0), abs=RIGHT)
    assert on_board == pytest.approx(6.19, abs=RIGHT)
    assert sum(bolus_by_day(written).values()) == pytest.approx(10.0, abs=0.001)


@pytest.mark.parametrize(
    ("now", "later", "minutes"),
    [
        (0.0, 4.0, 30),
        (0.0, 4.0, 480),
        (3.0, 0.05, 480),
        (5.0, 20.0, 15),
        (0.0, 25.0, 60),
    ],
)
def test_any_rate(now: float, later: float, minutes: int) -> None:
    """Insulin on board is right for fast and slow, large and small boluses."""
    life = a_combo(now, later, minutes)
    written = bodies(life.log.history())
    for minute in range(0, minutes + 100, 7):
        instant = life.orders[0][0] + timedelta(minutes=minute)
        assert insulin_on_board(written, instant) == pytest.approx(
            true_on_board(life, instant, 3.0), abs=RIGHT
        )
    assert sum(bolus_by_day(written).values()) == pytest.approx(now + later, abs=0.001)


@given(life=bolus_lives(), dia=st.sampled_from([3.0, 4.0, 5.0, 6.0]), data=st.data())
def test_whenever_it_is_uploaded(
    life: BolusLife, dia: float, data: st.DataObject
) -> None:
    """At the newest event of each upload insulin on board is right, for any way of ending the bolus."""
    length = data.draw(st.integers(1, len(life.raws)))
    found = history(life.raws[:length])
    assert found.newest is not None
    written = bodies(found)
    if all(bolus.complete or bolus.never_started for bolus in found.boluses):
        on_board = insulin_on_board(written, found.newest, dia)
        assert on_board == pytest.approx(
            true_on_board(life, found.newest, dia), abs=RIGHT
        )
    assert not any("relative" in one for one in written)


@given(life=bolus_lives())
def test_days_add_up(life: BolusLife) -> None:
    """The day-to-day report is right, over midnight too."""
    found = life.log.history()
    days = bolus_by_day(bodies(found))
    if all(bolus.complete or bolus.never_started for bolus in found.boluses):
        midnight = at("00:00:00") + timedelta(days=1)
        first = life.delivered(midnight)
        assert days[at("12:00:00").date()] == pytest.approx(first, abs=RIGHT)
        assert sum(days.values()) == pytest.approx(
            life.delivered(midnight + timedelta(days=2)), abs=0.01
        )


@given(life=bolus_lives())
def test_each_dose_has_an_instant_of_its_own(life: BolusLife) -> None:
    """Nightscout up to 15.0.6 merges documents of the same type and instant; none lies in the future."""
    found = life.log.history()
    written = documents_of(found)
    places = [(one.event_type, one.created_at) for one in written if one.event_type]
    assert len(set(places)) == len(places)
    assert len({one.identifier for one in written}) == len(written)
    assert found.newest is not None
    doses = [one for one in written if one.kind is Kind.EXTENDED]
    assert all(one.created_at <= found.newest for one in doses)
    assert not any(snoozes(one.body, one.created_at) for one in doses)
    assert all(0 < one.body["insulin"] <= 1 for one in doses)


def running(until: str = "14:30:00") -> PumpDay:
    """Return two units at once and four over two hours, up to a time."""
    log = PumpDay().ask("12:00:00", 7, 6.0, carbs=50, option=1, percent=33, minutes=120)
    log.start("12:00:15", 7, 2.0, 4.0, minutes=120).end("12:01:13", 7, 2.0)
    log.start_extended("12:01:13", 7, 4.0)
    for minute in range(5, 120, 5):
        clock = (at("12:00:15") + timedelta(minutes=minute)).strftime("%H:%M:%S")
        if clock > until:
            break
        delivered = 2 + 4 * (minute * 60 - 58) / (7200 - 58)
        log.summary(
            clock, 7, 2.0, 4.0, minutes=120, delivered=round(delivered, 3), done=False
        )
    return log


async def sums(writer: Writer, log: PumpDay) -> float:
    """Sync; return the sums (U) once another sync changes nothing, with the meal there once."""
    wanted = documents_of(log.history())
    days = [at("12:00:00").date()]
    result = await writer.hold(wanted, days=days)
    assert (result.pending, result.error) == (0, None)
    writes = writer.server.counters.total()
    await writer.hold(wanted, days=days)
    writer.files.texts.clear()
    await writer.hold(wanted, days=days)
    assert writer.server.counters.total() == writes
    held = writer.held()
    assert len(held) == len(wanted)
    assert len({one["identifier"] for one in held}) == len(held)
    assert sum(one.get("carbs", 0) for one in held) in (0, 50)
    return sum(bolus_by_day(one for one in held if "eventType" in one).values())


async def test_it_grows_as_it_flows(writer: Writer) -> None:
    """Only the newest dose changes, and no dose is sent before it was delivered."""
    for until, flowed in (("12:31:00", 2.96), ("13:01:00", 3.97), ("13:31:00", 4.98)):
        before = {one["identifier"]: one for one in writer.held()}
        insulin = await sums(writer, running(until))
        assert insulin == pytest.approx(flowed, abs=RIGHT)
        kept = {one["identifier"]: one for one in writer.held()}
        changed = [
            name
            for name, one in before.items()
            if one != kept[name] and "status" not in name
        ]
        assert len(changed) <= 1


async def test_its_end_corrects_it(writer: Writer) -> None:
    """The documents are right for a complete bolus, and for one stopped half an hour before the newest dose."""
    await sums(writer, running("13:46:00"))
    log = running("13:46:00").end(
        "13:47:00", 7, 3.4, asked=4.0, status=0, extended=True
    )
    assert await sums(writer, log) == pytest.approx(5.4)


async def test_a_late_end_takes_doses_back(writer: Writer) -> None:
    """The pump was stopped long before the newest event, and that event is uploaded last."""
    log = running("12:06:00").seen("13:30:00")
    insulin = await sums(writer, log)
    assert insulin == pytest.approx(4.98, abs=RIGHT)
    log.end("12:10:00", 7, 0.3, asked=4.0, status=1, extended=True)
    assert await sums(writer, log) == pytest.approx(2.3)


async def test_parts_of_its_log_may_come_in_any_order(writer: Writer) -> None:
    """The final documents are the same."""
    log = running().end("14:00:15", 7, 4.0, extended=True)
    for kept in ({64, 65, 66, 280}, {55, 59, 20, 280, 65}, {20, 21, 64}):
        some = PumpDay()
        some.raws = [raw for raw in log.raws if raw["eventCode"] in kept]
        await sums(writer, some)
    assert await sums(writer, log) == pytest.approx(6.0)


def as_1_0_0(bolus: Bolus) -> Document:
    """Return the document of an extended bolus by version 1.0.0."""
    return treatment(
        bolus,
        PUMP,
        Kind.BOLUS,
        "Combo Bolus",
        ENTERED_BY,
        name=bolus.former_identity.removeprefix("bolus:"),
        numbers=bolus.numbers,
        insulin=2.0,
        carbs=50,
        enteredinsulin=6.0,
        splitNow=33,
        splitExt=67,
        duration=119,
        relative=2.0168,
    )


async def test_what_version_1_0_0_wrote_is_replaced(writer: Writer) -> None:
    """The name stays, and the fields that Nightscout counts wrongly are removed."""
    log = running().end("14:00:15", 7, 4.0, extended=True)
    (bolus,) = log.history().boluses
    await writer.hold([as_1_0_0(bolus)])
    assert await sums_of_held(writer, log) == pytest.approx(6.0)
    combo = [one for one in writer.held() if one.get("eventType") == "Combo Bolus"]
    assert [one["identifier"].rpartition(":")[2] for one in combo] == ["0-7-2026"]
    assert combo[0].keys().isdisjoint({"relative", "duration"})


async def sums_of_held(writer: Writer, log: PumpDay) -> float:
    """Sync twice, and again without the ledger; return the units on the site."""
    wanted = documents_of(log.history())
    for _ in range(2):
        await writer.hold(wanted)
        writer.files.texts.clear()
        result = await writer.hold(wanted)
        assert (result.pending, result.created, result.replaced) == (0, 0, 0)
    assert len(writer.held()) == len(wanted)
    return sum(
        bolus_by_day(one for one in writer.held() if "eventType" in one).values()
    )


async def test_what_version_1_0_0_wrote_rightly_is_not_sent_again(
    writer: Writer,
) -> None:
    """Names are longer now; existing documents keep theirs, and edits by hand stay."""
    log = PumpDay().ask("12:00:00", 7, 2.0).start("12:00:15", 7, 2.0)
    log.end("12:01:13", 7, 2.0).summary("12:01:13", 7, 2.0, delivered=2.0)
    wanted = [one for one in documents_of(log.history()) if one.kind is Kind.BOLUS]
    former = [one.with_identifier(one.former) for one in wanted if one.former]
    await writer.hold(former)
    result = await writer.hold(wanted)
    assert (result.created, result.replaced, result.removed) == (0, 0, 0)
    assert [one["identifier"] for one in writer.held()] == [former[0].identifier]


async def test_the_same_id_again_within_the_year(writer: Writer) -> None:
    """With the name of the first bolus, Nightscout would replace it with the second."""
    first = PumpDay("2026-02-01").ask("12:00:00", 7, 2.0).end("12:01:00", 7, 2.0)
    second = PumpDay("2026-05-14", first=9000).ask("12:00:00", 7, 3.0)
    second.end("12:01:00", 7, 3.0)
    wanted = [one for one in documents_of(first.history()) if one.kind is Kind.BOLUS]
    await writer.hold([one.with_identifier(one.former) for one in wanted if one.former])
    await writer.hold(
        [one for one in documents_of(second.history()) if one.kind is Kind.BOLUS]
    )
    assert sorted(one["insulin"] for one in writer.held()) == [2.0, 3.0]


def test_local_time_is_the_pumps() -> None:
    """Doses have the pump's offset like all documents."""
    log = running().end("14:00:15", 7, 4.0, extended=True)
    found = log.history(zone="Europe/Berlin")
    doses = [one for one in documents_of(found) if one.kind is Kind.EXTENDED]
    assert all(one.body["created_at"].endswith("+02:00") for one in doses)
    assert all(
        one.body["created_at"] == local_text(one.created_at, one.offset)
        for one in doses
    )
