"""The data of an account, derived from its stored events."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.glucose_limits import glucose_limits
from custom_components.tconnectsync.instants import FAR_PAST, ONE_DAY
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.event_rows import raw_event
from custom_components.tconnectsync.tandem import Pump, Pumper
from custom_components.tconnectsync.tandem.decode import decode_clock_changes
from custom_components.tconnectsync.therapy.figures import Figures, compute_figures
from custom_components.tconnectsync.therapy.history import Derivation, History
from custom_components.tconnectsync.therapy.insulin_duration import insulin_duration
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from custom_components.tconnectsync.therapy.state import (
    PumpState,
    derive_state,
    with_alarms,
)
from homeassistant.util import dt as dt_util


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpData:
    """The data of an account; history and state are of the pump in use, figures of the person."""

    pumper: Pumper
    pump: Pump | None
    last_upload: datetime | None
    history: History
    state: PumpState
    figures: Figures
    insulin_duration: int | None
    """The insulin duration of the active profile (min)."""
    glucose_limits: tuple[float, float]
    """Low and high (mg/dL): the chosen ones, else the account's."""
    histories: Mapping[str, History]
    """Of every pump that is read, by serial number; of those not in use only once read completely."""
    complete_after: date
    """The pump day after which the records of every pump are complete."""
    unread_until: datetime | None = None
    """Until when (UTC) a pump was in use whose log has not been read completely."""


class PumpDataBuilder:
    """Derives one account's data from its store, outside the event loop."""

    def __init__(
        self, store: AccountStore, zone: ZoneInfo, options: Mapping[str, Any]
    ) -> None:
        """Take the store, the zone of the pump's clock, and the entry's options."""
        self._store = store
        self._zone = zone
        self._options = options
        self._derivations: dict[str, Derivation] = {}
        self._figures_cache = ResultCache()
        """The figures of unchanged days."""

    async def derive(
        self, pumper: Pumper, in_use: Pump | None, unread: Collection[str] = ()
    ) -> PumpData:
        """Derive everything from the stored events; `unread` are pumps with uploads that are not stored yet."""
        run = self._store.run
        left_out, complete_after = self._left_out(in_use), self._complete_after(in_use)
        histories = await run(self._histories)
        left_out |= self._left_out(in_use)
        complete_after = max(complete_after, self._complete_after(in_use))
        for serial_number in left_out:
            histories.pop(serial_number, None)
        histories = self._with_others_unread(histories, pumper, left_out.union(unread))
        in_use_first = _in_use_first(histories, in_use)
        limits = glucose_limits(self._options, pumper)
        duration = insulin_duration(in_use.settings if in_use else None)
        unread_until = self._newest_of(pumper, left_out | self._lost() | set(unread))
        state = await run(derive_state, in_use_first, duration, unread_until)
        return PumpData(
            pumper=pumper,
            pump=in_use,
            last_upload=self._store.last_upload(in_use.serial_number)
            if in_use
            else None,
            history=in_use_first[0],
            state=state,
            figures=await run(
                partial(
                    compute_figures,
                    in_use_first,
                    dt_util.get_default_time_zone(),
                    *limits,
                    duration,
                    delivery_uncertain_until=state.delivery_uncertain_until,
                    cache=self._figures_cache,
                )
            ),
            insulin_duration=duration,
            glucose_limits=limits,
            histories=histories,
            complete_after=complete_after,
            unread_until=unread_until,
        )

    def nothing_known(self, pumper: Pumper, in_use: Pump | None) -> PumpData:
        """Return the data of an account before any of its log is read."""
        return PumpData(
            pumper=pumper,
            pump=in_use,
            last_upload=None,
            history=History(),
            state=PumpState(),
            figures=Figures(),
            insulin_duration=None,
            glucose_limits=glucose_limits(self._options, pumper),
            histories={},
            complete_after=date.max,
        )

    async def alarms_only(
        self, before: PumpData, in_use: Pump | None
    ) -> tuple[PumpData, Mapping[str, History]]:
        """Return the data from before with the current alarms, and histories of every pump with alarms alone."""
        histories = await self._store.run(partial(self._histories, alarms_only=True))
        for serial_number in self._left_out(in_use):
            histories.pop(serial_number, None)
        in_use_first = _in_use_first(histories, in_use)
        return replace(before, state=with_alarms(before.state, in_use_first)), histories

    def _complete_after(self, in_use: Pump | None) -> date:
        """Return the pump day after which the stored records are complete, not counting pumps that are left out."""
        left_out = self._left_out(in_use)
        return max(
            (
                date.max
                if progress.complete_from_next or progress.complete_from is None
                else progress.complete_from
                for serial_number, progress in self._store.state.reading.pumps.items()
                if serial_number not in left_out
            ),
            default=date.max,
        )

    def _lost(self) -> set[str]:
        """Return the pumps with a lost day that has not been read again."""
        pumps = [*self._store.event_stores.items()]
        return {serial_number for serial_number, events in pumps if events.damaged}

    def _left_out(self, in_use: Pump | None) -> set[str]:
        """Return the pumps not in use whose log has not been read to its end, and may never be."""
        return {
            serial_number
            for serial_number, progress in self._store.state.reading.pumps.items()
            if (progress.complete_from_next or progress.complete_from is None)
            and not (in_use and in_use.serial_number == serial_number)
        }

    def _newest_of(
        self, pumper: Pumper, serial_numbers: Collection[str]
    ) -> datetime | None:
        """Return until when (UTC) any of these pumps was in use, by Tandem or by the stored events."""
        listed = {pump.serial_number: pump.newest_event for pump in pumper.pumps}
        stored = {
            serial_number: datetime.combine(day + ONE_DAY, time())
            for serial_number in serial_numbers
            if (day := self._store.event_store(serial_number).newest_day)
        }
        newest = max(
            filter(None, map((stored | listed).get, serial_numbers)), default=None
        )
        return newest and newest.replace(tzinfo=self._zone).astimezone(UTC)

    def _with_others_unread(
        self,
        histories: Mapping[str, History],
        pumper: Pumper,
        serial_numbers: Collection[str],
    ) -> dict[str, History]:
        """Return the histories with the spans in which other pumps were in use whose log is not read to its end."""
        unread = {}
        for serial_number in serial_numbers:
            newest = histories.get(serial_number, History()).newest or FAR_PAST
            until = self._newest_of(pumper, {serial_number})
            if until and until > newest:
                unread[serial_number] = newest, until
        return {
            serial_number: replace(
                history,
                others_unread=tuple(
                    span for other, span in unread.items() if other != serial_number
                ),
            )
            for serial_number, history in histories.items()
        }

    def _histories(self, *, alarms_only: bool = False) -> dict[str, History]:
        pumps, progress = [*self._store.event_stores.items()], self._store.read_progress
        derivations = {} if alarms_only else self._derivations
        self._derivations = {
            serial_number: derivations.get(serial_number) or Derivation()
            for serial_number, _ in pumps
        }
        return {
            serial_number: self._derivations[serial_number].derive(
                events.by_day(),
                decode_clock_changes(
                    map(raw_event, progress(serial_number).clock_changes)
                ),
                self._zone,
                self._store.known_until(serial_number),
                progress(serial_number).uploads or None,
                lost=events.damaged,
                alarms_only=alarms_only,
            )
            for serial_number, events in pumps
        }


def _in_use_first(
    histories: Mapping[str, History], in_use: Pump | None
) -> list[History]:
    """Return the histories, starting with that of the pump in use, an empty one if it has none."""
    first = histories.get(in_use.serial_number) if in_use else None
    first = first or History()
    return [first, *(history for history in histories.values() if history is not first)]
