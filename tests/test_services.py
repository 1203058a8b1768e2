"""Actions: their responses, their effects, and their errors for invalid input."""

import csv
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.forward.backfill_request import BackfillPhase
from custom_components.tconnectsync.queries.record_json import KINDS
from demo.nightscout.faults import Fault as NightscoutFault
from demo.pump import SimulatedPump
from demo.tandem import Fault
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .conftest import EMAIL, NOON
from .world import HOUR, ZONE, World, lived_until_noon

pytestmark = pytest.mark.usefixtures(
    "recorder_mock", "no_pauses_between_reads", "no_pauses"
)

DAY = timedelta(days=1)


LIVED_LONG = pytest.mark.parametrize("pump", [42], indirect=True)
"""For tests of days that are no longer stored."""


@pytest.fixture
def pump(
    freezer: FrozenDateTimeFactory, request: pytest.FixtureRequest
) -> SimulatedPump:
    """A pump that has run for some days, or for the number of days that a test gives."""
    freezer.move_to(NOON)
    return lived_until_noon(getattr(request, "param", 2), seed=2)


def days(world: World, first: int, last: int) -> dict[str, str]:
    """Return a span of dates, given in days before today, as a user enters it."""
    today = world.today()
    return {
        "start_date": (today - first * DAY).isoformat(),
        "end_date": (today - last * DAY).isoformat(),
    }


class TestBackfill:
    """tconnectsync.backfill and tconnectsync.cancel_backfill."""

    @LIVED_LONG
    async def test_a_dry_run_tells_what_would_be_written(self, world: World) -> None:
        """A dry run writes nothing, and the run after it writes exactly what it announced."""
        await world.begin()
        before = world.nightscout.documents("treatments")
        dry = await world.call("backfill", **days(world, 40, 39), dry_run=True)
        assert dry is not None
        assert dry["days"] == 2
        assert dry["replace"] == dry["remove"] == {}
        assert world.nightscout.documents("treatments") == before
        answer = await world.call("backfill", **days(world, 40, 39))
        assert answer == {key: dry[key] for key in ("start_date", "end_date", "days")}
        await world.settle()
        assert world.runtime.backfill.phase is BackfillPhase.DONE
        written = len(world.nightscout.documents("treatments")) - len(before)
        assert written == sum(dry["create"].values())

    @LIVED_LONG
    async def test_a_second_one_is_refused_and_the_first_can_be_stopped(
        self, world: World
    ) -> None:
        """A second backfill is refused, and the running one can be cancelled."""
        await world.begin()
        await world.call("backfill", **days(world, 40, 37))
        with pytest.raises(ServiceValidationError) as refused:
            await world.call("backfill", **days(world, 40, 37))
        assert refused.value.translation_key == "backfill_running"
        await world.call("cancel_backfill")
        await world.settle()
        assert world.runtime.backfill.phase is BackfillPhase.CANCELLED

    @pytest.mark.parametrize(
        ("span", "more", "key"),
        [
            ((3, 4), {}, "end_before_start"),
            ((3, -2), {}, "span_in_future"),
            ((400, 300), {}, "nothing_recorded"),
        ],
    )
    async def test_days_that_make_no_sense(
        self, world: World, span: tuple[int, int], more: dict[str, Any], key: str
    ) -> None:
        """Each invalid span has its own error message."""
        await world.begin()
        with pytest.raises(ServiceValidationError) as refused:
            await world.call("backfill", **days(world, *span), **more)
        assert refused.value.translation_key == key

    async def test_features_need_a_nightscout(self, world: World) -> None:
        """Without Nightscout, features are refused and only statistics are filled."""
        await world.begin(forwarded=False)
        for named in ({"features": ["bolus"]}, {"resend": True}):
            with pytest.raises(ServiceValidationError) as refused:
                await world.call("backfill", **days(world, 3, 2), **named)
            assert refused.value.translation_key == "nightscout_not_set_up"
        dry = await world.call("backfill", **days(world, 3, 2), dry_run=True)
        assert dry is not None
        assert dry["create"] == {}

    @pytest.mark.parametrize("wrong", ["soon", "0001-01-01", "9999-12-31"])
    async def test_a_date_that_is_none(self, world: World, wrong: str) -> None:
        """An invalid date is refused."""
        await world.begin()
        today = world.today().isoformat()
        for first, last in ((wrong, today), (today, wrong)):
            with pytest.raises(vol.Invalid):
                await world.call("backfill", start_date=first, end_date=last)

    @LIVED_LONG
    async def test_error_during_a_dry_run_is_raised(self, world: World) -> None:
        """Errors of Tandem and Nightscout are raised."""
        await world.begin()
        world.tandem.faults.add(Fault(path="/pump-logs/", times=None, status=503))
        with pytest.raises(HomeAssistantError) as raised:
            await world.call("backfill", **days(world, 40, 39), dry_run=True)
        assert raised.value.translation_key == "tandem_busy"
        world.tandem.faults.clear()
        world.nightscout.faults.add(
            NightscoutFault(path="/api/", times=None, status=503)
        )
        with pytest.raises(HomeAssistantError) as raised:
            await world.call("backfill", **days(world, 40, 39), dry_run=True)
        assert raised.value.translation_key == "nightscout_failed"

    @LIVED_LONG
    async def test_error_that_lasts_ends_it(self, world: World) -> None:
        """A lasting error ends the backfill and is shown."""
        await world.begin()
        world.tandem.faults.add(Fault(path="/pump-logs/", times=None, status=404))
        await world.call("backfill", **days(world, 40, 39))
        await world.settle()
        assert world.runtime.backfill.phase is BackfillPhase.FAILED
        assert world.runtime.backfill.error


