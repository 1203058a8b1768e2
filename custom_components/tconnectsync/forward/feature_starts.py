"""The first pump day of each feature: some days back at first, today for one that is turned on later."""

from collections.abc import Iterable, Mapping
from datetime import date

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.nightscout.features import Feature, context_days
from custom_components.tconnectsync.storage.account_state import AccountState

type Starts = Mapping[Feature, date]
"""The first pump day of each feature."""


def note_starts(
    state: AccountState,
    address: str,
    features: Iterable[Feature],
    today: date,
    first_days: int,
) -> None:
    """Note a start for every feature that is on; features that were on at this site before keep theirs."""
    state.forwarding.use(address)
    starts = state.forwarding.starts
    if address in starts:
        earlier, start = starts[address], today
    else:
        earlier, start = {}, today - ONE_DAY * first_days
        state.forwarding.sites[address].pending.add(start)
    starts[address] = {
        str(feature): earlier.get(feature, start) for feature in features
    }


def complete_starts(starts: Starts, complete_after: date) -> Starts:
    """Return each feature's start, or the first day with all stored records that its documents depend on."""
    return {
        feature: max(start, complete_after + ONE_DAY * context_days(feature))
        for feature, start in starts.items()
    }
