"""New occurrences are fired once: none from before the setup, no old ones and no repetitions."""

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.automations.alarms_and_boluses import alarms_raised
from custom_components.tconnectsync.automations.targeted_accounts import TargetedAccount
from custom_components.tconnectsync.automations.trigger_options import (
    CONF_KINDS,
    CONF_NOT_OLDER_THAN,
)
from custom_components.tconnectsync.occurrences import Occurrences, Topic, occurrences
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.state import derive_state
from homeassistant.core import HomeAssistant

from .therapy.pump_days import PumpDay, at

SERIAL = "11223344"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon(freezer: FrozenDateTimeFactory) -> None:
    """Stop time at noon."""
    freezer.move_to(at("12:00"))


@pytest.fixture
def store(hass: HomeAssistant) -> AccountStore:
    """The store of an account."""
    return AccountStore(hass, "account")


@pytest.fixture
def news(store: AccountStore) -> Occurrences:
    """The occurrences of an account that was read once, before anything happened."""
    news = Occurrences(store)
    news.update({})
    return news


def day(serial: str = SERIAL, zone: str = "UTC") -> dict[str, History]:
    """Return a morning with one occurrence of each kind."""
    log = PumpDay().alarm("08:00:00").malfunction("08:30:00").alert("09:00:00")
    log.cgm_alert("09:30:00").ask("10:00:00", 7, 2.5).start("10:00:10", 7, 2.5)
    log.end("10:02:00", 7, 2.5).summary("10:02:00", 7, 2.5, delivered=2.5)
    return {serial: log.seen("11:00:00").history(zone=zone)}


def pending_identities(news: Occurrences) -> list[str]:
    """Return the identities of all pending occurrences, without the pump's serial number."""
    return [
        occurrence.identity.removeprefix(f"{SERIAL}:")
        for topic in Topic
        for occurrence in news.pending(topic)
    ]


async def fire_all(news: Occurrences) -> None:
    """Mark all pending occurrences as fired."""
    for topic in Topic:
        await news.mark_fired(*news.pending(topic))


async def test_what_the_first_sync_brings_is_no_news(store: AccountStore) -> None:
    """Occurrences of the first sync are not fired; later ones are."""
    news = Occurrences(store)
    news.update(day())
    news.update(day())
    assert pending_identities(news) == []
    news.update({SERIAL: PumpDay(first=5000).alarm("11:30:00").history()})
    assert pending_identities(news) == ["alarm:0-5000"]


async def test_each_topic(news: Occurrences) -> None:
    """Alarms including malfunctions, alerts, CGM alerts and boluses are separate topics, oldest first."""
    news.update(day())
    assert [len(news.pending(topic)) for topic in Topic] == [2, 1, 1, 1]
    first, second = news.pending(Topic.ALARM)
    assert first.record.start == at("08:00:00")
    assert second.record.start == at("08:30:00")
    assert pending_identities(news) == [
        "alarm:0-1000",
        "malfunction:0-1001",
        "alert:0-1002",
        "cgm_alert:0-1003",
        "bolus:0-7-20260514",
    ]


async def test_nothing_is_news_twice(news: Occurrences, store: AccountStore) -> None:
    """Fired occurrences are stored, and not fired again even after a restart."""
    news.update(day())
    await fire_all(news)
    assert pending_identities(news) == []
    news.update(day())
    assert pending_identities(news) == []
    again = AccountStore(store._hass, "account")  # noqa: SLF001 - a restarted Home Assistant
    await again.async_load()
    restarted = Occurrences(again)
    restarted.update(day())
    assert pending_identities(restarted) == []


async def test_what_was_not_fired_before_a_restart_is_fired_after_it(
    news: Occurrences, store: AccountStore
) -> None:
    """An occurrence that was known but not fired before a restart is fired after it."""
    news.update(day())
    await store.async_save()
    again = AccountStore(store._hass, "account")  # noqa: SLF001 - a restarted Home Assistant
    await again.async_load()
    restarted = Occurrences(again)
    restarted.update(day())
    assert len(pending_identities(restarted)) == 5


async def test_old_occurrences_are_no_news(
    news: Occurrences, freezer: FrozenDateTimeFactory
) -> None:
    """An occurrence that arrives more than a day late is not fired."""
    freezer.move_to(at("08:30:00") + 24 * HOUR)
    news.update(day())
    assert "alarm:0-1000" not in pending_identities(news)
    assert "malfunction:0-1001" in pending_identities(news)


async def test_news_get_old(news: Occurrences, freezer: FrozenDateTimeFactory) -> None:
    """A pending occurrence is dropped after a day."""
    news.update(day())
    freezer.move_to(at("10:00:11") + 24 * HOUR)
    assert pending_identities(news) == []


async def test_a_bolus_is_news_when_it_is_known(news: Occurrences) -> None:
    """A bolus is fired when its end, and so its amount, is known."""
    log = PumpDay().ask("10:00:00", 7, 2.5).start("10:00:10", 7, 2.5)
    news.update({SERIAL: log.history()})
    assert pending_identities(news) == []
    log.end("10:02:00", 7, 2.5).summary("10:02:00", 7, 2.5, delivered=2.5)
    news.update({SERIAL: log.history()})
    assert pending_identities(news) == ["bolus:0-7-20260514"]


