"""The triggers for a missing bolus fire only if the log proves it."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.automations.finding import Finding, Options
from custom_components.tconnectsync.automations.missing_boluses import (
    no_bolus,
    no_bolus_by,
)
from custom_components.tconnectsync.automations.targeted_accounts import TargetedAccount
from custom_components.tconnectsync.therapy.clock.uploads import Upload
from custom_components.tconnectsync.therapy.history import History, derive
from custom_components.tconnectsync.therapy.state import derive_state

from .therapy.pump_days import PumpDay, at, typed

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TRIGGERS: tuple[
    tuple[Callable[[TargetedAccount, Options], Iterator[Finding]], dict[str, Any]], ...
] = (
    (no_bolus, {"for": 3 * HOUR}),
    (no_bolus_by, {"since": time(9), "by": time(12)}),
)
both = pytest.mark.parametrize(("find", "options"), TRIGGERS)


def morning(
    *boluses: str, ahead: timedelta = timedelta(), hole: tuple[str, str] | None = None
) -> History:
    """Return the history of a pump that logs from 08:00 and uploads at 12:05, optionally with its clock ahead."""
    log, times = PumpDay(), [at(one) for one in boluses]
    uploads: list[Upload] = []
    instant = at("08:00:00")
    while instant < (upload := at("12:05:00")):
        if not hole or not at(hole[0]) < instant < at(hole[1]):
            log.basal(shown(instant, ahead), 0.8)
        for bolus, start in enumerate(times):
            if instant <= start < instant + 5 * MINUTE:
                begun, ended = shown(start, ahead), shown(start + MINUTE, ahead)
                log.ask(begun, bolus, 2.0).start(begun, bolus, 2.0)
                log.end(ended, bolus, 2.0).summary(ended, bolus, 2.0, delivered=2.0)
        instant += 5 * MINUTE
    last = (instant + ahead - 5 * MINUTE).replace(tzinfo=None)
    uploads.append(Upload(upload, (0, log.number - 1), last))
    return derive(typed(log.raws), [], ZoneInfo("UTC"), upload, uploads)


def shown(instant: datetime, ahead: timedelta) -> str:
    """Return the time on the pump's clock."""
    return (instant + ahead).replace(tzinfo=None).isoformat()


def account(
    history: History, delivery_uncertain_until: datetime | None = None
) -> TargetedAccount:
    """Return an account with one pump at 12:06."""
    data = SimpleNamespace(
        pump=None,
        history=history,
        histories={"1": history},
        state=derive_state([history], unread_until=delivery_uncertain_until),
    )
    found = SimpleNamespace(
        data=data,
        now=at("12:06:00"),
        as_of=history.newest,
        is_fresh=lambda as_of: not history.clock_doubtful,
    )
    return cast(TargetedAccount, found)


@both
def test_no_bolus_is_found(
    find: Callable[[TargetedAccount, Options], Iterator[Finding]], options: Options
) -> None:
    """A missing bolus is found if the log is complete."""
    assert len([*find(account(morning()), options)]) == 1
    assert len([*find(account(morning("08:20:00")), options)]) == 1
    assert not [*find(account(morning("10:20:00")), options)]


@both
@given(given_at=st.integers(0, 179), ahead=st.integers(1, 400))
def test_a_clock_that_is_ahead_hides_no_bolus(
    find: Callable[[TargetedAccount, Options], Iterator[Finding]],
    options: Options,
    given_at: int,
    ahead: int,
) -> None:
    """A bolus that the pump's clock dates in the future still counts."""
    start = at("09:00:00") + given_at * MINUTE
    history = morning(start.time().isoformat(), ahead=ahead * HOUR)
    assert not [*find(account(history), options)]


@both
def test_a_pump_that_is_not_read_may_have_given_one(
    find: Callable[[TargetedAccount, Options], Iterator[Finding]], options: Options
) -> None:
    """Nothing is found if another pump may have been in use within the time."""
    history = morning()
    assert [*find(account(history, at("09:00:00")), options)]
    assert not [*find(account(history, at("09:05:00")), options)]


@pytest.mark.parametrize("hole", [("10:00:00", "11:00:00"), ("11:30:00", "12:00:00")])
def test_a_hole_in_the_log_may_hide_one(hole: tuple[str, str]) -> None:
    """Nothing is found if the log has a gap within the time."""
    assert not [*no_bolus(account(morning(hole=hole)), {"for": 3 * HOUR})]


def test_only_what_is_known_is_counted() -> None:
    """The last known bolus counts as the last one only if no gap follows it."""
    history = morning("08:05:00", hole=("08:10:00", "08:50:00"))
    [found] = no_bolus(account(history), {"for": 3 * HOUR})
    assert found.happened == at("08:50:00")
    assert found.details == {"insulin": None, "hours": 3.2}
    [found] = no_bolus(account(morning("08:05:00")), {"for": 3 * HOUR})
    assert found.details == {"insulin": 2.0, "hours": 3.9}
