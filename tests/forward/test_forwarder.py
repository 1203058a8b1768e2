"""Nightscout is kept in sync with the pump: everything once, despite errors and restarts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import logging
from pathlib import Path
import shutil
from typing import Any, override

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tconnectsync.const import (
    CONF_FEATURES,
    CONF_FIRST_DAYS,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
)
from custom_components.tconnectsync.forward import forwarder
from custom_components.tconnectsync.forward.desired_documents import (
    DaysRecords,
    Desired,
    documents_on,
)
from custom_components.tconnectsync.nightscout.errors import (
    NightscoutBusy,
    NightscoutForbidden,
    NightscoutRefused,
    NightscoutUnreachable,
)
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.sync import NightscoutSync, SyncResult
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import Fault, Handler, late_request, refused_documents
from demo.pump import SimulatedPump
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from tests.account import add_entry, start, upload_later
from tests.conftest import API_SECRET, EMAIL, NOON, empty_nightscout
from tests.treatment_totals import basal, begin_of, bolus, carbs
from tests.undisturbed import held
from tests.world import HOUR, MINUTE, ZONE, World

pytestmark = pytest.mark.usefixtures(
    "event_loop_debug", "recorder_mock", "no_pauses_between_reads"
)

EVERYTHING = [feature.value for feature in Feature]
LATER = [Feature.BOLUS.value, Feature.PUMP_EVENTS.value]
SECOND = "second@example.org"


@dataclass(slots=True, kw_only=True)
class TooManyRequests(Fault):
    """Nightscout answers 429 with the time to wait."""

    seconds: int

    @override
    async def spoil(self, request: web.Request, handle: Handler) -> web.StreamResponse:
        """Answer with the time to wait."""
        return web.Response(status=429, headers={"Retry-After": f"{self.seconds}"})


@dataclass(slots=True, kw_only=True)
class Cookie(Fault):
    """Nightscout, or a proxy in front of it, sets a cookie."""

    seen: list[str | None] = field(default_factory=list)

    @override
    async def spoil(self, request: web.Request, handle: Handler) -> web.StreamResponse:
        """Answer as usual, with a cookie."""
        self.seen.append(request.cookies.get("visitor"))
        response = await handle(request)
        response.set_cookie("visitor", "one")
        return response


@dataclass(slots=True, kw_only=True)
class Hanging(Fault):
    """A proxy in front of Nightscout answers after a long time that it is busy."""

    begun: int = 0
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    @override
    async def spoil(self, request: web.Request, handle: Handler) -> web.StreamResponse:
        """Answer once the test allows it."""
        self.begun += 1
        await self.let_go.wait()
        return web.Response(status=503)


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump that ran for four days, with two extended boluses, one of them cut short."""
    freezer.move_to(NOON)
    pump = SimulatedPump(start=NOON - timedelta(days=4), time_zone=ZONE, seed=2)
    pump.run_for(days=2)
    pump.give_bolus(4.0, 40, extended_minutes=120, now_percent=40)
    pump.run_for(hours=20)
    pump.give_bolus(3.0, extended_minutes=180, now_percent=0)
    pump.run_for(hours=1)
    pump.stop_bolus()
    pump.run_until(NOON)
    return pump


@pytest.fixture
async def other() -> AsyncIterator[SimulatedNightscout]:
    """Another Nightscout of the same person."""
    async with empty_nightscout() as other:
        yield other


@pytest.fixture(autouse=True)
def no_address_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """Check that the integration logs no address, secret or serial number."""
    yield
    logged = "".join(
        record.getMessage()
        for record in caplog.records
        if "tconnectsync" in record.name
    )
    for secret in (world.nightscout.url, API_SECRET, world.pump.serial_number):
        assert secret not in logged


