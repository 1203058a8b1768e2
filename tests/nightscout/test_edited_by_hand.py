"""What a person changed on Nightscout's pages stays so, until the pump itself says something else."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.therapy.records import Bolus, BolusKind
from demo.nightscout.by_hand import Part
from demo.nightscout.faults import lost_answer

from .records import DAY, PUMP, bolus, history, utc
from .site import EVERYTHING, Writer

MEAL = bolus("12:00:17", 4, 100, carbs=40, kind=BolusKind.MEAL)
NEXT = bolus("13:00:00", 1, 200)
DAY_BEFORE = DAY - timedelta(days=1)
EARLY = bolus("00:30:17", 4, 100, carbs=40, kind=BolusKind.MEAL)
"""In UTC it is of the day before."""
NEXT_BEFORE = bolus("13:00:00", 1, 50, day=DAY_BEFORE)


def documents_of(*boluses: Bolus) -> list[Document]:
    """Return the documents of some boluses."""
    return documents(history(boluses=boluses), PUMP, EVERYTHING)


async def hold(writer: Writer, meal: Bolus) -> str:
    """Write a meal; return the `_id` it has on the site."""
    await writer.hold(documents_of(meal), days=[DAY_BEFORE, DAY])
    return writer.id_of(documents_of(meal)[0])


async def read_back(writer: Writer, how: str, *boluses: Bolus) -> None:
    """Let the days of these be made anew from the site, which holds all but the last of them."""
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
    """Return what the site holds of the meal."""
    [meal] = documents_of(MEAL)
    return [one for one in writer.held() if one["identifier"] == meal.identifier]


class TestMovedInPart:
    """Carbs or insulin dragged alone along the chart are a document of the same name and hash."""

    @READ_BACK
    @pytest.mark.parametrize("part", ["carbs", "insulin"])
    async def test_both_parts_stay(self, writer: Writer, part: Part, how: str) -> None:
        """Neither counts as an older self of the other."""
        meal = await hold(writer, MEAL)
        writer.server.by_hand.move_part(meal, part, utc("12:20:00"))
        both = of_meal(writer)
        await read_back(writer, how, MEAL, NEXT)
        assert of_meal(writer) == both
        assert len(both) == 2


class TestOnAnotherDay:
    """The reports forget the pump's offset, so near midnight a document seems to be of another day."""

    @READ_BACK
    async def test_it_is_not_written_again(self, writer: Writer, how: str) -> None:
        """The day that wants it is its own."""
        writer.server.by_hand.save(await hold(writer, EARLY), insulin="3")
        edited = of_meal(writer)
        await read_back(writer, how, EARLY, NEXT)
        assert of_meal(writer) == edited

    @READ_BACK
    @pytest.mark.parametrize("part", ["carbs", "insulin"])
    async def test_a_part_is_neither_removed_nor_written_again(
        self, writer: Writer, part: Part, how: str
    ) -> None:
        """Though it was dragged over midnight."""
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
        """It finds there what it does not want, and another day does."""
        meal, by_hand = await hold(writer, EARLY), writer.server.by_hand
        if part:
            by_hand.move_part(meal, part, utc("23:50:00", DAY_BEFORE))
        else:
            by_hand.save(meal, insulin="3")
        edited = of_meal(writer)
        await read_back(writer, how, NEXT_BEFORE)
        assert of_meal(writer) == edited
