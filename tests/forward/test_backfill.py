"""A backfill sends and records a span of days, however old, completely and without doubles when repeated."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime, timedelta
import gc
import tracemalloc
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import CONF_FEATURES, CONF_NIGHTSCOUT_URL
from custom_components.tconnectsync.forward.backfill_request import (
    BackfillPhase,
    BackfillPreview,
    BackfillRequest,
)
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.sender import Sender
from custom_components.tconnectsync.statistics_import import TrueTimeStatistics
from custom_components.tconnectsync.statistics_series import SERIES
from custom_components.tconnectsync.storage.account_store import AccountStore
from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import Fault as NightscoutFault, lost_answer
from demo.pump import SimulatedPump
from demo.tandem import Fault
from tests.conftest import EMAIL, NOON, lived
from tests.recorder_rows import recorded
from tests.treatment_totals import basal, begin_of, bolus
from tests.world import HOUR, World, lived_until_noon

BY_KEY = {series.key: series for series in SERIES if series.unit == "U"}

pytestmark = [
    pytest.mark.usefixtures(
        "recorder_mock", "no_pauses_between_reads", "no_late_data", "no_pauses"
    ),
    pytest.mark.recorded_series(*BY_KEY.values()),
]

DAY = timedelta(days=1)
BOLUS_MESSAGES = {20, 21, 55, 59, 64, 65, 66, 280}
TREATMENTS = ("basal", "bolus", "pump_events")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """The pump at the end of its time."""
    freezer.move_to(NOON)
    return lived_until_noon(14, seed=4)


def without_boluses(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of pump-logs without boluses."""
    answer["events"] = [
        event for event in answer["events"] if event["eventCode"] not in BOLUS_MESSAGES
    ]
    return answer


def request(world: World, first: int, last: int, **details: bool) -> BackfillRequest:
    """Return a backfill of the days between these many days ago."""
    return BackfillRequest(
        first=world.today() - first * DAY,
        last=world.today() - last * DAY,
        features=frozenset(map(Feature, TREATMENTS)),
        **details,
    )


async def backfill(
    world: World, first: int, last: int, **details: bool
) -> tuple[BackfillPhase, list[date]]:
    """Run a backfill of the days between these many days ago; return its phase and the days reported as done."""
    passed: list[date] = []

    async def note(day: date) -> None:
        passed.append(day)

    asked = request(world, first, last, **details)
    phase = await world.runtime.backfill.run(asked, note)
    return phase, passed


def phase(world: World) -> BackfillPhase:
    """Return the phase of the backfill."""
    return world.runtime.backfill.phase


def sent_boluses(world: World) -> set[str]:
    """Return the identifiers of the boluses in Nightscout."""
    held = world.nightscout.documents("treatments")
    return {one["identifier"] for one in held if ":bolus:" in one["identifier"]}


def assert_adds_up(world: World, first: int, until: datetime | None = None) -> None:
    """Check that Nightscout has every unit since a midnight once."""
    held = world.nightscout.documents("treatments")
    begin, end = world.midnight(first), until or world.newest
    begin = max(begin, min(begin_of(one) for one in held if "absolute" in one))
    assert begin - world.midnight(first) < timedelta(minutes=6)
    flowed = world.pump.basal_delivered(begin, end)
    assert basal(held, begin, end) == pytest.approx(flowed, abs=0.01)
    given = world.pump.bolus_delivered(begin, end)
    assert bolus(held, begin, end) == pytest.approx(given, abs=0.01)
    names = Counter(one["identifier"] for one in held)
    assert set(names.values()) == {1}


async def amounts(world: World, key: str) -> dict[datetime, tuple[float, float]]:
    """Return the recorded hours of a series: amount and sum."""
    statistic_id = world.runtime.statistics.statistic_id(BY_KEY[key])
    rows = await recorded(world.hass, statistic_id)
    return {hour: (row["state"], row["sum"]) for hour, row in rows.items()}


