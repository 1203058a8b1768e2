"""Identifiers of documents, with the kinds and collections they belong to."""

from enum import StrEnum

from custom_components.tconnectsync.tandem.event_types import EventKey

from .features import Feature

APP = "tconnectsync"
TEMP_BASAL = "Temp Basal"


class Collection(StrEnum):
    """A collection of Nightscout's documents."""

    TREATMENTS = "treatments"
    ENTRIES = "entries"
    DEVICE_STATUS = "devicestatus"

    @property
    def time_field(self) -> str:
        """The field with a document's instant, by which ranges are queried."""
        return "date" if self is Collection.ENTRIES else "created_at"


class Kind(StrEnum):
    """The kind of a document, as its identifier names it."""

    BASAL = "basal"
    BASAL_GAP = "basal_gap"
    BASAL_GAP_NOTE = "basal_gap_note"
    SUSPENSION = "suspension"
    BOLUS = "bolus"
    EXTENDED = "extended"
    ALARM = "alarm"
    ALERT = "alert"
    CGM_ALERT = "cgm_alert"
    SITE_CHANGE = "site_change"
    CARTRIDGE = "cartridge"
    FILL = "fill"
    MODE = "mode"
    SENSOR_START = "sensor_start"
    SENSOR_STOP = "sensor_stop"
    GLUCOSE = "glucose"
    STATUS = "status"

    @property
    def collection(self) -> Collection:
        """The collection that documents of this kind belong to."""
        match self:
            case Kind.GLUCOSE:
                return Collection.ENTRIES
            case Kind.STATUS:
                return Collection.DEVICE_STATUS
            case _:
                return Collection.TREATMENTS


FEATURES = {
    Kind.BASAL: Feature.BASAL,
    Kind.BASAL_GAP: Feature.BASAL,
    Kind.BOLUS: Feature.BOLUS,
    Kind.EXTENDED: Feature.BOLUS,
    Kind.CGM_ALERT: Feature.CGM_ALERTS,
    Kind.GLUCOSE: Feature.CGM,
    Kind.STATUS: Feature.DEVICE_STATUS,
}
"""The feature of each kind that is not of PUMP_EVENTS; a suspension's depends on its event type."""


def feature_of(kind: Kind, event_type: str) -> Feature:
    """Return the feature that a document is written for."""
    if kind is Kind.SUSPENSION and event_type == TEMP_BASAL:
        return Feature.BASAL
    return FEATURES.get(kind, Feature.PUMP_EVENTS)


def identifier(serial_number: str, kind: Kind, rest: str) -> str:
    """Return the identifier that a document has forever."""
    return f"{APP}:{serial_number}:{kind}:{rest}"


def event_name(key: EventKey) -> str:
    """Return the last part of the identifier of a document that is named after one event."""
    return f"{key[0]}-{key[1]}"


def pump_of(identifier: str) -> str:
    """Return the serial number of the pump that an identifier names."""
    return identifier.split(":")[1]


def kind_of(identifier: str) -> Kind | None:
    """Return the kind that an identifier names, None if it is not one of this integration."""
    parts = identifier.split(":")
    if len(parts) != 4 or parts[0] != APP:
        return None
    try:
        return Kind(parts[2])
    except ValueError:
        return None
