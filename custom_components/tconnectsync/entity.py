"""The base classes of an account's entities."""

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
    """The description of a pump's entity."""

    as_of_fn: Callable[[PumpData], datetime | None] | None = None
    """Returns the instant of a current value; without this function the value never turns stale."""
    by_pump_clock: bool = False
    """Whether the value is an instant of the pump's log, which is unknown while its clock may be wrong."""
    never_stale_fn: Callable[[PumpData], bool] = lambda data: False
    """Returns whether the value stays valid however old it is, as a raised alarm does."""
    attributes_fn: Callable[[PumpData], Mapping[str, Any]] | None = None


def newest_event(data: PumpData) -> datetime | None:
    """Return the instant of the newest pump event."""
    return data.state.newest


def newest_event_with(
    value_fn: Callable[[PumpData], object | None],
) -> Callable[[PumpData], datetime | None]:
    """Return a function for the instant of the newest pump event, or for None where a value is not known."""
    return lambda data: data.state.newest if value_fn(data) else None


def newest_reading(data: PumpData) -> datetime | None:
    """Return the instant of the newest glucose reading."""
    return data.state.reading.start if data.state.reading else None


def as_of_figures(data: PumpData) -> datetime | None:
    """Return the instant for which figures over several pumps were computed."""
    return data.figures.as_of


class AccountEntity(CoordinatorEntity[TconnectsyncCoordinator]):
    """An entity of an account, which is always available.

    An error at Tandem does not matter until the data is stale, and the state of forwarding does
    not depend on Tandem.
    """

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: TconnectsyncCoordinator,
        description: EntityDescription,
        key: str,
        device: tuple[str, str],
    ) -> None:
        """Take the key of the entity, unique in its account, and the identifier of its device."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{account_id(coordinator.config_entry)}_{key}"
        self._attr_device_info = DeviceInfo(identifiers={device})

    @property
    @override
    def available(self) -> bool:
        """Return that the entity is always available."""
        return True

    @property
    @override
    def suggested_object_id(self) -> str | None:
        """Return the name for the entity id without the sign ≈, which no id can contain.

        Home Assistant would load a table of 3 MB to leave it out, and keep that in memory.
        """
        name = super().suggested_object_id
        return name and name.replace("≈ ", "")


class PumpEntity(AccountEntity):
    """An entity of the pump in use."""

    entity_description: PumpEntityDescription

    def __init__(
        self, coordinator: TconnectsyncCoordinator, description: PumpEntityDescription
    ) -> None:
        """Take the description; the unique id is that of the account, so that a new pump keeps the entity."""
        device = pump_identifier(coordinator.config_entry)
        super().__init__(coordinator, description, description.key, device)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return the details and the instant of the value."""
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
        """The glucose unit from the options."""
        return glucose_unit(self.coordinator.config_entry.options)

    @property
    def stale(self) -> bool:
        """Return whether the value is too old to be shown as current, or its instant may be wrong."""
        description, data = self.entity_description, self.coordinator.data
        if description.by_pump_clock and data.history.clock_doubtful:
            return True
        if description.as_of_fn is None or description.never_stale_fn(data):
            return False
        return not self.is_fresh(description.as_of_fn(data))

    def unless_stale[T](self, value_fn: Callable[[PumpData], T]) -> T | None:
        """Return a value, None once it is stale."""
        return None if self.stale else value_fn(self.coordinator.data)

    def is_fresh(self, as_of: datetime | None) -> bool:
        """Return whether a value of this instant may be shown as current."""
        return is_fresh(self.coordinator, as_of)


@dataclass(frozen=True, kw_only=True)
class NightscoutEntityDescription(EntityDescription):
    """The description of an entity about forwarding to Nightscout."""

    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC


class NightscoutEntity(AccountEntity):
    """An entity of the Nightscout that an account is forwarded to."""

    def __init__(
        self,
        coordinator: TconnectsyncCoordinator,
        forwarder: Forwarder,
        description: NightscoutEntityDescription,
    ) -> None:
        """Take the forwarder of the account."""
        device = nightscout_identifier(coordinator.config_entry)
        super().__init__(
            coordinator, description, f"nightscout_{description.key}", device
        )
        self.forwarder = forwarder