class TestHistory:
    """tconnectsync.get_history."""

    async def test_a_sensor_of_two_pumps(self, world: World) -> None:
        """A reading that is stored for two pumps is returned once."""
        await world.begin()
        asked = {"start": world.newest - 5 * DAY, "kinds": ["glucose"]}
        before = await world.call("get_history", **asked)
        assert before
        assert before["glucose"]
        data = world.coordinator.data
        histories = {**data.histories, "99999999": data.history}
        world.coordinator.async_set_updated_data(replace(data, histories=histories))
        assert await world.call("get_history", **asked) == before

    @LIVED_LONG
    async def test_every_bolus_at_its_true_time(self, world: World) -> None:
        """Boluses have their true times, even on days that have to be read again."""
        await world.begin()
        end = world.newest
        start = end - 41 * DAY
        answer = await world.call(
            "get_history", start=start, end=end, kinds=["boluses"]
        )
        assert answer is not None
        assert list(answer) == ["known_until", "clock_doubtful", "gaps", "boluses"]
        assert answer["known_until"] == end.isoformat()
        assert answer["gaps"] == []
        delivered = sum(bolus["delivered_units"] for bolus in answer["boluses"])
        truth = world.pump.bolus_delivered(start, end)
        assert delivered == pytest.approx(truth, abs=0.01)
        times = [datetime.fromisoformat(bolus["time"]) for bolus in answer["boluses"]]
        assert times == sorted(times)
        assert len({bolus["id"] for bolus in answer["boluses"]}) == len(times)

    @LIVED_LONG
    async def test_the_last_days_are_answered_without_asking(
        self, world: World
    ) -> None:
        """Stored days are returned in order and with all kinds, without a request to Tandem."""
        await world.begin()
        asked = len(world.tandem.requests)
        answer = await world.call("get_history", start=NOON - 3 * DAY)
        assert len(world.tandem.requests) == asked
        assert answer is not None
        assert set(answer) == {"known_until", "clock_doubtful", "gaps", *KINDS}
        for kind in KINDS:
            records = answer[kind]
            times = [record.get("time") or record["start"] for record in records]
            assert times == sorted(times)
        assert len(answer["glucose"]) > 800

    @LIVED_LONG
    async def test_how_far_it_is_known(self, world: World) -> None:
        """Times before the first event, in gaps and after the last upload are returned as unknown."""
        lost = (NOON - 50 * HOUR, NOON - 40 * HOUR)
        first, last = (
            instant.astimezone(ZONE).replace(tzinfo=None).isoformat()
            for instant in lost
        )

        def with_a_hole(answer: dict[str, Any]) -> dict[str, Any]:
            events = [
                event
                for event in answer["events"]
                if not first < event["pumpDateTime"] < last
            ]
            return answer | {"events": events}

        world.tandem.faults.add(
            Fault(path="/pump-logs/", change=with_a_hole, times=None)
        )
        await world.begin(forwarded=False)
        world.freezer.tick(3 * HOUR)
        start, end = NOON - 91 * DAY, NOON + 2 * HOUR
        answer = await world.call("get_history", start=start, end=end, kinds=["basal"])
        assert answer is not None
        newest = world.newest
        assert answer["known_until"] == newest.isoformat()
        before, hole, after = (
            (datetime.fromisoformat(gap["start"]), datetime.fromisoformat(gap["end"]))
            for gap in answer["gaps"]
        )
        assert before[0] == start
        assert abs(before[1] - world.pump.instants[0]) < timedelta(minutes=10)
        assert timedelta() <= hole[0] - lost[0] < timedelta(minutes=10)
        assert timedelta() <= hole[1] - lost[1] < timedelta(minutes=10)
        assert after == (newest, end)

    @LIVED_LONG
    async def test_nothing_goes_on_of_a_pump_that_was_worn_before(
        self, world: World
    ) -> None:
        """The last bolus of an earlier pump is returned as ended, with its end missing."""
        before = SimulatedPump(
            start=NOON - 60 * DAY, time_zone=ZONE, serial_number="99887766", quiet=True
        )
        before.run_until(NOON - 50 * DAY)
        before.give_bolus(6, extended_minutes=480, now_percent=0)
        before.run_until(NOON - 50 * DAY + HOUR)
        world.tandem.accounts[EMAIL.lower()].add_pump(before).upload(
            at=NOON - 50 * DAY + HOUR
        )
        await world.begin(forwarded=False)
        asked = {"start": NOON - 51 * DAY, "kinds": ["boluses", "basal"]}
        answer = await world.call("get_history", **asked)
        assert answer is not None
        (bolus,) = (one for one in answer["boluses"] if one["end"] is None)
        assert (bolus["in_progress"], bolus["end_missing"]) == (False, True)
        assert 0 < bolus["delivered_units"] < 1
        *ended, running = answer["basal"]
        assert running["end"] is None
        assert None not in [segment["end"] for segment in ended]
        assert before.instants[-1].isoformat() in [one["end"] for one in ended]

    async def test_the_unit_that_is_asked_for(self, world: World) -> None:
        """All glucose values use the requested unit, and their keys name it."""
        await world.begin(forwarded=False)
        span = {"start": NOON - DAY, "end": NOON, "kinds": ["glucose", "boluses"]}
        usual = await world.call("get_history", **span)
        other = await world.call("get_history", **span, glucose_unit="mmol/L")
        assert usual and other
        assert not any("mg_dl" in key for one in other["glucose"] for key in one)
        assert not any("mg_dl" in key for one in other["boluses"] for key in one)
        for one, another in zip(usual["glucose"], other["glucose"], strict=True):
            assert another["time"] == one["time"]
            if (value := one["glucose_mg_dl"]) is None:
                assert another["glucose_mmol_l"] is None
            else:
                assert another["glucose_mmol_l"] == pytest.approx(
                    value / 18.0156, abs=0.051
                )
        factors = [one["correction_factor_mmol_l_per_unit"] for one in other["boluses"]]
        assert any(factor and factor < 10 for factor in factors)

    @pytest.mark.parametrize(
        ("begin", "end", "key"),
        [
            (HOUR, 2 * HOUR, "span_in_future"),
            (-HOUR, -2 * HOUR, "end_before_start"),
            (-93 * DAY, -HOUR, "span_too_long"),
        ],
    )
    async def test_spans_that_make_no_sense(
        self, world: World, begin: timedelta, end: timedelta, key: str
    ) -> None:
        """Each invalid span has its own error message."""
        await world.begin()
        with pytest.raises(ServiceValidationError) as refused:
            await world.call("get_history", start=NOON + begin, end=NOON + end)
        assert refused.value.translation_key == key

    @pytest.mark.parametrize(
        "wrong", ["0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00"]
    )
    async def test_a_time_that_no_clock_shows(self, world: World, wrong: str) -> None:
        """A time that not every zone can represent is refused."""
        await world.begin()
        for span in ({"start": wrong}, {"start": NOON, "end": wrong}):
            with pytest.raises(vol.Invalid):
                await world.call("get_history", **span)

    @LIVED_LONG
    async def test_error_at_tandem_is_raised(self, world: World) -> None:
        """An error is raised if days have to be read and Tandem fails."""
        await world.begin()
        world.tandem.faults.add(Fault(path="/pump-logs/", status=503))
        with pytest.raises(HomeAssistantError) as raised:
            await world.call("get_history", start=NOON - 41 * DAY)
        assert raised.value.translation_key == "tandem_busy"