async def assert_recorded(world: World, first: int) -> None:
    """Check that every hour since a midnight has its delivered amount and that the sums continue through all of them."""
    begin, newest = world.midnight(first), world.newest
    for key, delivered in (
        ("basal", world.pump.basal_delivered),
        ("bolus", world.pump.bolus_delivered),
    ):
        hours = await amounts(world, key)
        assert min(hours) == begin
        assert len(hours) == (newest - begin) // HOUR + 1
        total = 0.0
        for _, (amount, summed) in sorted(hours.items()):
            total += amount
            assert summed == pytest.approx(total)
        assert total == pytest.approx(delivered(begin, newest), abs=0.01)


async def test_days_of_long_ago_come_completely_and_once(world: World) -> None:
    """Days of long ago join the stored days in Nightscout and in the statistics."""
    await world.begin(TREATMENTS, days=1)
    await assert_recorded(world, 1)
    phase, passed = await backfill(world, 12, 0)
    assert (phase, passed[-1]) == (BackfillPhase.DONE, world.today())
    assert world.runtime.backfill.progress == 100
    assert_adds_up(world, 12)
    await assert_recorded(world, 12)


async def test_asked_again_it_adds_nothing(world: World) -> None:
    """A repeated backfill adds nothing, at once or after a restart, when nothing is stored of those days any more."""
    await world.begin(TREATMENTS, days=1)
    await backfill(world, 9, 5)
    written = Counter(world.nightscout.counters)
    hours = await amounts(world, "insulin")
    await backfill(world, 9, 5)
    await world.reload()
    await backfill(world, 9, 5)
    assert world.nightscout.counters == written
    assert await amounts(world, "insulin") == hours


async def test_its_days_stay_wanted(world: World) -> None:
    """Stored days of a backfill are corrected like all others from then on, even before the start of forwarding."""
    await world.begin(TREATMENTS, days=1)
    await backfill(world, 4, 0)
    assert world.forwarding.starts[Feature.BOLUS] == world.today() - 4 * DAY
    await world.reload()
    assert world.forwarding.starts[Feature.BOLUS] == world.today() - 4 * DAY


async def test_a_feature_that_is_off_is_sent_this_once(world: World) -> None:
    """Naming a feature turns it on for these days only."""
    await world.begin(["pump_events"], days=1)
    await backfill(world, 3, 1)
    held = world.nightscout.documents("treatments")
    rates = [begin_of(one) for one in held if one["eventType"] == "Temp Basal"]
    assert world.midnight(3) <= min(rates)
    assert max(rates) < world.midnight(0)
    assert Feature.BASAL not in world.forwarding.starts


async def test_resend_brings_back_what_the_site_lost(world: World) -> None:
    """Documents deleted by hand stay deleted unless the backfill is asked to resend."""
    await world.begin(TREATMENTS, days=5)
    before = {one["identifier"] for one in world.nightscout.documents("treatments")}
    await world.wipe()
    await backfill(world, 5, 0)
    assert world.nightscout.documents("treatments") == []
    await backfill(world, 5, 0, resend=True)
    held = world.nightscout.documents("treatments")
    assert {one["identifier"] for one in held} == before
    assert_adds_up(world, 5)


async def test_without_nightscout_the_statistics_come(world: World) -> None:
    """Past days are recorded in the statistics without Nightscout."""
    await world.begin(forwarded=False)
    phase, _ = await backfill(world, 8, 0)
    assert phase is BackfillPhase.DONE
    await assert_recorded(world, 8)


