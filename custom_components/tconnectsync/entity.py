"""What all entities of an account share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.const import EntityCategory
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .coordinator import TconnectsyncCoordinator
from .device import account_id, nightscout_identifier, pump_identifier
from .forward.forwarder import Forwarder
from .freshness import is_fresh
from .glucose_unit import details_in_unit, glucose_unit
from .instants import iso
from .read.pump_data import PumpData

ATTR_AS_OF = "as_of"
ATTR_BEYOND_RANGE = "beyond_range"


@dataclass(frozen=True, kw_only=True)
class PumpEntityDescription(EntityDescription):
    """What the pump reported, and when."""

    as_of_fn: Callable[[PumpData], datetime | None] | None = None
    """The instant a "now" value holds for; without one it never turns stale."""
    by_pump_clock: bool = False
    """Whether it is an instant of the pump's log: unknown while its clock may be wrong."""
    never_stale_fn: Callable[[PumpData], bool] = lambda data: False
    """Whether it stays as it is however old, as what is raised stays raised."""
    attributes_fn: Callable[[PumpData], Mapping[str, Any]] | None = None


def newest_event(data: PumpData) -> datetime | None:
    """Return the instant of the newest pump event."""
    return data.state.newest


def newest_event_with(
    value_fn: Callable[[PumpData], object | None],
) -> Callable[[PumpData], datetime | None]:
    """Return what gives the instant of the newest pump event, None where a value is not known."""
    return lambda data: data.state.newest if value_fn(data) else None


def newest_reading(data: PumpData) -> datetime | None:
    """Return the instant of the newest glucose reading."""
    return data.state.reading.start if data.state.reading else None


def as_of_figures(data: PumpData) -> datetime | None:
    """Return the instant that figures over several pumps are reckoned for."""
    return data.figures.as_of


class AccountEntity(CoordinatorEntity[TconnectsyncCoordinator]):
    """An entity of an account, which is always available.

    An error at Tandem changes nothing until the data is stale, and how forwarding stands is
    known without Tandem.
    """

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: TconnectsyncCoordinator,
        description: EntityDescription,
        key: str,
        device: tuple[str, str],
    ) -> None:
        """Name the entity after its account and by a key there; the device is named by its identifier."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{account_id(coordinator.config_entry)}_{key}"
        self._attr_device_info = DeviceInfo(identifiers={device})

    @property
    @override
    def available(self) -> bool:
        """Stay available."""
        return True

    @property
    @override
    def suggested_object_id(self) -> str | None:
        """Return the name that the entity id is made of, without the sign that no id can hold.

        Home Assistant would read a table of 3 MB to leave it out, and keep that in memory.
        """
        name = super().suggested_object_id
        return name and name.replace("≈ ", "")


class PumpEntity(AccountEntity):
    """An entity of the pump in use."""

    entity_description: PumpEntityDescription

    def __init__(
        self, coordinator: TconnectsyncCoordinator, description: PumpEntityDescription
    ) -> None:
        """Name the entity after its account, so that a new pump takes it over."""
        device = pump_identifier(coordinator.config_entry)
        super().__init__(coordinator, description, description.key, device)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return the details and the instant the value holds for."""
        description, data = self.entity_description, self.coordinator.data
        attributes: dict[str, Any] = {}
        if description.attributes_fn and not self.stale:
            details = description.attributes_fn(data)
            attributes |= details_in_unit(details, self.glucose_unit)
        if description.as_of_fn:
            attributes[ATTR_AS_OF] = iso(description.as_of_fn(data))
        return attributes or None

    @property
    def glucose_unit(self) -> str:
        """The unit that the person chose."""
        return glucose_unit(self.coordinator.config_entry.options)

    @property
    def stale(self) -> bool:
        """Return whether the value is too old to be shown as present, or of an instant that nobody knows."""
        description, data = self.entity_description, self.coordinator.data
        if description.by_pump_clock and data.history.clock_doubtful:
            return True
        if description.as_of_fn is None or description.never_stale_fn(data):
            return False
        return not self.is_fresh(description.as_of_fn(data))

    def unless_stale[T](self, value_fn: Callable[[PumpData], T]) -> T | None:
        """Return a value, unknown once it is stale."""
        return None if self.stale else value_fn(self.coordinator.data)

    def is_fresh(self, as_of: datetime | None) -> bool:
        """Return whether what held at an instant may be shown as present."""
        return is_fresh(self.coordinator, as_of)


@dataclass(frozen=True, kw_only=True)
class NightscoutEntityDescription(EntityDescription):
    """How forwarding to Nightscout stands."""

    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC


class NightscoutEntity(AccountEntity):
    """An entity of the Nightscout that an account is forwarded to."""

    def __init__(
        self,
        coordinator: TconnectsyncCoordinator,
        forwarder: Forwarder,
        description: NightscoutEntityDescription,
    ) -> None:
        """Name the entity after its account and what it is about."""
        device = nightscout_identifier(coordinator.config_entry)
        super().__init__(
            coordinator, description, f"nightscout_{description.key}", device
        )
        self.forwarder = forwarder