def assert_adds_up(
    world: World, days: int, site: SimulatedNightscout | None = None
) -> None:
    """Check that every unit and gram from a midnight to the newest event is in Nightscout once."""
    held = (site or world.nightscout).documents("treatments")
    pump, begin, newest = world.pump, world.midnight(days), world.newest
    first = min(begin_of(one) for one in held if one["eventType"] == "Temp Basal")
    assert begin <= first < begin + timedelta(minutes=6)
    flowed = pump.basal_delivered(first, newest)
    assert basal(held, first, newest) == pytest.approx(flowed, abs=0.01)
    given = pump.bolus_delivered(begin, newest)
    assert bolus(held, begin, newest) == pytest.approx(given, abs=0.01)
    assert carbs(held) == pump.carbs(begin, newest)
    assert min(map(begin_of, held)) >= begin
    names = Counter(one["identifier"] for one in held)
    assert set(names.values()) == {1}


def change_profile(pump: SimulatedPump) -> None:
    """Make the other profile the active one."""
    pump.activate_profile(0 if pump.setup.active_idp else 2)


async def test_three_days_arrive_completely_and_once(world: World) -> None:
    """Another poll, a restart and a new start add nothing."""
    await world.begin()
    assert_adds_up(world, 3)
    held = world.nightscout.documents("treatments")
    combos = [one for one in held if one["eventType"] == "Combo Bolus"]
    assert len(combos) >= 2
    written = Counter(world.nightscout.counters)
    await world.poll(times=2)
    await world.reload()
    await world.reload()
    assert world.nightscout.counters == written
    status = world.forwarding.status
    assert (status.connected, status.pending, status.error) == (True, 0, None)
    assert status.sent == written.total()


async def test_what_runs_is_corrected_by_later_uploads(world: World) -> None:
    """A running basal and an extended bolus grow in place."""
    await world.begin(days=1)
    world.pump.give_bolus(2.0, extended_minutes=120, now_percent=50)
    for _ in range(4):
        await world.upload()
    assert_adds_up(world, 1)
    assert world.nightscout.counters["treatments deleted"] == 0


async def test_late_data_finds_its_place(world: World) -> None:
    """Hours that the phone uploaded late are filled in, as if they had arrived in time."""
    await world.begin()
    world.live(6 * HOUR)
    world.listed.upload(hold_back=lambda event: event["sequenceNumber"] % 3 == 0)
    await world.poll()
    await world.upload()
    assert_adds_up(world, 3)


async def test_a_feature_turned_on_later_sends_from_that_day_on(world: World) -> None:
    """Other features keep their days, and turning one off removes nothing.

    From then on the suspensions of the first day are rates as well, not notes.
    """
    await world.begin(LATER)
    before = world.nightscout.documents("treatments")
    assert not any(one["eventType"] == "Temp Basal" for one in before)
    world.update(options={CONF_FEATURES: [*LATER, "basal"]})
    await world.reload()
    held = world.nightscout.documents("treatments")
    rates = [one for one in held if one["eventType"] == "Temp Basal"]
    assert rates
    assert min(map(begin_of, rates)) >= world.midnight(0)
    names = {one["identifier"] for one in rates}
    kept = [one for one in before if one["identifier"] not in names]
    assert [one for one in held if one not in rates] == kept
    assert 0 < len(before) - len(kept) < 5
    world.update(options={CONF_FEATURES: ["pump_events"]})
    await world.reload()
    assert world.nightscout.documents("treatments") == held


async def test_a_feature_turned_off_and_on_begins_anew(world: World) -> None:
    """Documents of the time in which the feature was off are not sent later."""
    await world.begin(LATER)
    world.update(options={CONF_FEATURES: ["pump_events"]})
    await world.reload()
    off_since = datetime.now(UTC)
    for _ in range(2):
        await world.upload(24 * HOUR)
    world.update(options={CONF_FEATURES: LATER})
    await world.reload()
    assert world.forwarding.starts[Feature.BOLUS] == world.today()
    held = world.nightscout.documents("treatments")
    given = [begin_of(one) for one in held if one.get("insulin")]
    assert not any(off_since <= at < world.midnight(0) for at in given)
    assert any(at < off_since for at in given)


