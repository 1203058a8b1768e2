"""The devices of an account: its pump, and the Nightscout it is forwarded to."""

from yarl import URL

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .account_names import numbered
from .const import CONF_NUMBER, DOMAIN
from .tandem import Pump

UNKNOWN_PUMP = "Tandem pump"
MANUFACTURER = "Tandem Diabetes Care"


def account_id(entry: ConfigEntry) -> str:
    """Return the account's id at Tandem, with which every unique id begins."""
    return entry.unique_id or entry.entry_id


def pump_identifier(entry: ConfigEntry) -> tuple[str, str]:
    """Return the identifier of the pump's device, which stays the same for a new pump."""
    return DOMAIN, account_id(entry)


def nightscout_identifier(entry: ConfigEntry) -> tuple[str, str]:
    """Return the identifier of the device of the Nightscout that the account is forwarded to."""
    return DOMAIN, f"{account_id(entry)}_nightscout"


@callback
def async_pump_device(hass: HomeAssistant, entry: ConfigEntry) -> dr.DeviceEntry | None:
    """Return the device of an account's pump, None before it was added."""
    return dr.async_get(hass).async_get_device_by_identifier(
        pump_identifier(entry), entry.entry_id
    )


@callback
def async_update_pump_device(
    hass: HomeAssistant, entry: ConfigEntry, pump: Pump | None
) -> None:
    """Add or update the device of the pump in use: its model, serial number and version."""
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={pump_identifier(entry)},
        manufacturer=MANUFACTURER,
        name=_named(entry, pump.model if pump else UNKNOWN_PUMP),
        model=pump.model if pump else None,
        model_id=pump.model_number if pump else None,
        serial_number=pump.serial_number if pump else None,
        sw_version=pump.software_version if pump else None,
    )


@callback
def async_update_nightscout_device(
    hass: HomeAssistant, entry: ConfigEntry, address: URL | None
) -> None:
    """Add or update the device of the Nightscout, or remove it where nothing is forwarded any more."""
    devices = dr.async_get(hass)
    if address:
        devices.async_get_or_create(
            config_entry_id=entry.entry_id,
            configuration_url=address,
            entry_type=dr.DeviceEntryType.SERVICE,
            identifiers={nightscout_identifier(entry)},
            name=_named(entry, "Nightscout"),
            via_device_id=dr.async_get_device_id_by_identifier(
                hass, pump_identifier(entry), config_entry_id=entry.entry_id
            ),
        )
    elif device := devices.async_get_device_by_identifier(
        nightscout_identifier(entry), entry.entry_id
    ):
        devices.async_remove_device(device.id)


def _named(entry: ConfigEntry, device: str) -> str:
    """Return the name of a device, prefixed with the account's name if it has one."""
    account = entry.data.get(CONF_NAME)
    name = f"{account} {device}" if account else device
    return numbered(name, entry.data.get(CONF_NUMBER, 1))
