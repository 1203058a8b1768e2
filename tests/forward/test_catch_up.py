"""Pending days are sent, oldest first, as soon as possible, and a restart forgets none."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import CONF_NIGHTSCOUT_URL
from custom_components.tconnectsync.forward.backfill import Backfill, OnDayDone
from custom_components.tconnectsync.forward.backfill_request import (
    BackfillPhase,
    BackfillRequest,
)
from custom_components.tconnectsync.nightscout.errors import NightscoutForbidden
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.statistics_series import SERIES
from demo.nightscout.faults import Fault as NightscoutFault
from demo.pump import SimulatedPump
from demo.tandem import Fault
from tests.conftest import API_SECRET, EMAIL, NOON, empty_nightscout
from tests.recorder_rows import recorded
from tests.treatment_totals import basal, begin_of, bolus
from tests.world import HOUR, MINUTE, ZONE, World

BOLUS = next(series for series in SERIES if series.key == "bolus")

pytestmark = [
    pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads"),
    pytest.mark.recorded_series(BOLUS),
]

DAY = timedelta(days=1)
EVERYTHING = [feature.value for feature in Feature]
TREATMENTS = ["basal", "bolus", "pump_events"]


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump that gave a bolus every seven hours for seven weeks, and did little else."""
    freezer.move_to(NOON)
    pump = SimulatedPump(start=NOON - 50 * DAY, time_zone=ZONE, quiet=True)
    live(pump)
    return pump


def live(pump: SimulatedPump) -> None:
    """Let a pump run up to now, with a bolus now and then."""
    now = datetime.now(UTC)
    while pump.now + timedelta(hours=7) < now:
        pump.run_for(hours=7)
        pump.give_bolus(2.0, 20)
    pump.run_until(now)


def assert_adds_up(world: World, days: int) -> None:
    """Check that every unit from a midnight to the newest event is in Nightscout once."""
    held = world.nightscout.documents("treatments")
    begin, newest = world.midnight(days), world.newest
    first = min(begin_of(one) for one in held if one["eventType"] == "Temp Basal")
    assert begin <= first < begin + timedelta(minutes=6)
    flowed = world.pump.basal_delivered(first, newest)
    assert basal(held, first, newest) == pytest.approx(flowed, abs=0.01)
    given = world.pump.bolus_delivered(begin, newest)
    assert bolus(held, begin, newest) == pytest.approx(given, abs=0.01)
    names = Counter(one["identifier"] for one in held)
    assert set(names.values()) == {1}


