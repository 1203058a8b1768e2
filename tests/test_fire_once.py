"""Each occurrence is fired once, despite repeated checks, reloads and restarts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.automations.finding import Finding
from custom_components.tconnectsync.automations.fire_once import (
    UNWATCHED_AFTER,
    Firing,
    Occasion,
    Rule,
)
from custom_components.tconnectsync.automations.targeted_accounts import TargetedAccount
from custom_components.tconnectsync.storage.fired_triggers import FiredTriggers
from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_bytes

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOVES = st.lists(
    st.one_of(
        st.sampled_from(["look", "begin anew", "restart", "set the clock back"]),
        st.integers(0, 5),
    ),
    max_size=40,
)
"""A number starts to exist, or disappears if it exists."""


@dataclass
class Watched:
    """Simulated occurrences, and a Home Assistant with one trigger that checks for them."""

    rule: Rule
    there: list[int] = field(default_factory=list)
    now: datetime = NOW
    state: FiredTriggers = field(default_factory=FiredTriggers)
    data: dict[Any, Any] = field(default_factory=dict)
    fired: list[int] = field(default_factory=list)
    waiting: list[Occasion] = field(default_factory=list)
    """Occasions that wait for a run of the automation."""
    automation: str = "automation.notify"
    firing: Firing = field(init=False)

    def __post_init__(self) -> None:
        """Start to check."""
        self.begin()

    def begin(self) -> Firing:
        """Create the automation, or load it again."""
        hass = cast(HomeAssistant, SimpleNamespace(data=self.data))
        self.firing = Firing(
            *(hass, "trigger", self.rule, {}),
            now=self.now,
            automation=self.automation,
        )
        return self.firing

    def begin_again(self) -> None:
        """Reload the automation while an occasion waits for its run."""
        self.stop()
        self.begin()

    def stop(self) -> None:
        """Turn the automation off, whether or not an occasion waits for its run."""
        self.firing.stop(self.now)
        self.firing.store_fired(self._account())
        self.waiting.clear()

    def restart(self) -> None:
        """Restart Home Assistant with the stored state."""
        self.state = FiredTriggers.from_json(
            json.loads(json_bytes(self.state.to_json()))
        )
        self.data = {}
        self.waiting.clear()
        self.begin()

    def look(self, firing: Firing | None = None) -> list[int]:
        """Check once, and return the numbers that were fired."""
        self.now += MINUTE
        self.wait_for_turns(firing)
        return [self.start(firing) for _ in [*self.waiting]]

    def wait_for_turns(self, firing: Firing | None = None) -> None:
        """Check once, and queue all occasions that are due."""
        self.waiting += self.check(firing)[0]

    def check(self, firing: Firing | None = None) -> tuple[list[Occasion], bool]:
        """Check once, and return the due occasions, and whether the store has to be saved."""
        return (firing or self.firing).due(self._account())

    def start(self, firing: Firing | None = None) -> int:
        """Run the automation for the oldest waiting occasion, and return its number."""
        occasion = self.waiting.pop(0)
        (firing or self.firing).note_started(self._account(), occasion)
        return int(occasion.finding.identities[-1])

    def _account(self) -> TargetedAccount:
        store = SimpleNamespace(state=SimpleNamespace(fired_triggers=self.state))
        entry = SimpleNamespace(
            entry_id="entry", runtime_data=SimpleNamespace(store=store)
        )
        return cast(
            TargetedAccount,
            SimpleNamespace(
                has_been_polled=True, now=self.now, entry=entry, there=self.there
            ),
        )

    def move(self, move: str | int) -> None:
        """Apply one change, and check."""
        match move:
            case int() if move in self.there:
                self.there.remove(move)
            case int():
                self.there.append(move)
            case "begin anew":
                self.begin()
            case "restart":
                self.restart()
            case "set the clock back":
                self.now -= 5 * MINUTE
            case _:
                pass
        self.fired += self.look()


def found(account: Any, options: Any) -> list[Finding]:
    """Return a finding for each existing number."""
    return [
        Finding(identities=(f"{number}",), happened=NOW, as_of=NOW)
        for number in account.there
    ]


LASTING, OCCURRENCE = Rule(find=found), Rule(find=found, is_occurrence=True)


@given(moves=MOVES)
def test_what_is_so_fires_once_each(moves: list[str | int]) -> None:
    """A lasting state fires once from the first check on, in any order of starts and ends."""
    watched = Watched(LASTING, there=[0])
    watched.move("look")
    seen = {0}
    for move in moves:
        watched.move(move)
        seen |= set(watched.there)
    assert sorted(watched.fired) == sorted(seen)


@given(moves=MOVES)
def test_what_happens_fires_once_each_but_for_what_was_there(
    moves: list[str | int],
) -> None:
    """An occurrence fires once, except those that exist at the first check."""
    watched = Watched(OCCURRENCE, there=[0, 1])
    watched.move("look")
    seen: set[int] = set()
    for move in moves:
        watched.move(move)
        seen |= set(watched.there)
    assert sorted(watched.fired) == sorted(seen - {0, 1})


@given(moves=MOVES)
def test_what_can_be_over_fires_in_turn(moves: list[str | int]) -> None:
    """Starts and ends fire in turn, and never the same twice in a row."""

    def any_found(account: Any, options: Any) -> list[Finding]:
        return found(account, options)[:1] and [
            Finding(identities=("1",), happened=NOW, as_of=NOW)
        ]

    def find_end(account: Any, options: Any) -> list[Finding]:
        return [Finding(identities=("2",), happened=NOW, as_of=NOW)]

    begun = Watched(Rule(find=any_found, find_end=find_end))
    ended = Watched(Rule(find=any_found, find_end=find_end, fires_at_end=True))
    was, expected = False, []
    for move in moves:
        for watched in (begun, ended):
            watched.move(move)
        if bool(begun.there) != was:
            was = not was
            expected.append(1 if was else 2)
    assert begun.fired == [one for one in expected if one == 1]
    assert ended.fired == [one for one in expected if one == 2]


@pytest.mark.parametrize("rule", [LASTING, OCCURRENCE])
def test_two_alike_fire_both(rule: Rule) -> None:
    """Both automations fire in either order; occurrences from before the first check are left out."""
    watched = Watched(rule, there=[0])
    first, second = watched.firing, watched.begin()
    assert (
        watched.look(first)
        == watched.look(second)
        == ([] if rule.is_occurrence else [0])
    )
    watched.there.append(1)
    assert watched.look(second) == watched.look(first) == [1]
    third = watched.begin()
    assert watched.look(third) == []


def test_nothing_is_news_of_the_time_in_which_nobody_looked() -> None:
    """Occurrences while an automation is off are not fired, unless Home Assistant was off as well."""
    watched = Watched(OCCURRENCE)
    watched.move("look")
    watched.there.append(1)
    watched.now += 2 * UNWATCHED_AFTER
    watched.begin()
    assert watched.look() == []
    watched.there.append(2)
    watched.now += 2 * UNWATCHED_AFTER
    watched.restart()
    assert watched.look() == [2]


@given(
    moves=st.lists(
        st.one_of(
            st.sampled_from(["look", "start", "begin anew", "restart"]),
            st.integers(0, 5),
        ),
        max_size=40,
    )
)
@pytest.mark.parametrize("rule", [LASTING, OCCURRENCE])
def test_whatever_waits_for_its_turn_fires_once_each(
    rule: Rule, moves: list[str | int]
) -> None:
    """A waiting occasion is neither lost nor repeated when the automation or Home Assistant restarts."""
    watched, seen = Watched(rule), set()
    watched.look()
    for move in [*moves, "look"]:
        if isinstance(move, int) and move not in watched.there:
            watched.there.append(move)
        elif move == "begin anew":
            watched.begin_again()
        elif move == "restart":
            watched.restart()
        elif move == "start" and watched.waiting:
            watched.fired.append(watched.start())
        watched.now += MINUTE
        watched.wait_for_turns()
        seen |= set(watched.there)
    watched.fired += [watched.start() for _ in [*watched.waiting]]
    assert sorted(watched.fired) == sorted(seen)


def test_an_end_that_waits_for_its_turn_is_fired_once() -> None:
    """A waiting end fires once, even if the state starts again meanwhile."""

    def find_end(account: Any, options: Any) -> list[Finding]:
        return [Finding(identities=("7",), happened=NOW, as_of=NOW)]

    watched = Watched(Rule(find=found, find_end=find_end, fires_at_end=True), [1])
    watched.wait_for_turns()
    watched.there.clear()
    for _ in range(2):
        watched.wait_for_turns()
    watched.there.append(1)
    watched.wait_for_turns()
    assert [watched.start() for _ in [*watched.waiting]] == [7]
    watched.wait_for_turns()
    watched.there.clear()
    watched.wait_for_turns()
    assert [watched.start() for _ in [*watched.waiting]] == [7]


@pytest.mark.parametrize("rule", [LASTING, OCCURRENCE])
def test_of_two_alike_the_one_that_waits_loses_nothing(rule: Rule) -> None:
    """A run of one automation does not cancel the waiting run of the other, over a reload and a restart."""
    watched = Watched(rule, automation="automation.other")
    first = watched.firing
    watched.automation = "automation.notify"
    second = watched.begin()
    watched.look(first)
    watched.look(second)
    watched.there.append(1)
    watched.wait_for_turns(first)
    watched.wait_for_turns(second)
    assert watched.start(first) == 1
    for begin in (watched.begin_again, watched.restart):
        begin()
        watched.wait_for_turns()
        assert len(watched.waiting) == 1
    watched.wait_for_turns(first)
    assert len(watched.waiting) == 1
    watched.start()
    watched.restart()
    assert watched.look() == []


@dataclass
class Pair:
    """Two automations with equal triggers, which are turned off and on."""

    rule: Rule
    both: list[Watched] = field(init=False)
    on: list[bool] = field(default_factory=lambda: [True, True])
    owed: list[set[int]] = field(default_factory=lambda: [set(), set()])
    """The numbers that each automation has to run for: all that existed while it was on."""
    old: list[set[int]] = field(default_factory=lambda: [set(), set()])
    """The numbers that the other automation ran for before this one was turned on."""

    def __post_init__(self) -> None:
        """Check for the first time, without any occurrence."""
        first = Watched(self.rule)
        second = Watched(
            self.rule,
            there=first.there,
            state=first.state,
            data=first.data,
            automation="automation.other",
        )
        self.both = [first, second]
        self.look()

    def look(self) -> None:
        """Let both check a second later."""
        for number, one in enumerate(self.both):
            one.now += timedelta(seconds=1)
            if self.on[number]:
                one.wait_for_turns()
                self.owed[number] |= set(one.there) - self.old[number]

    def start(self, number: int) -> None:
        """Run one automation for its oldest waiting occasion."""
        one = self.both[number]
        if one.waiting:
            one.fired.append(one.start())

    def switch(self, number: int) -> None:
        """Turn one automation off, or on again."""
        one = self.both[number]
        if self.on[number]:
            one.stop()
        else:
            one.begin()
            self.old[number] |= {*self.both[1 - number].fired} - self.owed[number]
        self.on[number] = not self.on[number]

    def restart(self) -> None:
        """Restart Home Assistant, unless an occasion waits for its run."""
        first, second = self.both
        if first.waiting or second.waiting:
            return
        first.restart()
        second.state, second.data = first.state, first.data
        for number, one in enumerate(self.both):
            one.begin()
            if not self.on[number]:
                self.owed[number] &= {*one.fired}


@given(
    moves=st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["start", "switch"]), st.integers(0, 1)),
            st.just("restart"),
            st.integers(0, 4),
        ),
        max_size=40,
    )
)
@pytest.mark.parametrize("rule", [LASTING, OCCURRENCE])
def test_two_alike_switched_at_any_moment_lose_and_repeat_nothing(
    rule: Rule, moves: list[tuple[str, int] | str | int]
) -> None:
    """Turning either automation off and on at any time neither loses nor repeats a run."""
    pair = Pair(rule)
    for move in moves:
        match move:
            case int() if move not in pair.both[0].there:
                pair.both[0].there.append(move)
            case ("start", int(number)):
                pair.start(number)
            case ("switch", int(number)):
                pair.switch(number)
            case "restart":
                pair.restart()
            case _:
                pass
        pair.look()
    for number, one in enumerate(pair.both):
        if not pair.on[number]:
            pair.switch(number)
        pair.look()
        while one.waiting:
            pair.start(number)
        assert len(one.fired) == len({*one.fired})
        assert pair.owed[number] <= {*one.fired}


@pytest.mark.parametrize("rule", [LASTING, OCCURRENCE])
@pytest.mark.parametrize("ending", ["reload", "restart"])
def test_what_one_ran_for_is_stored_when_the_other_waits_no_more(
    rule: Rule, ending: str
) -> None:
    """Without this, a reload or restart hours later would fire an old alarm again."""
    pair = Pair(rule)
    pair.both[0].there.append(1)
    pair.look()
    pair.start(0)
    pair.switch(1)
    first = pair.both[0]
    if ending == "restart":
        first.restart()
    else:
        first.begin_again()
    pair.look()
    assert (first.fired, first.waiting) == ([1], [])


def test_what_one_ran_for_is_stored_later_if_the_account_was_not_loaded() -> None:
    """If the account is not loaded when the other automation is turned off, the next check stores the run."""
    pair = Pair(OCCURRENCE)
    first, second = pair.both
    first.there.append(1)
    pair.look()
    pair.start(0)
    second.firing.stop(second.now)
    assert first.check() == ([], True)
    assert first.check() == ([], False)
    first.restart()
    assert first.look() == []


def test_what_one_ran_for_is_not_repeated_while_the_other_waits() -> None:
    """Reloading the automation that ran does not repeat its run."""
    pair = Pair(OCCURRENCE)
    pair.both[0].there.append(1)
    pair.look()
    pair.start(0)
    pair.both[0].begin_again()
    pair.look()
    assert [len(one.waiting) for one in pair.both] == [0, 1]


def test_what_waited_when_one_was_switched_off_is_not_fired_long_after() -> None:
    """An occasion that waited when an automation was turned off is dropped when it is turned on much later."""
    pair = Pair(OCCURRENCE)
    first, second = pair.both
    first.there.append(1)
    pair.look()
    pair.start(0)
    pair.switch(1)
    for one in pair.both:
        one.now += UNWATCHED_AFTER / 2
    pair.look()
    for one in pair.both:
        one.now += UNWATCHED_AFTER
    pair.look()
    pair.switch(1)
    pair.look()
    assert (first.waiting, second.waiting) == ([], [])
