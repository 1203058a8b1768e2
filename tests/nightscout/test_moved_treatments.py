"""Edits by hand on Nightscout's pages stay until the pump's own data changes."""

from dataclasses import replace
from datetime import timedelta
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.ledger import UNCONFIRMED_WINDOW
from custom_components.tconnectsync.therapy.records import Bolus, BolusKind
from demo.nightscout.by_hand import Part
from demo.nightscout.faults import Fault, lost_answer, lost_request, proxy_error

from .records import DAY, PUMP, bolus, history, utc
from .site import EVERYTHING, Crash, Writer, by_day

MEAL = bolus("12:00:17", 4, 100, carbs=40, kind=BolusKind.MEAL)
NEXT = bolus("13:00:00", 1, 200)
DAY_BEFORE = DAY - timedelta(days=1)
EARLY = bolus("00:30:17", 4, 100, carbs=40, kind=BolusKind.MEAL)
"""A time that belongs to the previous day in UTC."""
NEXT_BEFORE = bolus("13:00:00", 1, 50, day=DAY_BEFORE)


def documents_of(*boluses: Bolus) -> list[Document]:
    """Return the documents of some boluses."""
    return documents(history(boluses=boluses), PUMP, EVERYTHING)


async def hold(writer: Writer, meal: Bolus) -> str:
    """Write a meal; return its `_id` on the site."""
    await writer.hold(documents_of(meal), days=[DAY_BEFORE, DAY])
    return writer.id_of(documents_of(meal)[0])


async def read_back(writer: Writer, how: str, *boluses: Bolus) -> None:
    """Let the ledger of these days be rebuilt from the site, which has all but the last of these documents."""
    wanted = documents_of(*boluses)
    if how == "unanswered":
        writer.server.faults.add(lost_answer("treatments")).method = "POST"
        await writer.hold(wanted)
    elif how == "forgotten":
        writer.files.texts.clear()
        writer.restart()
    result = await writer.hold(wanted, resend=how == "resend")
    assert (result.pending, result.error) == (0, None)


READ_BACK = pytest.mark.parametrize("how", ["unanswered", "forgotten", "resend"])


def of_meal(writer: Writer) -> list[dict[str, Any]]:
    """Return the documents of the meal on the site."""
    [meal] = documents_of(MEAL)
    return [one for one in writer.held() if one["identifier"] == meal.identifier]


async def be_cut_off(writer: Writer, fault: Fault, *boluses: Bolus) -> None:
    """Send these documents while a fault happens once."""
    writer.server.faults.add(fault)
    await writer.hold(documents_of(*boluses))


