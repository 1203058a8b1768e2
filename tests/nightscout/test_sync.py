"""The sync creates, replaces and removes documents until the site has the wanted ones, without doubles."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from custom_components.tconnectsync.nightscout.document import Document, PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.identifiers import Collection
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import BolusKind
from demo.nightscout.faults import refused_documents

from .records import (
    DAY,
    OFFSET,
    PUMP,
    alarm,
    bolus,
    history,
    segment,
    suspension,
    utc,
    wall,
)
from .site import EVERYTHING, Writer, by_day

MORNING: dict[str, Any] = {
    "basal": [
        segment("00:00:00", "08:00:00", 0.8, 100),
        segment("08:00:00", "09:00:00", 1.2, 180),
    ],
    "suspensions": [suspension("09:00:00", "09:30:00", 200)],
    "boluses": [bolus("07:30:00", 2.5, 170), bolus("08:30:00", 1.0, 190)],
    "alarms": [alarm("09:00:00", 201)],
}


def documents_of(what: History) -> list[Document]:
    """Return every document of a history."""
    return documents(what, PUMP, EVERYTHING)


async def test_everything_arrives_once(writer: Writer) -> None:
    """A second sync and a restart send nothing."""
    first = await writer.hold(documents_of(history(**MORNING)))
    assert (first.created, first.replaced, first.removed, first.pending) == (6, 0, 0, 0)
    assert first.error is None
    assert len(writer.held()) == 6
    await writer.hold(documents_of(history(**MORNING)))
    writer.restart()
    await writer.hold(documents_of(history(**MORNING)))
    assert writer.server.counters["treatments created"] == 6
    assert writer.server.counters["treatments replaced"] == 0


async def test_what_changes_is_replaced_in_place(writer: Writer) -> None:
    """The running basal grows without a second document."""
    running = segment("10:00:00", "10:30:00", 1.0, 300, running=True)
    await writer.hold(documents_of(history(basal=[running])))
    longer = replace(running, end=utc("11:15:00"))
    result = await writer.hold(documents_of(history(basal=[longer])))
    assert (result.created, result.replaced, result.removed) == (0, 1, 0)
    assert [document["duration"] for document in writer.held()] == [75]


async def test_what_moved_leaves_nothing_behind(writer: Writer) -> None:
    """The document moves when a bolus gets its true start, or a clock is corrected."""
    before = bolus("08:30:00", 1.0, 190)
    after = replace(
        before,
        key=(0, 185),
        start=before.start - timedelta(hours=1, minutes=1),
        pump_time=wall("08:29:00"),
    )
    await writer.hold(documents_of(history(boluses=[before])))
    result = await writer.hold(documents_of(history(boluses=[after])))
    assert (result.created, result.replaced, result.pending) == (0, 1, 0)
    assert [document["created_at"] for document in writer.held()] == [
        "2025-11-20T06:29:00.186Z"
    ]


async def test_what_changed_its_kind_leaves_nothing_behind(writer: Writer) -> None:
    """A correction that turns out to be a meal is replaced."""
    await writer.hold(documents_of(history(boluses=[bolus("08:30:00", 1.0, 190)])))
    meal = replace(bolus("08:30:00", 1.0, 190), kind=BolusKind.MEAL, carbs=20)
    await writer.hold(documents_of(history(boluses=[meal])))
    assert [document["eventType"] for document in writer.held()] == ["Meal Bolus"]


async def test_what_is_no_longer_wanted_goes(writer: Writer) -> None:
    """A late event can show that a record never existed."""
    await writer.hold(documents_of(history(**MORNING)))
    left = MORNING | {"boluses": MORNING["boluses"][:1]}
    result = await writer.hold(documents_of(history(**left)))
    assert result.removed == 1
    assert len(writer.held()) == 5


async def test_features_that_are_off_and_days_before_a_start_stay(
    writer: Writer,
) -> None:
    """Turning a feature off, or a later start, removes nothing."""
    await writer.hold(documents_of(history(**MORNING)))
    off = await writer.hold([], days=[DAY], features={Feature.BOLUS} - {Feature.BOLUS})
    later = await writer.hold(
        [], days=[DAY], starts=dict.fromkeys(Feature, DAY + timedelta(days=1))
    )
    other = await writer.hold([], days=[DAY + timedelta(days=1)])
    assert (off.removed, later.removed, other.removed) == (0, 0, 0)
    assert len(writer.held()) == 6


async def test_a_person_may_edit_and_delete(writer: Writer) -> None:
    """A document that did not change on the pump is not sent again."""
    await writer.hold(documents_of(history(**MORNING)))
    for document in writer.held():
        await writer.client.delete(
            documents_of(history(**MORNING))[0].collection, document["_id"]
        )
    await writer.hold(documents_of(history(**MORNING)))
    assert writer.held() == []


async def test_a_plan_writes_nothing(writer: Writer) -> None:
    """A plan contains the actions of a sync."""
    wanted = {DAY: documents_of(history(**MORNING))}
    plan = await writer.sync.plan(wanted, EVERYTHING, {})
    assert (len(plan.create), len(plan.replace), len(plan.remove)) == (6, 0, 0)
    assert writer.held() == []
    assert writer.files.saves == 0


async def test_what_belongs_to_another_day_now_moves_there(writer: Writer) -> None:
    """A bolus over midnight got its true start late."""
    day_before = DAY - timedelta(days=1)
    late = bolus("00:01:00", 2.0, 50)
    early = replace(
        late,
        key=(0, 48),
        start=late.start - timedelta(minutes=2),
        pump_time=wall("23:59:00", day_before),
    )
    await writer.hold(documents_of(history(boluses=[late])), days=[day_before])
    result = await writer.hold(documents_of(history(boluses=[early])), days=[DAY])
    assert result.pending == 0
    assert [one["created_at"] for one in writer.held()] == ["2025-11-19T22:59:00.049Z"]
    writer.restart()
    back = await writer.hold(documents_of(history(boluses=[late])), days=[day_before])
    assert back.pending == 0
    assert [one["created_at"] for one in writer.held()] == ["2025-11-19T23:01:00.051Z"]


class TestDaysInStep:
    """Days that need no sync by the ledger, without a request to the site."""

    @staticmethod
    async def in_step(writer: Writer, what: History) -> set[date]:
        """Return the days in sync of two days."""
        wanted = by_day(documents_of(what), [DAY, DAY + timedelta(days=1)])
        return await writer.sync.days_in_sync(wanted, EVERYTHING, {})

    async def test_those_that_were_synchronized(self, writer: Writer) -> None:
        """Synchronized days are in sync after a restart as well; a day without a ledger is not."""
        morning = history(**MORNING)
        assert await self.in_step(writer, morning) == set()
        await writer.hold(documents_of(morning))
        writer.restart()
        asked = len(writer.server.requests)
        assert await self.in_step(writer, morning) == {DAY}
        assert len(writer.server.requests) == asked

    async def test_none_that_changed(self, writer: Writer) -> None:
        """A day with new, removed or changed documents is not in sync."""
        await writer.hold(documents_of(history(**MORNING)))
        for boluses in (
            MORNING["boluses"][:1],
            [*MORNING["boluses"], bolus("08:45:00", 1.0, 195)],
            [MORNING["boluses"][0], bolus("08:30:00", 1.5, 190)],
        ):
            changed = history(**MORNING | {"boluses": boluses})
            assert await self.in_step(writer, changed) == set()

    async def test_none_with_a_write_that_was_never_answered(
        self, writer: Writer
    ) -> None:
        """The write may still be carried out."""
        morning = history(**MORNING)
        await writer.hold(documents_of(morning))
        ledger = await writer.files.load(DAY)
        assert ledger
        ledger.mark_all_unconfirmed(datetime.now(UTC))
        await writer.files.save(DAY, ledger)
        assert await self.in_step(writer, morning) == set()


class TestSuspensions:
    """A suspension has one form, which stays while basal is off."""

    OFF = history(suspensions=[suspension("09:00:00", "09:30:00", 200)])
    NOTES = frozenset({Feature.PUMP_EVENTS})
    BOTH = frozenset({Feature.PUMP_EVENTS, Feature.BASAL})

    async def forms(self, writer: Writer, features: frozenset[Feature]) -> list[str]:
        """Sync with these features and return the documents on the site."""
        wanted = documents(self.OFF, PUMP, features)
        result = await writer.hold(wanted, features=features)
        assert result.pending == 0
        return [one["eventType"] for one in writer.held()]

    async def test_when_basal_is_turned_off(self, writer: Writer) -> None:
        """No note is added beside the existing temporary basal."""
        assert await self.forms(writer, self.BOTH) == ["Temp Basal"]
        assert await self.forms(writer, self.NOTES) == ["Temp Basal"]
        writer.files.texts.clear()
        assert await self.forms(writer, self.NOTES) == ["Temp Basal"]

    async def test_when_basal_is_turned_on(self, writer: Writer) -> None:
        """The temporary basal is needed, because with a note alone Nightscout would count the profile's rate."""
        assert await self.forms(writer, self.NOTES) == ["Note"]
        assert await self.forms(writer, self.BOTH) == ["Temp Basal"]

    async def test_that_never_arrived(self, writer: Writer) -> None:
        """Without a document on the site it has no form yet, whatever was about to be sent."""
        refusing = writer.server.faults.add(refused_documents(lambda document: True))
        wanted = documents(self.OFF, PUMP, self.NOTES)
        assert (await writer.hold(wanted, features=self.NOTES)).pending == 1
        writer.server.faults.rules.remove(refusing)
        assert await self.forms(writer, self.BOTH) == ["Temp Basal"]