async def test_nothing_is_sent_where_nothing_is_on(world: World) -> None:
    """A user may turn all features off, and nothing is sent."""
    await world.begin([])
    assert world.nightscout.counters.total() == 0
    assert world.forwarding.status.connected


async def test_nothing_is_compared_before_anything_was_read(world: World) -> None:
    """A pump that never uploaded adds no documents and removes none."""
    account = world.tandem.accounts[EMAIL.lower()]
    account.pumps.clear()
    account.add_pump(SimulatedPump(start=NOON, time_zone=ZONE))
    await world.begin()
    assert world.forwarding.status.connected is None
    assert world.nightscout.requests == []


async def test_each_address_has_its_own_start(
    world: World, other: SimulatedNightscout
) -> None:
    """A site that was left and is used again misses nothing and has nothing twice."""
    await world.begin()
    world.update(data={CONF_NIGHTSCOUT_URL: other.url, CONF_FIRST_DAYS: 1})
    await world.reload()
    assert_adds_up(world, 1, other)
    await world.upload()
    world.update(data={CONF_NIGHTSCOUT_URL: world.nightscout.url})
    await world.reload()
    assert_adds_up(world, 3)


async def test_everything_that_can_be_sent(world: World) -> None:
    """With all features on, readings and device statuses are sent as well, once."""
    await world.begin(EVERYTHING)
    assert_adds_up(world, 3)
    written = Counter(world.nightscout.counters)
    assert written["entries created"] > 800
    assert written["devicestatus created"] > 50
    await world.reload()
    assert world.nightscout.counters == written


async def test_another_account_may_write_to_the_same_site(world: World) -> None:
    """Documents of one account are not removed by another account that writes to the same site."""
    await world.begin()
    mine = world.nightscout.documents("treatments")
    now = datetime.now(UTC)
    second = SimulatedPump(
        start=now - timedelta(days=3), time_zone=ZONE, seed=9, serial_number="44332211"
    )
    second.run_until(now)
    world.tandem.add_account(SECOND, "another password").add_pump(second).upload()
    theirs = add_entry(
        world.hass, world.tandem, nightscout=world.nightscout, email=SECOND
    )
    await start(world.hass, theirs)
    held = world.nightscout.documents("treatments")
    of_mine = [one for one in held if world.pump.serial_number in one["identifier"]]
    assert of_mine == mine
    assert len(held) > len(mine)


