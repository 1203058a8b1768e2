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
from .targeted_accounts import Account

FORGOTTEN_AFTER = timedelta(minutes=10)
"""After so long without a look, what happened meanwhile was for nobody."""
NOTED_EVERY = timedelta(hours=6)
RELEASED = "released"


type Marks = dict[str, datetime]


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
class Looks:
    """What triggers did since Home Assistant started, in order, whatever its clock shows."""

    order: Iterator[int] = field(default_factory=count)
    looked: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When an account was last judged for a trigger."""
    marked: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """When, in that order, something was fired for."""


DATA_LOOKS: HassKey[Looks] = HassKey(f"{DOMAIN}_looks")


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
        self._began = now
        self._looks = hass.data.setdefault(DATA_LOOKS, Looks())
        self._order = next(self._looks.order)
        self._marks: dict[str, Marks] = {}
        """By entry: what this trigger has fired for, or a former one like it."""

    def news(self, account: Account) -> tuple[list[Finding], bool]:
        """Return what to fire for now, and whether anything is to be kept on disk."""
        if not account.asked:
            return [], False
        entry_id = account.entry.entry_id
        fired, is_first_look = self._fired(account)
        found = list(self._rule.find(account, self._options))
        if entry_id not in self._marks:
            self._marks[entry_id] = {
                identity: at
                for identity, at in fired.occurrences.items()
                if self._looks.marked.get((entry_id, self._key, identity), -1)
                < self._order
            }
            if is_first_look and self._rule.is_occurrence:
                for finding in found:
                    # Without an order: whoever begins in this very moment knows it as well.
                    identity = finding.identities[-1]
                    self._marks[entry_id][identity] = account.now
                    fired.occurrences[identity] = account.now
                return [], True
        marks = self._marks[entry_id]
        unknown = [finding for finding in found if not _knows(marks, finding)]
        for finding in unknown:
            self._mark(fired, account, finding.identities[-1])
        ended: list[Finding] = []
        if self._rule.find_end and not found and _is_latched(marks):
            self._mark(fired, account, RELEASED)
            ended = list(self._rule.find_end(account, self._options))
        changed = is_first_look or bool(unknown) or bool(ended)
        return ended if self._rule.fires_at_end else unknown, changed

    def _fired(self, account: Account) -> tuple[FiredTrigger, bool]:
        """Return what is remembered, and whether nobody has looked for it lately."""
        state = account.entry.runtime_data.store.state.fired_triggers
        looked_for = (account.entry.entry_id, self._key)
        looked = self._looks.looked.get(looked_for)
        self._looks.looked[looked_for] = account.now
        fired = state.triggers.get(self._key)
        is_first_look = fired is None or bool(
            looked and looked < self._began - FORGOTTEN_AFTER
        )
        if fired is None:
            state.forget_old(account.now)
            fired = state.triggers[self._key] = FiredTrigger(account.now)
        elif account.now - fired.judged > NOTED_EVERY:
            fired.judged = account.now
        return fired, is_first_look

    def _mark(self, fired: FiredTrigger, account: Account, identity: str) -> None:
        entry_id = account.entry.entry_id
        marks = self._marks[entry_id]
        # A clock that was set back must not put the beginning before the last end.
        after_all = max(marks.values(), default=FAR_PAST) + timedelta.resolution
        marks[identity] = fired.occurrences[identity] = max(account.now, after_all)
        place = (entry_id, self._key, identity)
        self._looks.marked[place] = next(self._looks.order)


def _knows(marks: Marks, finding: Finding) -> bool:
    released = marks.get(RELEASED, FAR_PAST)
    return any(marks.get(one, FAR_PAST) > released for one in finding.identities)


def _is_latched(marks: Marks) -> bool:
    return bool(marks) and max(marks.values()) > marks.get(RELEASED, FAR_PAST)