async def assert_recorded(world: World, days: int) -> None:
    """Check that every bolus since a midnight is in the statistics and no hour is missing."""
    statistic_id = world.runtime.statistics.statistic_id(BOLUS)
    rows = await recorded(world.hass, statistic_id)
    begin, newest = world.midnight(days), world.newest
    wanted = {begin + number * HOUR for number in range((newest - begin) // HOUR)}
    assert wanted <= rows.keys()
    given = world.pump.bolus_delivered(begin, max(wanted) + HOUR)
    total = sum(rows[hour]["state"] for hour in wanted)
    assert total == pytest.approx(given, abs=0.01)


def first_pending_day(world: World) -> date | None:
    """Return the first day that is still to be sent."""
    return world.runtime.store.state.first_pending


async def forward_to(world: World, url: str) -> None:
    """Give the account another address, or none, as the options form does."""
    world.update(data={CONF_NIGHTSCOUT_URL: url})
    await world.reload()


def phase(world: World) -> BackfillPhase:
    """Return the phase of the catch-up."""
    return world.runtime.backfill.phase


class TestFirstDays:
    """An account with more days to send first than are stored."""

    async def test_they_are_sent_once(self, world: World) -> None:
        """Six weeks are sent once; the oldest two are read only for this."""
        await world.begin(EVERYTHING, days=42)
        await world.wait(MINUTE)
        assert first_pending_day(world) is None
        assert phase(world) is BackfillPhase.DONE
        assert_adds_up(world, 42)
        await assert_recorded(world, 42)
        written = Counter(world.nightscout.counters)
        await world.reload()
        await world.wait(2 * MINUTE)
        assert world.nightscout.counters == written
        assert phase(world) is BackfillPhase.IDLE

    async def test_few_days_need_no_catching_up(self, world: World) -> None:
        """With few days to send, the stored days are enough."""
        await world.begin(days=5)
        assert first_pending_day(world) is None
        assert phase(world) is BackfillPhase.IDLE

    async def test_they_need_no_right_to_profiles(self, world: World) -> None:
        """A missing right to write profiles does not keep other documents from being sent."""
        refused = NightscoutFault(
            path="profile",
            method="PUT",
            status=401,
            body='{"status": 401}',
            content_type="application/json",
            times=None,
        )
        world.nightscout.faults.add(refused)
        await world.begin([*TREATMENTS, "profiles"], days=37)
        await world.wait(MINUTE)
        assert world.runtime.forwarder
        assert isinstance(world.runtime.forwarder.status.error, NightscoutForbidden)
        assert first_pending_day(world) is None
        assert_adds_up(world, 37)

    async def test_a_restart_in_between(self, world: World) -> None:
        """After a restart the catch-up continues from the same day."""
        world.tandem.faults.add(
            Fault(path="/pump-logs/", status=404, skip=24, times=None)
        )
        await world.begin(TREATMENTS, days=45)
        assert phase(world) is BackfillPhase.FAILED
        first = first_pending_day(world)
        assert first
        assert first > world.today() - 45 * DAY
        world.tandem.faults.clear()
        await world.reload()
        assert first_pending_day(world) is None
        assert_adds_up(world, 45)
        await assert_recorded(world, 45)

    async def test_error_is_tried_again_in_an_hour(self, world: World) -> None:
        """After an error the catch-up tries again in an hour, and not before."""
        world.tandem.faults.add(
            Fault(path="/pump-logs/", status=404, skip=24, times=None)
        )
        await world.begin(TREATMENTS, days=45)
        world.tandem.faults.clear()
        await world.wait(30 * MINUTE)
        assert first_pending_day(world)
        await world.wait(31 * MINUTE)
        assert first_pending_day(world) is None
        assert_adds_up(world, 45)

    async def test_so_is_what_nobody_foresaw(self, world: World) -> None:
        """An unexpected error does not make Tandem be read again every minute."""
        await world.begin(TREATMENTS)
        world.runtime.store.state.pending.first = world.today() - 40 * DAY
        with patch.object(Backfill, "_go_through", side_effect=TypeError) as tried:
            for _ in range(59):
                await world.wait(MINUTE)
            assert tried.call_count == 1
            await world.wait(2 * MINUTE)
            assert tried.call_count == 2

    async def test_it_waits_for_nightscout(self, world: World) -> None:
        """No days are read while Nightscout cannot be written to."""
        world.nightscout.faults.add(NightscoutFault(status=503, times=None))
        await world.begin(TREATMENTS, days=42)
        assert phase(world) is BackfillPhase.IDLE
        assert first_pending_day(world) == world.today() - 42 * DAY
        world.nightscout.faults.clear()
        await world.wait(31 * MINUTE)
        assert first_pending_day(world) is None
        assert_adds_up(world, 42)

    async def test_whoever_cancels_it_does_without(self, world: World) -> None:
        """A cancelled catch-up does not start again by itself."""
        world.nightscout.api_secret = "another secret than before"
        await world.begin(TREATMENTS, days=42)
        world.nightscout.api_secret = API_SECRET
        running = world.runtime.backfill

        def stop() -> None:
            if running.is_running:
                running.cancel()

        world.coordinator.async_add_listener(stop)
        await world.upload()
        assert running.phase is BackfillPhase.CANCELLED
        assert first_pending_day(world) is None
        await world.reload()
        assert phase(world) is BackfillPhase.IDLE


class TestOutage:
    """Outages longer than days are stored."""

    async def test_of_home_assistant(
        self, world: World, freezer: FrozenDateTimeFactory
    ) -> None:
        """The days of the outage are caught up, documents and statistics alike."""
        freezer.move_to(NOON - 44 * DAY)
        pump = SimulatedPump(start=NOON - 50 * DAY, time_zone=ZONE, quiet=True)
        live(pump)
        account = world.tandem.accounts[EMAIL.lower()]
        account.pumps.clear()
        account.add_pump(pump).upload()
        await world.begin(TREATMENTS, days=1)
        await world.unload()
        freezer.move_to(NOON)
        live(pump)
        world.listed.upload()
        await world.load()
        assert first_pending_day(world) is None
        assert phase(world) is BackfillPhase.DONE
        assert_adds_up(world, 45)
        await assert_recorded(world, 45)

    async def test_of_nightscout(self, world: World) -> None:
        """Days that became too old to compare meanwhile are read again when Nightscout is back."""
        await world.begin(TREATMENTS, days=1)
        await world.nightscout.stop()
        await live_six_weeks(world)
        assert first_pending_day(world) == NOON.date()
        await world.nightscout.start()
        await world.wait(31 * MINUTE)
        assert first_pending_day(world) is None
        assert_adds_up(world, 43)


async def live_six_weeks(world: World) -> None:
    """Let the pump run and upload for longer than days are stored."""
    for _ in range(14):
        for _ in range(3):
            world.live(20 * HOUR)
            world.pump.give_bolus(2.0, 20)
        await world.upload(12 * HOUR)


class TestAnotherAddress:
    """After another address, or none, the days that the previous address lacks are still known when it returns."""

    @pytest.mark.parametrize("meanwhile", ["another", "none"])
    async def test_longer_than_days_are_kept(
        self, world: World, meanwhile: str
    ) -> None:
        """The days in between are read again for that address."""
        await world.begin(TREATMENTS, days=1)
        async with empty_nightscout() as other:
            url = other.url if meanwhile == "another" else ""
            await forward_to(world, url)
            await live_six_weeks(world)
            await forward_to(world, world.nightscout.url)
            await world.wait(MINUTE)
        assert first_pending_day(world) is None
        assert_adds_up(world, 43)

    async def test_while_the_one_before_was_down(self, world: World) -> None:
        """Days caught up for another address stay pending for the previous one."""
        await world.begin(TREATMENTS, days=1)
        await world.nightscout.stop()
        await live_six_weeks(world)
        async with empty_nightscout() as other:
            await forward_to(world, other.url)
            await world.wait(MINUTE)
            assert first_pending_day(world) is None
        await world.nightscout.start()
        await forward_to(world, world.nightscout.url)
        await world.wait(MINUTE)
        assert first_pending_day(world) is None
        assert_adds_up(world, 43)

    async def test_for_an_hour(self, world: World) -> None:
        """The stored days are enough: nothing is read for an hour's absence."""
        await world.begin(TREATMENTS, days=1)
        async with empty_nightscout() as other:
            await forward_to(world, other.url)
            await world.upload()
        await forward_to(world, world.nightscout.url)
        await world.wait(MINUTE)
        assert first_pending_day(world) is None
        assert phase(world) is BackfillPhase.IDLE
        assert_adds_up(world, 1)


@pytest.fixture
async def behind(world: World) -> World:
    """An account whose days from six weeks ago on are pending."""
    await world.begin(days=1)
    world.runtime.store.state.pending.add(world.midnight(42).date())
    return world


async def test_whoever_cancels_it_does_without(behind: World) -> None:
    """A cancelled catch-up does not start again."""
    with patch.object(Backfill, "run", return_value=BackfillPhase.CANCELLED):
        await behind.wait(MINUTE)
    assert behind.runtime.store.state.pending.first is None


async def test_what_is_sent_is_not_pending_any_more(behind: World) -> None:
    """Sent days are no longer pending, and a restart continues from the rest."""

    async def one_day(
        _: Backfill, request: BackfillRequest, passed: OnDayDone
    ) -> BackfillPhase:
        await passed(request.first)
        return BackfillPhase.DONE

    with patch.object(Backfill, "run", autospec=True, side_effect=one_day):
        await behind.wait(MINUTE)
    second = behind.midnight(41).date()
    assert behind.runtime.store.state.pending.first == second


async def test_earlier_days_that_become_pending_meanwhile_stay_pending(
    behind: World,
) -> None:
    """Earlier days that become pending while later ones are sent stay pending."""
    earlier = behind.midnight(44).date()

    async def meanwhile(
        _: Backfill, request: BackfillRequest, passed: OnDayDone
    ) -> BackfillPhase:
        behind.runtime.store.state.pending.add(earlier)
        await passed(request.last)
        return BackfillPhase.DONE

    with patch.object(Backfill, "run", autospec=True, side_effect=meanwhile):
        await behind.wait(MINUTE)
    assert behind.runtime.store.state.pending.first == earlier
