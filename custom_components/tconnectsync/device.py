"""The devices of an account: its pump, and the Nightscout behind it."""

from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr

from .const import CONF_NUMBER, numbered

if TYPE_CHECKING:
    from .coordinator import TconnectsyncCoordinator

UNKNOWN_PUMP = "Tandem pump"
MANUFACTURER = "Tandem Diabetes Care"


@callback
def async_update_pump_device(coordinator: TconnectsyncCoordinator) -> None:
    """Show the pump in use: its model, serial number and version."""
    pump, entry = coordinator.data.pump, coordinator.config_entry
    dr.async_get(coordinator.hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={coordinator.pump_identifier},
        manufacturer=MANUFACTURER,
        name=numbered(
            pump.model if pump else UNKNOWN_PUMP, entry.data.get(CONF_NUMBER, 1)
        ),
        model=pump.model if pump else None,
        model_id=pump.model_number if pump else None,
        serial_number=pump.serial_number if pump else None,
        sw_version=pump.software_version if pump else None,
    )


@callback
def async_update_nightscout_device(coordinator: TconnectsyncCoordinator) -> None:
    """Show the site behind the pump, or take it away where it is no longer forwarded to."""
    hass, entry = coordinator.hass, coordinator.config_entry
    devices = dr.async_get(hass)
    if coordinator.forwarding:
        devices.async_get_or_create(
            config_entry_id=entry.entry_id,
            configuration_url=coordinator.forwarding.address,
            entry_type=dr.DeviceEntryType.SERVICE,
            identifiers={coordinator.nightscout_identifier},
            name=numbered("Nightscout", entry.data.get(CONF_NUMBER, 1)),
            via_device_id=dr.async_get_device_id_by_identifier(
                hass, coordinator.pump_identifier, config_entry_id=entry.entry_id
            ),
        )
    elif device := devices.async_get_device_by_identifier(
        coordinator.nightscout_identifier, entry.entry_id
    ):
        devices.async_remove_device(device.id)
