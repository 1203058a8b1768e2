"""What triggers have fired for: once for each occurrence, over reloads, restarts and gaps in the data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.instants import FAR_PAST
from custom_components.tconnectsync.storage.fired_triggers import FiredTrigger
from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .finding import Find, Finding, Options
from .targeted_accounts import TargetedAccount

UNWATCHED_AFTER = timedelta(minutes=10)
"""After so long without a look, what happened meanwhile was for nobody."""
SAVE_INTERVAL = timedelta(hours=6)
REARMED = "released"


type FiredTimes = dict[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a trigger looks for, and when that is news."""

    find: Find
    is_occurrence: bool = False
    """It happens at an instant: what is found at the first look is no news. Otherwise it lasts."""
    find_end: Find | None = None
    """Finds its end; from then on it can be found anew."""
    fires_at_end: bool = False
    """Only its end fires."""


@dataclass(slots=True)
class TriggerRuntime:
    """What triggers did since Home Assistant started, in order, whatever its clock shows."""

    order: Iterator[int] = field(default_factory=count)
    last_checked: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When an account was last judged for a trigger."""
    fired_in_order: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """When, in that order, something was fired for."""


DATA_TRIGGERS: HassKey[TriggerRuntime] = HassKey(f"{DOMAIN}_looks")


class Firing:
    """Decides when one trigger fires, and remembers what it has fired for."""

    def __init__(
        self, hass: HomeAssistant, key: str, rule: Rule, options: Options, now: datetime
    ) -> None:
        """Begin now; all triggers of the same key and options share what is remembered."""
        digest = sha256(repr(sorted(options.items())).encode()).hexdigest()
        self._key = f"{key}:{digest[:16]}"
        self._rule = rule
        self._options = options
        self._started = now
        self._runtime = hass.data.setdefault(DATA_TRIGGERS, TriggerRuntime())
        self._order = next(self._runtime.order)
        self._fired_times: dict[str, FiredTimes] = {}
        """By entry: what this trigger has fired for, or a former one like it."""

    def due_findings(self, account: TargetedAccount) -> tuple[list[Finding], bool]:
        """Return what to fire for now, and whether anything is to be kept on disk."""
        if not account.has_been_polled:
            return [], False
        entry_id = account.entry.entry_id
        fired, is_first_look = self._fired(account)
        found = list(self._rule.find(account, self._options))
        if entry_id not in self._fired_times:
            self._fired_times[entry_id] = {
                identity: at
                for identity, at in fired.occurrences.items()
                if self._runtime.fired_in_order.get((entry_id, self._key, identity), -1)
                < self._order
            }
            if is_first_look and self._rule.is_occurrence:
                for finding in found:
                    # Without an order: whoever begins in this very moment knows it as well.
                    identity = finding.identities[-1]
                    self._fired_times[entry_id][identity] = account.now
                    fired.occurrences[identity] = account.now
                return [], True
        fired_times = self._fired_times[entry_id]
        unknown = [
            finding for finding in found if not _already_fired(fired_times, finding)
        ]
        for finding in unknown:
            self._remember_fired(fired, account, finding.identities[-1])
        ended: list[Finding] = []
        if self._rule.find_end and not found and _is_active(fired_times):
            self._remember_fired(fired, account, REARMED)
            ended = list(self._rule.find_end(account, self._options))
        changed = is_first_look or bool(unknown) or bool(ended)
        return ended if self._rule.fires_at_end else unknown, changed

    def _fired(self, account: TargetedAccount) -> tuple[FiredTrigger, bool]:
        """Return what is remembered, and whether nobody has looked for it lately."""
        state = account.entry.runtime_data.store.state.fired_triggers
        trigger_key = (account.entry.entry_id, self._key)
        last_checked = self._runtime.last_checked.get(trigger_key)
        self._runtime.last_checked[trigger_key] = account.now
        fired = state.triggers.get(self._key)
        is_first_look = fired is None or bool(
            last_checked and last_checked < self._started - UNWATCHED_AFTER
        )
        if fired is None:
            state.forget_old(account.now)
            fired = state.triggers[self._key] = FiredTrigger(account.now)
        elif account.now - fired.judged > SAVE_INTERVAL:
            fired.judged = account.now
        return fired, is_first_look

    def _remember_fired(
        self, fired: FiredTrigger, account: TargetedAccount, identity: str
    ) -> None:
        entry_id = account.entry.entry_id
        fired_times = self._fired_times[entry_id]
        # A clock that was set back must not put the beginning before the last end.
        after_all = max(fired_times.values(), default=FAR_PAST) + timedelta.resolution
        fired_times[identity] = fired.occurrences[identity] = max(
            account.now, after_all
        )
        place = (entry_id, self._key, identity)
        self._runtime.fired_in_order[place] = next(self._runtime.order)


def _already_fired(fired_times: FiredTimes, finding: Finding) -> bool:
    released = fired_times.get(REARMED, FAR_PAST)
    return any(fired_times.get(one, FAR_PAST) > released for one in finding.identities)


def _is_active(fired_times: FiredTimes) -> bool:
    return bool(fired_times) and max(fired_times.values()) > fired_times.get(
        REARMED, FAR_PAST
    )