class TestDeleted:
    """A treatment deleted by hand stays deleted; only documents with an unknown result are looked up."""

    @pytest.mark.parametrize(
        "fault",
        [
            lost_answer(),
            lost_request(times=2),
            proxy_error(status=504),
            lost_answer(times=2),
        ],
        ids=["no answer", "no request", "proxy", "twice no answer"],
    )
    async def test_a_write_without_an_answer_does_not_bring_it_back(
        self, writer: Writer, fault: Fault, freezer: FrozenDateTimeFactory
    ) -> None:
        """On its day or another, it stays deleted, and the written document is there once."""
        writer.server.by_hand.delete(await hold(writer, MEAL))
        await be_cut_off(writer, replace(fault, method="POST"), MEAL, NEXT)
        for _ in range(2):
            await writer.hold(documents_of(MEAL, NEXT))
            freezer.tick(UNCONFIRMED_WINDOW)
            writer.restart()
        assert (
            await writer.hold(documents_of(MEAL, NEXT))
        ).unconfirmed_days == frozenset()
        assert writer.is_right(documents_of(NEXT))

    async def test_nor_does_a_removal_without_an_answer(self, writer: Writer) -> None:
        """Only the documents to remove are looked up."""
        meal = await hold(writer, MEAL)
        await writer.hold(documents_of(MEAL, NEXT))
        writer.server.by_hand.delete(meal)
        lost = replace(lost_answer(times=2), method="DELETE")
        await be_cut_off(writer, lost, MEAL)
        assert (await writer.hold(documents_of(MEAL))).pending == 0
        assert writer.held() == []

    async def test_nor_does_a_crash(self, writer: Writer) -> None:
        """The documents that were about to be sent are looked up after the next start."""
        writer.server.by_hand.delete(await hold(writer, MEAL))
        writer.files.crash_before = writer.files.saves + 2
        with pytest.raises(Crash):
            await writer.hold(documents_of(MEAL, NEXT))
        writer.restart()
        await writer.hold(documents_of(MEAL, NEXT))
        assert writer.is_right(documents_of(NEXT))

    async def test_what_was_being_written_is_written_again(
        self, writer: Writer
    ) -> None:
        """It is not distinguishable from a write that was never carried out."""
        lost = replace(lost_request(times=2), method="POST")
        await be_cut_off(writer, lost, MEAL)
        await writer.hold(documents_of(MEAL))
        assert writer.is_right(documents_of(MEAL))

    async def test_resend_brings_it_back(self, writer: Writer) -> None:
        """A resend sends everything that the pump logged."""
        writer.server.by_hand.delete(await hold(writer, MEAL))
        await writer.hold(documents_of(MEAL), resend=True)
        assert writer.is_right(documents_of(MEAL))

    async def test_what_an_earlier_release_left_in_doubt(self, writer: Writer) -> None:
        """The earlier release stored no identifiers, so all documents of the day are looked up."""
        writer.server.by_hand.delete(await hold(writer, MEAL))
        late = replace(lost_request(times=2), method="POST")
        await be_cut_off(writer, late, MEAL, NEXT)
        kept = json.loads(writer.files.texts[DAY])
        assert kept.pop("in_doubt").keys() == kept["unanswered"].keys()
        writer.files.texts[DAY] = json.dumps(kept)
        writer.restart()
        await writer.hold(documents_of(MEAL, NEXT))
        assert writer.is_right(documents_of(MEAL, NEXT))


class TestMovedInPart:
    """Carbs or insulin dragged alone in the chart become a document with the same name and hash."""

    @READ_BACK
    @pytest.mark.parametrize("part", ["carbs", "insulin"])
    async def test_both_parts_stay(self, writer: Writer, part: Part, how: str) -> None:
        """Neither of them counts as an old version of the other."""
        meal = await hold(writer, MEAL)
        writer.server.by_hand.move_part(meal, part, utc("12:20:00"))
        both = of_meal(writer)
        await read_back(writer, how, MEAL, NEXT)
        assert of_meal(writer) == both
        assert len(both) == 2


class TestOnAnotherDay:
    """The reports drop the pump's offset, so near midnight a document seems to belong to another day."""

    @READ_BACK
    async def test_it_is_not_written_again(self, writer: Writer, how: str) -> None:
        """The document belongs to the day that wants it."""
        writer.server.by_hand.save(await hold(writer, EARLY), insulin="3")
        edited = of_meal(writer)
        await read_back(writer, how, EARLY, NEXT)
        assert of_meal(writer) == edited

    @READ_BACK
    @pytest.mark.parametrize("part", ["carbs", "insulin"])
    async def test_a_part_is_neither_removed_nor_written_again(
        self, writer: Writer, part: Part, how: str
    ) -> None:
        """This holds for a part dragged over midnight."""
        meal = await hold(writer, EARLY)
        writer.server.by_hand.move_part(meal, part, utc("23:50:00", DAY_BEFORE))
        both = of_meal(writer)
        await read_back(writer, how, EARLY, NEXT)
        assert of_meal(writer) == both
        assert len(both) == 2

    @pytest.mark.parametrize("how", ["unanswered", "resend"])
    @pytest.mark.parametrize("part", ["carbs", "insulin", None])
    async def test_the_other_day_does_not_remove_it(
        self, writer: Writer, part: Part | None, how: str
    ) -> None:
        """The other day finds a document that it does not want, but that its neighbour does."""
        meal, by_hand = await hold(writer, EARLY), writer.server.by_hand
        if part:
            by_hand.move_part(meal, part, utc("23:50:00", DAY_BEFORE))
        else:
            by_hand.save(meal, insulin="3")
        edited = of_meal(writer)
        wanted = by_day(documents_of(NEXT_BEFORE))
        plan = await writer.sync.plan(wanted, EVERYTHING, {}, resend=True)
        assert plan.remove == ()
        await read_back(writer, how, NEXT_BEFORE)
        assert of_meal(writer) == edited