async def test_what_version_1_0_0_fired_of_a_bolus_is_fired(
    news: Occurrences, store: AccountStore
) -> None:
    """Version 1.0.0 stored ids with the year only, so their times are compared as well."""
    named = f"{SERIAL}:bolus:0-7-2026"
    for start, expected in ((at("10:00:10"), 0), (at("10:00:10", "2026-05-11"), 1)):
        store.state.news.fired = {named: start}
        news.update(day())
        assert len(news.pending(Topic.BOLUS)) == expected


async def test_pumps_are_told_apart(news: Occurrences) -> None:
    """Two pumps with the same numbers fire their own occurrences."""
    news.update(day() | day("44332211"))
    assert [len(news.pending(topic)) for topic in Topic] == [4, 2, 2, 2]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "US/Pacific"])
async def test_another_time_zone_is_no_news(news: Occurrences, zone: str) -> None:
    """Another time zone does not fire occurrences again."""
    news.update(day())
    await fire_all(news)
    news.update(day(zone=zone))
    assert pending_identities(news) == []


async def test_days_that_are_dated_anew_are_no_news(
    store: AccountStore, freezer: FrozenDateTimeFactory
) -> None:
    """Occurrences of the first sync stay old when another zone makes them more recent."""
    freezer.move_to(at("07:00:00") + 26 * HOUR)
    news = Occurrences(store)
    news.update(day(zone="Pacific/Kiritimati"))
    news.update(day(zone="US/Pacific"))
    assert pending_identities(news) == []


async def test_what_was_fired_is_forgotten_after_a_week(
    news: Occurrences, store: AccountStore, freezer: FrozenDateTimeFactory
) -> None:
    """Fired occurrences are removed from the store after a week."""
    news.update(day())
    await news.mark_fired(*news.pending(Topic.ALARM))
    freezer.tick(HOUR)
    await fire_all(news)
    assert len(store.state.news.fired or {}) == 5
    freezer.move_to(at("12:30:00") + timedelta(days=7))
    week_later = PumpDay("2026-05-21", first=2000).alarm("08:00:00").history()
    news.update({SERIAL: week_later})
    await news.mark_fired()
    assert sorted(store.state.news.fired or {}) == [
        f"{SERIAL}:alert:0-1002",
        f"{SERIAL}:bolus:0-7-20260514",
        f"{SERIAL}:cgm_alert:0-1003",
    ]


def test_no_limit_of_age_keeps_an_alarm_back_by_a_clock_that_may_be_wrong(
    news: Occurrences,
) -> None:
    """An age limit does not suppress an alarm whose pump clock stood still while it was off."""
    log = PumpDay().basal("08:00:00", 1).basal("08:05:00", 1)
    log.write("08:06:00", 99, version=1).basal("08:10:00", 1).alarm("08:12:00")
    log.basal("08:15:00", 1)
    uploaded = at("11:16:00")
    history = log.history(last_upload=uploaded)
    assert history.clock_doubtful
    assert history.clock_off is None
    news.update({SERIAL: history})
    [alarm] = news.pending(Topic.ALARM)
    assert alarm.happened == at("08:12:00")
    assert timedelta() <= uploaded - alarm.age_since <= timedelta(minutes=3)
    account = SimpleNamespace(
        now=uploaded,
        as_of=None,
        data=SimpleNamespace(pump=None, history=history, state=derive_state([history])),
        entry=SimpleNamespace(runtime_data=SimpleNamespace(occurrences=news)),
    )
    limit = {CONF_NOT_OLDER_THAN: 2 * HOUR}
    assert len([*alarms_raised(cast(TargetedAccount, account), limit)]) == 1
    [sure] = [
        one
        for history in day().values()
        for one in occurrences({SERIAL: history})
        if one.record.start == at("08:00:00")
    ]
    assert sure.age_since == sure.happened


async def test_an_alarm_whose_number_comes_later(news: Occurrences) -> None:
    """An alarm is fired once, and again only for triggers of a kind that was unknown at first."""
    before = PumpDay().write("11:30:00", 5).history()
    after = PumpDay().alarm("11:30:00").history()
    account = SimpleNamespace(
        now=at("12:00"),
        as_of=None,
        data=SimpleNamespace(pump=None, state=derive_state([after])),
        entry=SimpleNamespace(runtime_data=SimpleNamespace(occurrences=news)),
    )
    asked: dict[str, object] = {CONF_KINDS: ["occlusion"]}
    news.update({SERIAL: before})
    [unnumbered] = alarms_raised(cast(TargetedAccount, account), {})
    assert [*alarms_raised(cast(TargetedAccount, account), asked)] == []
    await fire_all(news)
    news.update({SERIAL: after})
    assert pending_identities(news) == []
    [numbered] = alarms_raised(cast(TargetedAccount, account), asked)
    assert numbered.identities == unnumbered.identities
