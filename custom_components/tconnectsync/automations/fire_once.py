"""Firing once for each occurrence, across reloads, restarts and gaps in the data."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.instants import FAR_PAST
from custom_components.tconnectsync.storage.fired_triggers import FiredTrigger
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .finding import Find, Finding, Options
from .targeted_accounts import TargetedAccount

UNWATCHED_AFTER = timedelta(minutes=10)
"""A trigger that was not checked for this long does not fire for the time in between."""
SAVE_INTERVAL = timedelta(hours=6)
REARMED = "released"
"""The identity under which the end of a state is stored."""

type FiredTimes = dict[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The events or states that a trigger fires for."""

    find: Find
    is_occurrence: bool = False
    """Whether findings are single events: those of the first check do not fire. If not, they are lasting states."""
    find_end: Find | None = None
    """Finds the end of a state, after which that state fires again."""
    fires_at_end: bool = False
    """Whether only the end fires."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A finding that an automation runs for once."""

    finding: Finding
    stored_as: str
    """The identity under which the run is stored."""


@dataclass(slots=True)
class TriggerRuntime:
    """The checks and firings of all triggers since Home Assistant started, numbered because its clock may be set."""

    order: Iterator[int] = field(default_factory=count)
    last_checked: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When a trigger last checked an account, by entry id and trigger key."""
    fired_in_order: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """The number of the last firing, by entry id, trigger key and identity."""
    waiting: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """The number of automations that wait for their turn, by the same keys; a firing is stored once none waits."""
    not_stored: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    """When an automation ran for an occasion that another one still waited for."""
    left: dict[tuple[str | None, tuple[str, str, str]], datetime] = field(
        default_factory=dict
    )
    """When an automation was stopped while an occasion waited, by its entity id and those keys."""


DATA_TRIGGERS: HassKey[TriggerRuntime] = HassKey(f"{DOMAIN}_triggers")


class Firing:
    """Decides when one trigger fires, and stores the identities it has fired for.

    Triggers with equal keys and options share the stored identities, and each of them fires.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        key: str,
        rule: Rule,
        options: Options,
        *,
        now: datetime,
        automation: str | None,
    ) -> None:
        """Prepare a trigger of an automation (its entity id, if it has one) that starts at `now` (UTC)."""
        digest = sha256(repr(sorted(options.items())).encode()).hexdigest()
        self._key = f"{key}:{digest[:16]}"
        self._rule = rule
        self._options = options
        self._started = now
        self._automation = automation
        self._runtime = hass.data.setdefault(DATA_TRIGGERS, TriggerRuntime())
        self._order = next(self._runtime.order)
        self._fired_times: dict[str, FiredTimes] = {}
        """The identities that this trigger, or an equal one before it, has fired for, by entry id."""
        self._waiting: set[tuple[str, str, str]] = set()
        """The occasions that wait for their turn, by entry id, trigger key and identity."""

    def due(self, account: TargetedAccount) -> tuple[list[Occasion], bool]:
        """Return the new occasions to run the automation for, and whether the store has to be saved.

        From then on an occasion waits for its turn. It counts as fired for only after a call of
        note_started: if Home Assistant stops before, it is due again.
        """
        if not account.has_been_polled:
            return [], False
        stored, is_first_check = self._load(account)
        changed = self.store_fired(account) or is_first_check
        findings = list(self._rule.find(account, self._options))
        entry_id = account.entry.entry_id
        if entry_id not in self._fired_times:
            self._fired_times[entry_id] = self._fired_before(account, stored)
            if is_first_check and self._rule.is_occurrence:
                self._pass_over(account, stored, findings)
                return [], True
        new = self._new(entry_id, findings)
        ended = [] if findings else self._ended(account)
        due, not_fired = (ended, new) if self._rule.fires_at_end else (new, ended)
        for occasion in not_fired:
            self._note_fired(account, occasion.stored_as)
        due = [occasion for occasion in due if self._start_waiting(entry_id, occasion)]
        restored = [self._wait_to_store(stored, entry_id, one) for one in due]
        return due, changed or bool(not_fired) or any(restored)

    def note_started(self, account: TargetedAccount, occasion: Occasion) -> None:
        """Note an occasion as fired for, because the automation starts to run for it."""
        self.put_back(account.entry, occasion)
        self._note_fired(account, occasion.stored_as)

    def put_back(self, entry: ConfigEntry, occasion: Occasion) -> None:
        """Stop the waiting of an occasion whose automation could not run, so that it is due again."""
        self._stop_waiting((entry.entry_id, self._key, occasion.stored_as))

    def stop(self, now: datetime) -> None:
        """Leave the waiting occasions to the next equal trigger of the automation, if it starts soon after `now` (UTC)."""
        for place in [*self._waiting]:
            self._stop_waiting(place)
            self._runtime.left[self._automation, place] = now

    def store_fired(self, account: TargetedAccount) -> bool:
        """Store the identities an equal trigger fired for while another one waited that no longer does; return whether there were any."""
        places = [
            place
            for place in self._not_stored(account.entry.entry_id)
            if not self._runtime.waiting[place]
        ]
        for place in places:
            self._store(account, place, self._runtime.not_stored[place])
        return bool(places)

    def _start_waiting(self, entry_id: str, occasion: Occasion) -> bool:
        """Let an occasion wait for its turn; return False if it is waiting already."""
        names = (*occasion.finding.identities, occasion.stored_as)
        if any((entry_id, self._key, name) in self._waiting for name in names):
            return False
        place = (entry_id, self._key, occasion.stored_as)
        self._waiting.add(place)
        self._runtime.waiting[place] += 1
        self._runtime.left.pop((self._automation, place), None)
        return True

    def _wait_to_store(
        self, stored: FiredTrigger, entry_id: str, occasion: Occasion
    ) -> bool:
        """Store no longer what an equal trigger fired for, now that this one waits for it; return whether it was stored."""
        fired_at = stored.occurrences.pop(occasion.stored_as, None)
        if fired_at:
            place = (entry_id, self._key, occasion.stored_as)
            self._runtime.not_stored[place] = fired_at
        return bool(fired_at)

    def _stop_waiting(self, place: tuple[str, str, str]) -> None:
        self._waiting.remove(place)
        self._runtime.waiting[place] -= 1

    def _load(self, account: TargetedAccount) -> tuple[FiredTrigger, bool]:
        """Return what is stored of this trigger, and whether it was not being checked until now."""
        state = account.entry.runtime_data.store.state.fired_triggers
        trigger = (account.entry.entry_id, self._key)
        last_checked = self._runtime.last_checked.get(trigger)
        self._runtime.last_checked[trigger] = account.now
        stored = state.triggers.get(self._key)
        is_first_check = stored is None or bool(
            last_checked and last_checked < self._started - UNWATCHED_AFTER
        )
        if stored is None:
            state.forget_old(account.now)
            stored = state.triggers[self._key] = FiredTrigger(account.now)
        elif account.now - stored.judged > SAVE_INTERVAL:
            stored.judged = account.now
        return stored, is_first_check

    def _fired_before(
        self, account: TargetedAccount, stored: FiredTrigger
    ) -> FiredTimes:
        """Return the identities fired for before this trigger started.

        Those an equal trigger fired for since are not among them, nor those the automation left waiting.
        """
        entry_id = account.entry.entry_id
        not_stored = {
            place[2]: self._runtime.not_stored[place]
            for place in self._not_stored(entry_id)
        }
        fired_in_order, left = self._runtime.fired_in_order, self._runtime.left
        fired_before = {}
        for identity, fired_at in {**stored.occurrences, **not_stored}.items():
            place = (entry_id, self._key, identity)
            left_at = left.pop((self._automation, place), FAR_PAST)
            if (
                fired_in_order.get(place, -1) < self._order
                and left_at < self._started - UNWATCHED_AFTER
            ):
                fired_before[identity] = fired_at
        return fired_before

    def _pass_over(
        self, account: TargetedAccount, stored: FiredTrigger, findings: list[Finding]
    ) -> None:
        """Note the findings as fired for, unnumbered: an equal trigger that starts at this moment passes over them too."""
        for finding in findings:
            identity = finding.identities[-1]
            self._fired_times[account.entry.entry_id][identity] = account.now
            stored.occurrences[identity] = account.now

    def _new(self, entry_id: str, findings: list[Finding]) -> list[Occasion]:
        """Return the findings that were not fired for yet."""
        fired_times = self._fired_times[entry_id]
        return [
            Occasion(finding, finding.identities[-1])
            for finding in findings
            if not _already_fired(fired_times, finding)
        ]

    def _ended(self, account: TargetedAccount) -> list[Occasion]:
        """Return the end of the state that was fired for; once it is noted, that state fires again."""
        fired_times = self._fired_times[account.entry.entry_id]
        if not self._rule.find_end or not _is_active(fired_times):
            return []
        end = self._rule.find_end(account, self._options)
        return [Occasion(finding, REARMED) for finding in end]

    def _note_fired(self, account: TargetedAccount, identity: str) -> None:
        """Note an identity as fired for, and store it unless an equal trigger still waits, whose turn a restart would lose."""
        entry_id = account.entry.entry_id
        fired_times = self._fired_times[entry_id]
        # Home Assistant's clock may have been set back: a start must still be later than the last end.
        after_all = max(fired_times.values(), default=FAR_PAST) + timedelta.resolution
        fired_times[identity] = max(account.now, after_all)
        place = (entry_id, self._key, identity)
        self._runtime.fired_in_order[place] = next(self._runtime.order)
        if self._runtime.waiting[place]:
            self._runtime.not_stored[place] = fired_times[identity]
        else:
            self._store(account, place, fired_times[identity])

    def _not_stored(self, entry_id: str) -> list[tuple[str, str, str]]:
        """Return the occasions of an account that equal triggers fired for and that are not stored yet."""
        trigger = (entry_id, self._key)
        return [place for place in self._runtime.not_stored if place[:2] == trigger]

    def _store(
        self, account: TargetedAccount, place: tuple[str, str, str], fired_at: datetime
    ) -> None:
        state = account.entry.runtime_data.store.state.fired_triggers
        stored = state.triggers.setdefault(self._key, FiredTrigger(account.now))
        stored.occurrences[place[2]] = fired_at
        self._runtime.not_stored.pop(place, None)


def _already_fired(fired_times: FiredTimes, finding: Finding) -> bool:
    rearmed = fired_times.get(REARMED, FAR_PAST)
    return any(
        fired_times.get(identity, FAR_PAST) > rearmed for identity in finding.identities
    )


def _is_active(fired_times: FiredTimes) -> bool:
    return bool(fired_times) and max(fired_times.values()) > fired_times.get(
        REARMED, FAR_PAST
    )