class TestReadingBack:
    """A lost ledger is rebuilt from the site."""

    async def test_a_lost_ledger_doubles_nothing(self, writer: Writer) -> None:
        """Nothing is sent again, and wrong documents are corrected."""
        await writer.hold(documents_of(history(**MORNING)))
        writer.files.texts.clear()
        writes = writer.server.counters.total()
        result = await writer.hold(documents_of(history(**MORNING)))
        assert (result.created, result.replaced, result.removed) == (0, 0, 0)
        assert writer.server.counters.total() == writes
        writer.files.texts.clear()
        left = MORNING | {"alarms": []}
        assert (await writer.hold(documents_of(history(**left)))).removed == 1
        assert len(writer.held()) == 5

    async def test_few_questions_for_many_days(self, writer: Writer) -> None:
        """A month is read with a few requests."""
        days = [DAY + timedelta(days=n) for n in range(35)]
        await writer.hold([], days=days, features={Feature.BASAL})
        assert len(writer.server.requests) < 30
        writer.server.requests.clear()
        await writer.hold([], days=days, features={Feature.BASAL})
        assert writer.server.requests == []

    async def test_only_what_features_need_is_asked_for(self, writer: Writer) -> None:
        """Entries and device statuses are large."""
        await writer.hold([], days=[DAY], features={Feature.BOLUS, Feature.CGM_ALERTS})
        assert {one.path for one in writer.server.requests} == {
            "/api/v1/treatments.json"
        }

    async def test_documents_far_from_their_day_are_found(self, writer: Writer) -> None:
        """A pump whose date was wrong by two days keeps its documents."""
        wrong = replace(
            bolus("08:00:00", 2.0, 50),
            start=utc("08:00:00") + timedelta(days=2, hours=3),
        )
        await writer.hold(documents_of(history(boluses=[wrong])))
        writer.files.texts.clear()
        result = await writer.hold(documents_of(history(boluses=[wrong])))
        assert (result.created, result.removed, result.pending) == (0, 0, 0)

    @pytest.mark.parametrize(("hours", "clock"), [(-10, "23:30:00"), (13, "00:30:00")])
    async def test_far_from_greenwich_a_day_is_another(
        self, writer: Writer, hours: int, clock: str
    ) -> None:
        """Documents to remove are found by the day on the pump's clock."""
        away = replace(
            bolus(clock, 2.0, 50),
            start=utc(clock) + OFFSET - timedelta(hours=hours),
        )
        [document] = documents_of(history(boluses=[away]))
        assert document.day == DAY != document.created_at.date()
        await writer.hold([document])
        writer.files.texts.clear()
        others = [DAY - timedelta(days=1), DAY + timedelta(days=1)]
        assert (await writer.hold([], days=others)).removed == 0
        assert (await writer.hold([], days=[DAY])).removed == 1

    async def test_what_others_made_like_ours_is_left_alone(
        self, writer: Writer
    ) -> None:
        """The name of the app alone does not make a document one of this integration's."""
        strange = [
            {"app": "tconnectsync", "eventType": "Note", "created_at": at, **more}
            for at, more in (
                ("2025-11-20T08:00:00.000Z", {}),
                ("2025-11-20T08:01:00.000Z", {"identifier": 5}),
                ("2025-11-20T08:02:00.000Z", {"identifier": "tconnectsync:1:x:0-1"}),
            )
        ]
        await writer.client.write(Collection.TREATMENTS, strange)
        result = await writer.hold([], days=[DAY])
        assert (result.removed, result.pending) == (0, 0)
        assert len(writer.held()) == 3

    async def test_a_wiped_site_gets_everything_again_when_asked(
        self, writer: Writer
    ) -> None:
        """Only `resend` does this; otherwise a deletion is the person's decision."""
        await writer.hold(documents_of(history(**MORNING)))
        for one in writer.held()[:4]:
            await writer.client.delete(Collection.TREATMENTS, one["_id"])
        plan = await writer.sync.plan(
            {DAY: documents_of(history(**MORNING))}, EVERYTHING, {}, resend=True
        )
        assert (len(plan.create), plan.size) == (4, 4)
        assert (await writer.hold(documents_of(history(**MORNING)))).created == 0
        again = await writer.hold(documents_of(history(**MORNING)), resend=True)
        assert (again.created, again.replaced, again.removed) == (4, 0, 0)
        assert len(writer.held()) == 6