async def test_few_documents_are_held_at_once_after_a_restart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents of a few days at a time are built and found in sync; missing ones are sent all the same."""
    held: list[int] = []
    wanted: list[int] = []
    synchronize = NightscoutSync.sync

    def built(days: DaysRecords, cache: ResultCache) -> Desired:
        held.append(len(days))
        return documents_on(days, cache)

    async def synchronized(
        sync: NightscoutSync, desired: Desired, *args: Any, **named: Any
    ) -> SyncResult:
        wanted.append(len(desired))
        return await synchronize(sync, desired, *args, **named)

    await world.begin(days=6)
    before = world.nightscout.documents("treatments")
    monkeypatch.setattr(forwarder, "documents_on", built)
    monkeypatch.setattr(NightscoutSync, "sync", synchronized)
    await world.reload()
    assert max(held) <= forwarder.DAYS_AT_ONCE < sum(held)
    assert set(wanted) == {0}
    assert world.nightscout.documents("treatments") == before
    site = world.runtime.store.state.forwarding.site
    assert site
    assert site.behind is None
    world.pump.give_bolus(2.5, carbs=30)
    upload_later(world.freezer, world.listed, HOUR)
    await world.reload()
    assert 0 < max(wanted) <= forwarder.DAYS_AT_ONCE
    carbs_sent = [one.get("carbs") for one in world.nightscout.documents("treatments")]
    assert carbs_sent.count(30) == 1 + [one.get("carbs") for one in before].count(30)


async def test_how_it_stands_rests_on_an_answer(world: World) -> None:
    """The status rests on an answer of Nightscout even with nothing to send, and a refused secret is reported."""
    await world.begin()
    last_sync = world.forwarding.status.last_sync
    await world.nightscout.stop()
    world.freezer.tick(HOUR)
    await world.reload()
    status = world.forwarding.status
    assert (status.connected, status.last_sync) == (False, last_sync)
    await world.nightscout.start()
    await world.wait(2 * MINUTE)
    status = world.forwarding.status
    assert (status.connected, status.error) == (True, None)
    assert status.last_sync
    assert last_sync
    assert status.last_sync > last_sync
    world.nightscout.api_secret = "another"
    await world.reload()
    assert isinstance(world.forwarding.status.error, NightscoutRefused)


class TestErrors:
    """Errors of Nightscout do not stop the pump's data, and nothing is lost."""

    async def test_down_for_hours(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Pending documents are sent when Nightscout is back; outage and recovery are logged once."""
        await world.begin()
        await world.nightscout.stop()
        for _ in range(5):
            await world.upload()
        status = world.forwarding.status
        assert status.connected is False
        assert status.pending > 0
        assert isinstance(status.error, NightscoutUnreachable)
        assert caplog.text.count("Nightscout has to wait") == 1
        await world.nightscout.start()
        await world.wait(31 * MINUTE)
        assert_adds_up(world, 3)
        status = world.forwarding.status
        assert (status.connected, status.pending, status.error) == (True, 0, None)
        assert caplog.text.count("Nightscout can be written to again") == 1

    async def test_what_is_pending_outlives_a_restart(self, world: World) -> None:
        """Pending days stay on disk until Nightscout has them."""
        await world.begin()
        await world.nightscout.stop()
        await world.upload()
        await world.unload()
        await world.nightscout.start()
        await world.load()
        assert_adds_up(world, 3)

    async def test_waits_longer_and_longer(self, world: World) -> None:
        """Each wait is twice as long as the last, up to half an hour."""
        world.nightscout.faults.add(Fault(status=503, times=None))
        await world.begin()
        assert isinstance(world.forwarding.status.error, NightscoutBusy)
        tried: list[int] = []
        for minute in range(1, 120):
            asked = len(world.nightscout.requests)
            await world.wait(MINUTE)
            if len(world.nightscout.requests) > asked:
                tried.append(minute)
        pauses = [later - earlier for earlier, later in pairwise(tried)]
        assert pauses == [4, 8, 16, 30, 30]
        world.nightscout.faults.clear()
        await world.wait(31 * MINUTE)
        assert world.forwarding.status.pending == 0

    async def test_waits_as_long_as_it_is_asked_to(self, world: World) -> None:
        """Retry-After is heeded."""
        world.nightscout.faults.add(TooManyRequests(seconds=600))
        await world.begin()
        asked = len(world.nightscout.requests)
        await world.wait(9 * MINUTE)
        assert len(world.nightscout.requests) == asked
        await world.wait(2 * MINUTE)
        assert world.forwarding.status.pending == 0

    async def test_a_try_that_lasts_is_not_repeated_at_once(self, world: World) -> None:
        """The minutes that pass during a slow try do not start another one."""
        world.nightscout.faults.add(Fault(status=503, times=None))
        await world.begin()
        world.nightscout.faults.clear()
        slow = Hanging(times=None)
        world.nightscout.faults.add(slow)
        while not world.forwarding.is_due:
            world.freezer.tick(MINUTE)
        for _ in range(3):
            async_fire_time_changed(world.hass)
            while not slow.begun:
                await asyncio.sleep(0)
            world.freezer.tick(MINUTE)
        slow.let_go.set()
        await world.settle()
        assert slow.begun == 1
        await world.wait(MINUTE)
        assert slow.begun == 1
        await world.wait(31 * MINUTE)
        assert slow.begun == 2

    async def test_a_backfill_meanwhile_does_not_end_the_waiting(
        self, world: World
    ) -> None:
        """A backfill that succeeds meanwhile does not end the wait of other pending days."""
        await world.begin()
        world.nightscout.faults.add(Fault(method="POST", status=503, times=None))
        await world.upload()
        world.nightscout.faults.clear()
        assert world.forwarding.status.pending > 0
        day = world.midnight(1).date()
        await world.call("backfill", start_date=day, end_date=day)
        await world.settle()
        await world.wait(31 * MINUTE)
        assert world.forwarding.status.pending == 0
        assert_adds_up(world, 3)

    async def test_a_refusal_is_not_tried_again_by_itself(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A refused write is tried again only with new data, because each refusal slows down others at the same address."""
        await world.begin()
        world.nightscout.api_secret = "another secret than before"
        await world.upload()
        assert isinstance(world.forwarding.status.error, NightscoutRefused)
        asked = len(world.nightscout.requests)
        for _ in range(5):
            await world.wait(11 * MINUTE)
            await world.poll()
        assert len(world.nightscout.requests) == asked
        world.nightscout.api_secret = API_SECRET
        await world.upload()
        assert_adds_up(world, 3)
        assert caplog.text.count("Nightscout has to wait") == 1

    async def test_a_document_that_is_not_taken_holds_up_no_other(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A refused document stays pending and is logged once; the others are sent."""
        world.nightscout.faults.add(
            refused_documents(lambda one: one.get("eventType") == "Announcement")
        )
        await world.begin()
        held = world.nightscout.documents("treatments")
        assert Counter(one["eventType"] for one in held)["Temp Basal"] > 100
        await world.upload()
        refused = caplog.text.count("does not take a document")
        assert world.forwarding.status.pending == refused > 0
        world.nightscout.faults.clear()
        await world.upload()
        assert world.forwarding.status.pending == 0

    async def test_a_write_that_is_carried_out_late(self, world: World) -> None:
        """A late write that overwrote a corrected document is corrected again without a new upload."""
        await world.begin()
        late = world.nightscout.faults.add(late_request("/treatments"))
        late.method = "POST"
        await world.upload()
        assert world.forwarding.status.error is None
        await world.upload(10 * MINUTE)
        right = held(world.nightscout)
        assert late.late
        late.late.set()
        await world.settle()
        while held(world.nightscout) == right:
            await asyncio.sleep(0)
        await world.wait(14 * MINUTE)
        assert held(world.nightscout) != right
        await world.wait(2 * MINUTE)
        assert held(world.nightscout) == right
        asked = len(world.nightscout.requests)
        await world.wait(20 * MINUTE)
        assert len(world.nightscout.requests) == asked


@pytest.mark.parametrize(
    "left_out",
    [{"modelName": None}, {"modelName": ""}, {"serialNumber": None}],
    ids=["no name", "an empty name", "not listed"],
)
async def test_a_pump_keeps_its_name(world: World, left_out: dict[str, Any]) -> None:
    """An answer of Tandem without the name of the pump does not cause documents to be sent again."""
    account = world.tandem.accounts[EMAIL.lower()]
    successor = SimulatedPump(
        start=NOON - HOUR,
        time_zone=ZONE,
        model="Mobi",
        serial_number="55667788",
        seed=3,
    )
    successor.run_until(NOON)
    account.add_pump(successor).upload()
    await world.begin(EVERYTHING)
    before = held(world.nightscout)
    assert len({one["device"] for one in before}) == 2
    first, second = account.pumps
    for number, pump in enumerate([first, second]):
        pump.overrides |= left_out
        await world.poll()
        if number == 0:
            await world.reload()
        assert held(world.nightscout) == before
        pump.overrides.clear()
    world.pump.run_for(hours=1)
    first.overrides |= {"modelName": None}
    world.freezer.tick(HOUR)
    first.upload()
    await world.poll()
    after = held(world.nightscout)
    assert len(after) > len(before)
    assert {one["device"] for one in after} == {one["device"] for one in before}


class TestProfiles:
    """The pump's profiles are sent whenever its settings changed."""

    async def test_once(self, world: World) -> None:
        """Neither an upload nor a restart sends the same again."""
        await world.begin()
        (profile,) = world.nightscout.documents("profile")
        assert profile["units"] == "mg/dl"
        asked = world.nightscout.count("profile")
        await world.upload()
        await world.reload()
        assert world.nightscout.count("profile") == asked

    async def test_dated_by_the_first_upload_that_showed_the_change(
        self, world: World
    ) -> None:
        """The profile is dated by that upload, however late Nightscout stores it."""
        await world.begin()
        world.nightscout.faults.add(Fault(path="profile", status=500, times=2))
        change_profile(world.pump)
        await world.upload()
        changed = world.listed.last_upload
        assert changed
        status = world.forwarding.status
        assert (status.connected, status.pending) == (False, 1)
        await world.upload()
        await world.upload()
        newest = world.nightscout.documents("profile")[-1]
        began = datetime.fromisoformat(newest["startDate"])
        assert began == changed.replace(microsecond=0)
        assert world.forwarding.status.pending == 0

    async def test_a_replacement_pump_takes_the_place_of_the_one_before(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The profiles of the pump in use replace those of a pump in a drawer."""
        # Home Assistant's recorder logs changes of a device at debug level.
        caplog.set_level(logging.INFO)
        await world.begin()
        (before,) = world.nightscout.documents("profile")
        world.live(HOUR)
        replacement = SimulatedPump(
            start=datetime.now(UTC) - HOUR, time_zone=ZONE, serial_number="44332211"
        )
        replacement.run_until(datetime.now(UTC))
        change_profile(replacement)
        world.tandem.accounts[EMAIL.lower()].add_pump(replacement).upload()
        await world.poll()
        after = world.nightscout.documents("profile")[-1]
        assert after["device"].endswith("44332211")
        assert after["store"].keys() == before["store"].keys()
        assert after["defaultProfile"] != before["defaultProfile"]

    async def test_not_when_the_feature_is_off(self, world: World) -> None:
        """With the feature off, profiles are not even read from Nightscout."""
        await world.begin(LATER)
        assert world.nightscout.count("profile") == 0

    async def test_a_pump_without_settings(self, world: World) -> None:
        """There is nothing to write."""
        world.listed.overrides["settings"] = None
        await world.begin()
        assert world.nightscout.count("profile") == 0
        assert world.forwarding.status.connected

    async def test_missing_rights_elsewhere_do_not_hold_them_up(
        self, world: World
    ) -> None:
        """Documents with permission are written; the missing permission is reported."""
        token = world.nightscout.add_token("some", ["*:*:read", "api:profile:update"])
        await world.begin()
        change_profile(world.pump)
        world.update(data={CONF_NIGHTSCOUT_SECRET: token})
        await world.reload()
        await world.upload()
        assert len(world.nightscout.documents("profile")) == 2
        assert isinstance(world.forwarding.status.error, NightscoutForbidden)


async def test_cookies_stay_with_the_site(world: World) -> None:
    """The site receives its own cookie back; other integrations and accounts do not send it."""
    cookie = Cookie(times=None)
    world.nightscout.faults.add(cookie)
    await world.begin(LATER)
    assert cookie.seen[0] is None
    assert cookie.seen[-1] == "one"
    assert list(async_get_clientsession(world.hass).cookie_jar) == []
    await world.reload()
    cookie.seen.clear()
    await world.upload()
    assert cookie.seen


async def test_two_restored_from_one_backup_double_nothing(
    world: World, hass: HomeAssistant
) -> None:
    """Both installations have the same ledger and send the same device status."""
    await world.begin([Feature.DEVICE_STATUS.value])
    folder = Path(hass.config.path(".storage", "tconnectsync"))
    await world.unload()
    shutil.copytree(folder / world.entry.entry_id, folder / "backup")
    await world.load()
    await world.upload()
    sent = world.nightscout.documents("devicestatus")
    await world.unload()
    shutil.rmtree(folder / world.entry.entry_id)
    (folder / "backup").rename(folder / world.entry.entry_id)
    await world.load()
    await world.wait(MINUTE)
    again = world.nightscout.documents("devicestatus")
    assert len(again) == len(sent) > 5
    assert world.forwarding.status.pending == 0
