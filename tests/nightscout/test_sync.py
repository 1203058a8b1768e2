"""What Nightscout holds is what is wanted: created, replaced and removed, never doubled."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import BolusKind

from .records import DAY, PUMP, alarm, bolus, history, segment, suspension, utc, wall
from .site import EVERYTHING, Writer

MORNING: dict[str, Any] = {
    "basal": [
        segment("00:00:00", "08:00:00", 0.8, 100),
        segment("08:00:00", "09:00:00", 1.2, 180),
    ],
    "suspensions": [suspension("09:00:00", "09:30:00", 200)],
    "boluses": [bolus("07:30:00", 2.5, 170), bolus("08:30:00", 1.0, 190)],
    "alarms": [alarm("09:00:00", 201)],
}


def told(what: History) -> list[Document]:
    """Return every document of a history."""
    return documents(what, PUMP, EVERYTHING)


async def test_everything_arrives_once(writer: Writer) -> None:
    """A second sync and a restart send nothing."""
    first = await writer.hold(told(history(**MORNING)))
    assert (first.created, first.replaced, first.removed, first.pending) == (6, 0, 0, 0)
    assert first.trouble is None
    assert len(writer.held()) == 6
    await writer.hold(told(history(**MORNING)))
    writer.restart()
    await writer.hold(told(history(**MORNING)))
    assert writer.server.counters["treatments created"] == 6
    assert writer.server.counters["treatments replaced"] == 0


async def test_what_changes_is_replaced_in_place(writer: Writer) -> None:
    """The running basal grows without a second document."""
    running = segment("10:00:00", "10:30:00", 1.0, 300, running=True)
    await writer.hold(told(history(basal=[running])))
    longer = replace(running, end=utc("11:15:00"))
    result = await writer.hold(told(history(basal=[longer])))
    assert (result.created, result.replaced, result.removed) == (0, 1, 0)
    assert [document["duration"] for document in writer.held()] == [75]


async def test_what_moved_leaves_nothing_behind(writer: Writer) -> None:
    """A bolus whose true start came late, or a corrected clock, moves its document."""
    before = bolus("08:30:00", 1.0, 190)
    after = replace(
        before,
        key=(0, 185),
        start=before.start - timedelta(hours=1, minutes=1),
        pump_time=wall("08:29:00"),
    )
    await writer.hold(told(history(boluses=[before])))
    result = await writer.hold(told(history(boluses=[after])))
    assert (result.created, result.replaced, result.pending) == (0, 1, 0)
    assert [document["created_at"] for document in writer.held()] == [
        "2025-11-20T06:29:00.186Z"
    ]


async def test_what_changed_its_kind_leaves_nothing_behind(writer: Writer) -> None:
    """A correction that turns out to be a meal is no longer a correction."""
    await writer.hold(told(history(boluses=[bolus("08:30:00", 1.0, 190)])))
    meal = replace(bolus("08:30:00", 1.0, 190), kind=BolusKind.MEAL, carbs=20)
    await writer.hold(told(history(boluses=[meal])))
    assert [document["eventType"] for document in writer.held()] == ["Meal Bolus"]


async def test_what_is_no_longer_wanted_goes(writer: Writer) -> None:
    """A late event can show that something never was."""
    await writer.hold(told(history(**MORNING)))
    left = MORNING | {"boluses": MORNING["boluses"][:1]}
    result = await writer.hold(told(history(**left)))
    assert result.removed == 1
    assert len(writer.held()) == 5


async def test_features_that_are_off_and_days_before_a_start_stay(
    writer: Writer,
) -> None:
    """Turning a feature off removes nothing; nor does a start that lies later."""
    await writer.hold(told(history(**MORNING)))
    off = await writer.hold([], days=[DAY], features={Feature.BOLUS} - {Feature.BOLUS})
    later = await writer.hold(
        [], days=[DAY], starts=dict.fromkeys(Feature, DAY + timedelta(days=1))
    )
    other = await writer.hold([], days=[DAY + timedelta(days=1)])
    assert (off.removed, later.removed, other.removed) == (0, 0, 0)
    assert len(writer.held()) == 6


async def test_a_person_may_edit_and_delete(writer: Writer) -> None:
    """What stands unchanged in the pump is not sent a second time."""
    await writer.hold(told(history(**MORNING)))
    for document in writer.held():
        await writer.client.delete(
            told(history(**MORNING))[0].collection, document["_id"]
        )
    await writer.hold(told(history(**MORNING)))
    assert writer.held() == []


async def test_a_plan_writes_nothing(writer: Writer) -> None:
    """A plan says what a sync would do."""
    wanted = {DAY: told(history(**MORNING))}
    plan = await writer.sync.plan(wanted, EVERYTHING, {})
    assert (len(plan.create), len(plan.replace), len(plan.remove)) == (6, 0, 0)
    assert writer.held() == []
    assert writer.files.saves == 0