async def test_two_syncs_at_once_take_turns(writer: Writer) -> None:
    """A backfill and the regular sync do not overlap."""
    wanted = documents_of(history(**MORNING))
    first, second = await asyncio.gather(writer.hold(wanted), writer.hold(wanted))
    assert (first.created, second.created) == (6, 0)
    assert len(writer.held()) == 6


async def test_a_starting_day_applies_to_what_is_sent(writer: Writer) -> None:
    """Documents before the start are neither sent nor removed."""
    wanted = documents_of(history(**MORNING))
    later = dict.fromkeys(Feature, DAY + timedelta(days=1))
    result = await writer.hold(wanted, starts=later)
    assert (result.created, result.pending) == (0, 0)
    assert writer.held() == []


async def test_what_another_pump_wrote_stays(writer: Writer) -> None:
    """Another pump, or one that is not read now, may write to the same site."""
    await writer.hold(documents_of(history(**MORNING)))
    writer.restart()
    writer.files.texts.clear()
    other = PumpIdentity(serial_number="87654321", model="Mobi")
    mine = documents(history(boluses=[bolus("10:00:00", 1.0, 300)]), other, EVERYTHING)
    result = await writer.hold(mine, pumps={other.serial_number})
    assert (result.created, result.removed, result.pending) == (1, 0, 0)
    assert len(writer.held()) == 7
