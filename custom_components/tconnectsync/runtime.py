"""The parts of one account, and how they are put together."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError
from homeassistant.util import dt as dt_util

from .const import CONF_FIRST_DAYS, CONF_PUMP_TIME_ZONE, DEFAULT_FIRST_DAYS, DOMAIN
from .coordinator import TconnectsyncCoordinator
from .device import account_id
from .follow_ups import FollowUps
from .forward.backfill import Backfill
from .forward.catch_up import CatchUp
from .forward.create_forwarder import async_create_forwarder
from .forward.forwarder import Forwarder
from .glucose_unit import glucose_unit
from .issues import Issues
from .occurrences import Occurrences
from .pinned_pump import pinned_serial_number
from .read.account_reader import AccountReader
from .read.create_client import async_create_client
from .read.late_data_reader import LateDataReader
from .read.pump_data import PumpDataBuilder
from .statistics_import import TrueTimeStatistics
from .storage.account_store import AccountStore
from .tandem import Token

type TconnectsyncConfigEntry = ConfigEntry[RuntimeData]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeData:
    """The running parts of one account."""

    zone: ZoneInfo
    """The time zone of the pump's clock."""
    store: AccountStore
    reader: AccountReader
    late_data: LateDataReader
    coordinator: TconnectsyncCoordinator
    forwarder: Forwarder | None
    """None where nothing is forwarded."""
    statistics: TrueTimeStatistics
    backfill: Backfill
    occurrences: Occurrences
    issues: Issues
    follow_ups: FollowUps


async def async_build(
    hass: HomeAssistant,
    entry: TconnectsyncConfigEntry,
    store: AccountStore,
    flow_token: Token | None,
) -> RuntimeData:
    """Build the parts of an account around its store, without starting them.

    Raises ConfigEntryError where the entry's region or time zone is unknown.
    """
    zone = await _async_pump_time_zone(hass, entry)
    reader = AccountReader(
        async_create_client(hass, entry, store, flow_token),
        store,
        pinned_serial_number(entry.options),
        entry.data.get(CONF_FIRST_DAYS, DEFAULT_FIRST_DAYS),
    )
    late_data = LateDataReader(reader, store)
    occurrences = Occurrences(store)
    coordinator = TconnectsyncCoordinator(
        hass,
        entry,
        reader=reader,
        builder=PumpDataBuilder(store, zone, entry.options),
        occurrences=occurrences,
        store=store,
    )
    forwarder = await async_create_forwarder(hass, entry, store, zone)
    statistics = TrueTimeStatistics(
        hass,
        account_id(entry),
        entry.title,
        glucose_unit(entry.options),
    )
    backfill = Backfill(
        hass,
        entry,
        store=store,
        reader=reader,
        zone=zone,
        statistics=statistics,
        forwarder=forwarder,
        data_fn=lambda: coordinator.data,
        on_progress=coordinator.async_update_listeners,
    )
    issues = Issues(hass, entry, store=store, zone=zone, forwarder=forwarder)
    follow_ups = FollowUps(
        hass,
        entry,
        coordinator,
        store=store,
        late_data=late_data,
        statistics=statistics,
        forwarder=forwarder,
        catch_up=CatchUp(store, backfill, forwarder, lambda: coordinator.data),
        issues=issues,
    )
    return RuntimeData(
        zone=zone,
        store=store,
        reader=reader,
        late_data=late_data,
        coordinator=coordinator,
        forwarder=forwarder,
        statistics=statistics,
        backfill=backfill,
        occurrences=occurrences,
        issues=issues,
        follow_ups=follow_ups,
    )


async def _async_pump_time_zone(hass: HomeAssistant, entry: ConfigEntry) -> ZoneInfo:
    zone = await dt_util.async_get_time_zone(
        entry.options.get(CONF_PUMP_TIME_ZONE, hass.config.time_zone)
    )
    if zone is None:
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="time_zone_unknown"
        )
    return zone