class TestPreview:
    """A dry run reports the documents that a backfill would write, and writes nothing."""

    async def test_old_and_kept_days(self, world: World) -> None:
        """The dry run counts the documents that the real run writes."""
        await world.begin(TREATMENTS, days=1)
        written = Counter(world.nightscout.counters)
        state = deepcopy(world.runtime.store.state)
        hours = await amounts(world, "insulin")
        report = await world.runtime.backfill.preview(request(world, 8, 0))
        assert report.days == 9
        assert world.nightscout.counters == written
        assert world.runtime.store.state == state
        assert await amounts(world, "insulin") == hours
        assert world.runtime.backfill.phase is BackfillPhase.IDLE
        await backfill(world, 8, 0)
        created = world.nightscout.counters["treatments created"]
        assert report.create.total() == created - written["treatments created"]
        assert (report.replace.total(), report.remove.total()) == (0, 0)
        assert report.create["Temp Basal"] > 500

    async def test_what_would_be_removed(self, world: World) -> None:
        """The dry run counts documents to remove on days that changed at Tandem."""
        await world.begin(TREATMENTS, days=1)
        await backfill(world, 8, 7)
        held = world.nightscout.documents("treatments")
        boluses = [one for one in held if begin_of(one) < world.midnight(6)]
        boluses = [one for one in boluses if ":bolus:" in one["identifier"]]
        world.tandem.faults.add(
            Fault(path="/pump-logs/", times=None, change=without_boluses)
        )
        report = await world.runtime.backfill.preview(request(world, 8, 7))
        assert report.remove == Counter(one["eventType"] for one in boluses)
        assert report.create == report.replace == Counter()
        assert world.nightscout.documents("treatments") == held
        await backfill(world, 8, 7)
        assert len(world.nightscout.documents("treatments")) == len(held) - len(boluses)

    async def test_without_nightscout(self, world: World) -> None:
        """Without Nightscout a dry run counts days only."""
        await world.begin(forwarded=False)
        report = await world.runtime.backfill.preview(request(world, 9, 5))
        assert report == BackfillPreview(days=5)