class TestReport:
    """tconnectsync.get_report."""

    @LIVED_LONG
    async def test_what_the_pump_truly_gave(self, world: World) -> None:
        """The daily totals match the pump, and days before the pump are unknown."""
        await world.begin()
        answer = await world.call("get_report", days=90)
        assert answer is not None
        assert len(answer["days"]) == answer["days_of_report"] == 90
        known = answer["days"][-40:]
        midnights = [world.midnight(days_ago) for days_ago in reversed(range(40))]
        ends = [*midnights[1:], world.newest]
        for day, begins, ends_at in zip(known, midnights, ends, strict=True):
            assert day["day"] == begins.date().isoformat()
            basal = world.pump.basal_delivered(begins, ends_at)
            bolus = world.pump.bolus_delivered(begins, ends_at)
            assert day["basal_units"] == pytest.approx(basal, abs=0.1)
            assert day["bolus_units"] == pytest.approx(bolus, abs=0.05)
        before = answer["days"][0]
        assert (before["average_mg_dl"], before["covered_percent"]) == (None, 0)
        assert before["not_known_minutes"] in (23 * 60, 24 * 60)

    @LIVED_LONG
    async def test_records_as_csv(self, world: World) -> None:
        """The CSV files have the records that the report is computed from."""
        await world.begin()
        asked = len(world.tandem.requests)
        answer = await world.call("get_report", csv=True)
        assert len(world.tandem.requests) == asked
        assert answer is not None
        assert set(answer["csv"]) == set(KINDS)
        boluses = list(csv.DictReader(StringIO(answer["csv"]["boluses"])))
        units = sum(float(one["delivered_units"]) for one in boluses)
        total = sum(one["insulin_units"] for one in answer["boluses"].values())
        assert units == pytest.approx(total, abs=0.5)
        times = [one["time"] for one in boluses]
        assert times == sorted(times)
        readings = list(csv.DictReader(StringIO(answer["csv"]["glucose"])))
        assert len(readings) > 3000
        usage = len(readings) * 5 / (14 * 24 * 60 - 12 * 60) * 100
        assert answer["glucose"]["usage_percent"] == pytest.approx(usage, abs=2)

    @LIVED_LONG
    async def test_error_at_tandem_is_raised(self, world: World) -> None:
        """An error is raised instead of an incomplete report."""
        await world.begin()
        world.tandem.faults.add(Fault(path="/pump-logs/", status=503))
        with pytest.raises(HomeAssistantError) as raised:
            await world.call("get_report", days=90)
        assert raised.value.translation_key == "tandem_busy"

    async def test_only_as_many_days_as_reports_have(self, world: World) -> None:
        """Other numbers of days are refused."""
        await world.begin()
        with pytest.raises(vol.Invalid):
            await world.call("get_report", days=15)

    async def test_nothing_is_recorded(self, world: World) -> None:
        """A report of a pump without uploads is refused."""
        world.tandem.accounts[EMAIL.lower()].pumps.clear()
        await world.begin(forwarded=False)
        with pytest.raises(ServiceValidationError) as refused:
            await world.call("get_report")
        assert refused.value.translation_key == "nothing_recorded"