class TestToldOtherwiseLater:
    """A later correction by the pump replaces the edited document, wherever it was moved."""

    @pytest.fixture(params=["note", "moved", "carbs", "insulin"])
    async def edited(self, request: pytest.FixtureRequest, writer: Writer) -> Writer:
        """Change a meal by hand."""
        meal, by_hand = await hold(writer, MEAL), writer.server.by_hand
        match request.param:
            case "note":
                by_hand.save(meal, notes="pizza")
            case "moved":
                by_hand.move(meal, utc("11:40:00"))
            case part:
                by_hand.move_part(meal, part, utc("12:20:00"))
        return writer

    async def test_it_is_replaced(self, edited: Writer) -> None:
        """The new document has all carbs, at its own time."""
        later = replace(MEAL, carbs=45)
        assert (await edited.hold(documents_of(later))).pending == 0
        assert edited.is_right(documents_of(later))

    async def test_it_is_replaced_with_others(self, edited: Writer) -> None:
        """All documents of a day are replaced, for example with those of a new release."""
        await edited.hold(documents_of(MEAL, NEXT))
        later = [replace(MEAL, carbs=45), replace(NEXT, carbs=5)]
        assert (await edited.hold(documents_of(*later))).pending == 0
        assert edited.is_right(documents_of(*later))

    async def test_it_is_told_as_before_again(self, edited: Writer) -> None:
        """The value returns before the moved document is removed; the moved one is still an old version."""
        failing = Fault(method="DELETE", status=500, body="<html></html>", times=None)
        edited.server.faults.add(failing)
        await edited.hold(documents_of(replace(MEAL, carbs=45)))
        edited.server.faults.clear()
        await edited.hold(documents_of(MEAL))
        assert edited.is_right(documents_of(MEAL))

    async def test_it_stays_when_nothing_could_be_sent(self, edited: Writer) -> None:
        """The pump's new value could not be sent before the old one returned, so nothing has replaced the document."""
        before = of_meal(edited)
        away = replace(lost_request("treatments", times=None), method="POST")
        for fault in (replace(away, method="GET"), away):
            edited.server.faults.add(fault)
            await edited.hold(documents_of(replace(MEAL, carbs=45)))
            edited.server.faults.clear()
            edited.restart()
            await edited.hold(documents_of(MEAL))
            assert of_meal(edited) == before

    async def test_it_is_removed(self, edited: Writer) -> None:
        """All of its parts are removed."""
        assert (await edited.hold(documents_of(NEXT))).pending == 0
        assert edited.is_right(documents_of(NEXT))

    async def test_it_is_told_for_another_day(self, edited: Writer) -> None:
        """This happens when the pump's clock is set right."""
        later = replace(MEAL, start=NEXT_BEFORE.start, pump_time=NEXT_BEFORE.pump_time)
        wanted = documents_of(later)
        assert (await edited.hold(wanted, days=[DAY_BEFORE, DAY])).pending == 0
        assert edited.is_right(wanted)

    async def test_until_then_nothing_is_asked(self, edited: Writer) -> None:
        """An unchanged document is not looked up on the site."""
        await edited.hold(documents_of(MEAL, NEXT))
        edited.server.requests.clear()
        await edited.hold(documents_of(MEAL, NEXT, bolus("14:00:00", 2, 300)))
        assert edited.server.count("/", method="GET") == 0