class TestErrors:
    """Errors are retried for a while, and finished days stay."""

    async def test_passing_error_is_waited_for(self, world: World) -> None:
        """Short errors of Tandem and Nightscout are waited out."""
        await world.begin(TREATMENTS, days=1)
        world.tandem.faults.add(Fault(path="/pump-logs/", status=503, skip=3, times=2))
        world.nightscout.faults.add(NightscoutFault(status=502, skip=4, times=2))
        world.nightscout.faults.add(lost_answer("treatments"))
        phase, _ = await backfill(world, 12, 3)
        assert phase is BackfillPhase.DONE
        assert world.runtime.backfill.error is None
        await backfill(world, 12, 0)
        assert_adds_up(world, 12)

    async def test_lasting_error_ends_it(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Days read before the error are recorded, and the backfill reports how far it came."""
        await world.begin(TREATMENTS, days=1)
        world.tandem.faults.add(
            Fault(path="/pump-logs/", status=503, skip=3, times=None)
        )
        phase, passed = await backfill(world, 12, 3)
        assert phase is BackfillPhase.FAILED
        assert 0 < world.runtime.backfill.progress < 100
        assert world.runtime.backfill.error
        assert "The backfill stopped" in caplog.text
        (through,) = passed
        hours = await amounts(world, "basal")
        assert min(hours) == world.midnight(12)
        assert world.midnight(12).date() < through < world.midnight(3).date()
        world.tandem.faults.clear()
        await backfill(world, 12, 0)
        assert_adds_up(world, 12)
        await assert_recorded(world, 12)

    async def test_what_stops_it_again_and_again_is_logged_once(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Each kind of error is logged once until a try succeeds, even if the kinds alternate."""
        await world.begin(TREATMENTS, days=1)
        full = OSError(28, "No space left on device")

        async def outage() -> int:
            caplog.clear()
            for _ in range(2):
                with patch.object(Sender, "send", side_effect=full):
                    await backfill(world, 3, 2, resend=True)
                secret, world.nightscout.api_secret = world.nightscout.api_secret, "no"
                await backfill(world, 3, 2, resend=True)
                world.nightscout.api_secret = secret
            return caplog.text.count("The backfill stopped")

        await world.wipe()
        assert await outage() == 2
        phase, _ = await backfill(world, 3, 2, resend=True)
        assert phase is BackfillPhase.DONE
        await world.wipe()
        assert await outage() == 2

    async def test_a_refused_secret_ends_it_at_once(self, world: World) -> None:
        """A refused secret is not tried again."""
        await world.begin(TREATMENTS, days=1)
        world.nightscout.api_secret = "another secret than before"
        asked = len(world.nightscout.requests)
        phase, _ = await backfill(world, 12, 3)
        assert phase is BackfillPhase.FAILED
        assert len(world.nightscout.requests) - asked <= 2

    async def test_a_crash_in_the_middle_leaves_no_doubles(self, world: World) -> None:
        """Home Assistant crashes between two writes, and the backfill is requested again."""
        await world.begin(TREATMENTS, days=1)
        sync = world.forwarding.backfill
        calls = 0

        async def crash(*given: Any) -> None:
            nonlocal calls
            calls += 1
            if calls == 3:
                world.nightscout.faults.add(lost_answer("treatments", times=None))
            await sync(*given)

        with patch.object(world.forwarding, "backfill", crash):
            world.runtime.backfill.start(request(world, 12, 3))
            while calls < 3:
                await asyncio.sleep(0)
            await world.unload()
        world.nightscout.faults.clear()
        await world.load()
        await backfill(world, 12, 0)
        assert_adds_up(world, 12)
        await assert_recorded(world, 12)

    async def test_what_a_full_disk_stopped_comes_with_the_next_upload(
        self, world: World
    ) -> None:
        """The days that could not be saved no longer count as in sync."""
        await world.begin(TREATMENTS, days=5)
        before = {one["identifier"] for one in world.nightscout.documents("treatments")}
        await world.wipe()
        full = OSError(28, "No space left on device")
        with patch.object(Sender, "send", side_effect=full):
            phase, _ = await backfill(world, 5, 0, resend=True)
        assert phase is BackfillPhase.FAILED
        await world.upload()
        held = world.nightscout.documents("treatments")
        assert {one["identifier"] for one in held} >= before

    async def test_hours_the_recorder_does_not_take_are_not_through(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Days whose hours the recorder did not save are not reported as done."""
        await world.begin(forwarded=False)
        with patch.object(TrueTimeStatistics, "async_write", return_value=False):
            phase, passed = await backfill(world, 6, 5)
        assert (phase, passed) == (BackfillPhase.FAILED, [])
        assert "did not save all hours" in caplog.text

    async def test_what_nobody_thought_of_does_not_block_the_next(
        self, world: World
    ) -> None:
        """A backfill that ended with an unexpected error no longer counts as running."""
        await world.begin(forwarded=False)
        with (
            patch.object(TrueTimeStatistics, "async_write", side_effect=KeyError),
            pytest.raises(KeyError),
        ):
            await backfill(world, 6, 5)
        assert not world.runtime.backfill.is_running

    async def test_what_nobody_thought_of_is_told(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """An unexpected error is logged in full, and its type is shown as the error of the backfill."""
        await world.begin(forwarded=False)
        with patch.object(TrueTimeStatistics, "async_write", side_effect=KeyError):
            world.runtime.backfill.start(request(world, 6, 5))
            await world.settle()
        assert world.runtime.backfill.phase is BackfillPhase.FAILED
        assert world.runtime.backfill.error == "KeyError on this side"
        assert "Could not backfill because of an unexpected error" in caplog.messages


class TestCancelling:
    """A cancelled backfill stops after the current days."""

    async def test_between_two_requests(self, world: World) -> None:
        """Sent days stay, and a later backfill can continue from them."""
        await world.begin(TREATMENTS, days=1)
        running = world.runtime.backfill

        def stop_soon() -> None:
            if running.progress > 20:
                running.cancel()

        world.coordinator.async_add_listener(stop_soon)
        phase, passed = await backfill(world, 12, 3)
        assert phase is BackfillPhase.CANCELLED
        assert 20 < running.progress < 80
        assert len(passed) == 1
        assert (await backfill(world, 12, 0))[0] is BackfillPhase.CANCELLED

    async def test_while_it_waits(self, world: World) -> None:
        """A cancelled backfill does not finish its pause first."""
        await world.begin(TREATMENTS, days=1)
        world.tandem.faults.add(Fault(path="/pump-logs/", status=503, times=None))
        running = world.runtime.backfill
        with patch(
            "custom_components.tconnectsync.forward.backfill.PAUSE_AFTER_ERROR_SECONDS",
            1000,
        ):
            running.start(request(world, 12, 3))
            while world.tandem.requests[-1].status != 503:
                await asyncio.sleep(0)
            for _ in range(100):
                await asyncio.sleep(0)
            assert running.is_running
            running.cancel()
            await world.settle()
        assert running.phase is BackfillPhase.CANCELLED

    async def test_the_next_one_begins_anew(self, world: World) -> None:
        """Cancelling while no backfill runs does not stop the next one."""
        await world.begin(forwarded=False)
        world.runtime.backfill.cancel()
        assert (await backfill(world, 6, 5))[0] is BackfillPhase.DONE

    async def test_unloading_ends_it(self, world: World) -> None:
        """Unloading leaves no task running."""
        await world.begin(TREATMENTS, days=1)
        world.runtime.backfill.start(request(world, 12, 3))
        assert world.runtime.backfill.is_running
        await world.unload()
        asked = len(world.tandem.requests)
        await world.settle()
        assert len(world.tandem.requests) == asked


class TestInterrupted:
    """A reload (every change of an option causes one) or a restart does not end a backfill."""

    async def interrupted(self, world: World) -> None:
        """Start a backfill, and unload the account when some of its days are recorded and later ones sent."""
        running = world.runtime.backfill
        running.start(request(world, 12, 0))
        while running.progress < 50:
            await asyncio.sleep(0)
        await world.unload()

    async def move_nightscout(self, world: World) -> None:
        """Replace the Nightscout by an empty one at another address, and load the account."""
        other = SimulatedNightscout(
            api_secret=world.nightscout.api_secret, refusal_delay=0
        )
        await other.start()
        world.update(data={CONF_NIGHTSCOUT_URL: other.url})
        await world.nightscout.stop()
        world.nightscout = other
        await world.load()

    @pytest.fixture(autouse=True)
    def recorded_often(self) -> Iterator[None]:
        """Record a few days at a time, as a backfill of months does."""
        with patch("custom_components.tconnectsync.forward.backfill.HOURS_AT_ONCE", 72):
            yield

    async def test_it_goes_on(self, world: World) -> None:
        """The backfill continues after the recorded days until every day is sent and recorded once."""
        await world.begin(TREATMENTS, days=1)
        await self.interrupted(world)
        await world.load()
        assert phase(world) is BackfillPhase.DONE
        assert_adds_up(world, 12)
        await assert_recorded(world, 12)
        await world.reload()
        assert phase(world) is BackfillPhase.IDLE

    async def test_until_it_can_go_on_it_shows_how_far_it_is(
        self, world: World
    ) -> None:
        """Nightscout may return later than Home Assistant; the progress is shown meanwhile."""
        await world.begin(TREATMENTS, days=1)
        await self.interrupted(world)
        world.nightscout.faults.add(NightscoutFault(status=503, times=None))
        await world.load()
        assert phase(world) is BackfillPhase.RUNNING
        assert 10 < world.runtime.backfill.progress < 90
        world.nightscout.faults.clear()
        await world.wait(31 * timedelta(minutes=1))
        assert phase(world) is BackfillPhase.DONE
        assert_adds_up(world, 12)

    @pytest.mark.parametrize("at", ["before", "after"])
    async def test_cancelled_it_has_ended_for_good(self, world: World, at: str) -> None:
        """A backfill cancelled before the interruption, or while it waits to continue, does not start again."""
        await world.begin(TREATMENTS, days=1)
        running = world.runtime.backfill
        if at == "before":
            running.start(request(world, 12, 0))
            while running.progress < 50:
                await asyncio.sleep(0)
            await world.call("cancel_backfill")
            await world.unload()
        else:
            await self.interrupted(world)
            world.nightscout.faults.add(NightscoutFault(status=503, times=None))
            await world.load()
            await world.call("cancel_backfill")
            assert phase(world) is BackfillPhase.CANCELLED
            world.nightscout.faults.clear()
            await world.unload()
        await world.load()
        await world.wait(31 * timedelta(minutes=1))
        assert phase(world) is BackfillPhase.IDLE

    async def test_what_failed_is_not_begun_again(self, world: World) -> None:
        """A failed backfill was shown and logged, and does not start again."""
        await world.begin(TREATMENTS, days=1)
        world.tandem.faults.add(Fault(path="/pump-logs/", status=404, times=None))
        world.runtime.backfill.start(request(world, 12, 0))
        await world.settle()
        assert phase(world) is BackfillPhase.FAILED
        world.tandem.faults.clear()
        await world.reload()
        assert phase(world) is BackfillPhase.IDLE

    async def test_nor_what_failed_unexpectedly_before_a_crash(
        self, world: World
    ) -> None:
        """A backfill that failed unexpectedly does not start again, or every start would raise the same error."""
        await world.begin(TREATMENTS, days=1)
        with patch.object(TrueTimeStatistics, "async_write", side_effect=KeyError):
            world.runtime.backfill.start(request(world, 12, 0))
            await world.settle()
        assert phase(world) is BackfillPhase.FAILED
        after_crash = AccountStore(world.hass, world.entry.entry_id)
        await after_crash.async_load()
        assert after_crash.state.backfill.unfinished is None

    async def test_a_feature_that_was_switched_off_is_not_sent_on(
        self, world: World
    ) -> None:
        """The other features are sent and everything is recorded; another program may send this feature from now on."""
        await world.begin(TREATMENTS, days=1)
        await self.interrupted(world)
        sent = sent_boluses(world)
        world.update(options={CONF_FEATURES: ["basal", "pump_events"]})
        await world.load()
        assert phase(world) is BackfillPhase.DONE
        assert sent_boluses(world) == sent
        assert {Feature.BASAL} < world.forwarding.starts.keys()
        held = world.nightscout.documents("treatments")
        rates = {begin_of(one).date() for one in held if "absolute" in one}
        assert len(rates) >= 13
        await assert_recorded(world, 12)

    @pytest.mark.parametrize("switched", [[], ["cgm"]])
    async def test_every_feature_was_switched_off(
        self, world: World, switched: list[str]
    ) -> None:
        """With all features off nothing is sent or removed, and the statistics continue."""
        await world.begin(TREATMENTS, days=1)
        await self.interrupted(world)
        sent = world.nightscout.documents("treatments")
        world.update(options={CONF_FEATURES: switched})
        await world.load()
        assert phase(world) is BackfillPhase.DONE
        assert world.nightscout.documents("treatments") == sent
        await assert_recorded(world, 12)

    async def test_another_address_gets_only_what_is_on(self, world: World) -> None:
        """A feature that is off was requested for the previous address only."""
        await world.begin(["basal", "pump_events"], days=1)
        await self.interrupted(world)
        assert sent_boluses(world)
        await self.move_nightscout(world)
        assert phase(world) is BackfillPhase.DONE
        assert world.nightscout.documents("treatments")
        assert not sent_boluses(world)

    async def test_without_an_address_the_statistics_go_on(self, world: World) -> None:
        """Nothing is sent, and an address set up later gets only its usual first days."""
        await world.begin(TREATMENTS, days=1)
        await self.interrupted(world)
        sent = world.nightscout.documents("treatments")
        world.update(data={CONF_NIGHTSCOUT_URL: None})
        await world.load()
        assert phase(world) is BackfillPhase.DONE
        assert world.nightscout.documents("treatments") == sent
        await assert_recorded(world, 12)

    async def test_another_address_gets_all_of_it(self, world: World) -> None:
        """A new address has none of the days that the previous address received."""
        await world.begin(TREATMENTS, days=1)
        await self.interrupted(world)
        await self.move_nightscout(world)
        assert phase(world) is BackfillPhase.DONE
        assert_adds_up(world, 12)


async def test_memory_stays_flat(world: World) -> None:
    """Two months need no more memory than three weeks."""
    pump = lived(70, now=NOON, quiet=True)
    account = world.tandem.accounts[EMAIL.lower()]
    account.pumps.clear()
    account.add_pump(pump).upload()
    await world.begin(TREATMENTS, days=1)
    peaks = []
    for first, last in ((68, 48), (68, 8)):
        gc.collect()
        tracemalloc.start()
        await backfill(world, first, last)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        peaks.append(peak)
        await world.wipe()
    assert peaks[1] < 1.5 * peaks[0]


async def test_sums_of_every_later_hour_shift(world: World) -> None:
    """A day of long ago raises all later sums, even across days that were never recorded."""
    await world.begin(forwarded=False)
    before = await amounts(world, "insulin")
    await backfill(world, 12, 12)
    after = await amounts(world, "insulin")
    day = sum(amount for hour, (amount, _) in after.items() if hour not in before)
    assert day > 10
    for hour, (amount, summed) in before.items():
        assert after[hour][0] == amount
        assert after[hour][1] == pytest.approx(summed + day)