class TestSync:
    """tconnectsync.sync."""

    async def test_what_is_new_is_there_when_it_answers(self, world: World) -> None:
        """New data is in Home Assistant and in Nightscout when the action returns."""
        await world.begin()
        before = world.newest
        world.live(HOUR)
        world.listed.upload()
        await world.call("sync")
        assert world.newest > before
        newest = max(
            document["created_at"]
            for document in world.nightscout.documents("treatments")
        )
        assert datetime.fromisoformat(newest) > before - HOUR

    async def test_error_is_raised(self, world: World) -> None:
        """The error has the same message as the one of the entry."""
        await world.begin()
        world.tandem.faults.add(Fault(path="/pumper/", status=503))
        with pytest.raises(HomeAssistantError) as raised:
            await world.call("sync")
        assert raised.value.translation_key == "tandem_busy"


async def test_which_of_several_accounts(world: World, hass: HomeAssistant) -> None:
    """The account has to be given if there are several."""
    await world.begin()
    MockConfigEntry(domain=DOMAIN).add_to_hass(hass)
    with pytest.raises(ServiceValidationError):
        await world.call("sync")
    await world.call("sync", config_entry=world.entry.entry_id)


async def test_an_account_that_is_not_there(world: World, hass: HomeAssistant) -> None:
    """An unknown account and one that is not loaded are refused."""
    await world.begin()
    with pytest.raises(ServiceValidationError):
        await world.call("sync", config_entry="nobody")
    await world.unload()
    with pytest.raises(ServiceValidationError):
        await world.call("sync", config_entry=world.entry.entry_id)
    assert hass.services.has_service(DOMAIN, "sync")
