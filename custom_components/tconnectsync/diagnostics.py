"""Diagnostics of an account, without anything that identifies a person."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_REGION, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant

from .const import (
    CONF_FEATURES,
    CONF_FIRST_DAYS,
    CONF_GLUCOSE_UNIT,
    CONF_HIGH_LIMIT,
    CONF_LOW_LIMIT,
    CONF_NIGHTSCOUT_URL,
    CONF_PERSON,
    CONF_PUMP_TIME_ZONE,
    CONF_STALE_AFTER,
)
from .nightscout.address import is_encrypted
from .nightscout.errors import NightscoutError
from .occurrences import Topic
from .pinned_pump import pinned_serial_number
from .runtime import RuntimeData, TconnectsyncConfigEntry
from .storage.event_rows import raw_event
from .storage.event_store import EventStore
from .tandem import Pump, TandemError
from .tandem.decode import DECODERS, read_header
from .tandem.event_types import PumpEvent, RawEvent
from .tandem.redaction import redacted_properties, redacted_pump_field

OPTIONS = (
    CONF_FEATURES,
    CONF_GLUCOSE_UNIT,
    CONF_HIGH_LIMIT,
    CONF_LOW_LIMIT,
    CONF_PUMP_TIME_ZONE,
    CONF_STALE_AFTER,
)
ABOUT_A_PUMP = (
    "model",
    "model_number",
    "part_number",
    "software_version",
    "algorithm",
    "glucose_unit",
    "last_upload",
    "newest_event",
    "available_from",
    "available_to",
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: TconnectsyncConfigEntry
) -> dict[str, Any]:
    """Return the set-up of an account, its stored data, and the state of reading and sending."""
    account = {
        "state": entry.state.value,
        "reason": entry.error_reason_translation_key,
        "region": entry.data[CONF_REGION],
        "home_assistant_time_zone": hass.config.time_zone,
        "pump_pinned": pinned_serial_number(entry.options) is not None,
        **{option: entry.options.get(option) for option in OPTIONS},
    }
    if entry.state is not ConfigEntryState.LOADED:
        return {"account": account}
    runtime = entry.runtime_data
    return {
        "account": account,
        "reading": _reading(runtime, CONF_PERSON in entry.data),
        "pumps": await runtime.store.run(_pumps, runtime),
        "now": _now(runtime),
        "nightscout": _nightscout(entry, runtime),
    }


def _reading(runtime: RuntimeData, person_chosen: bool) -> dict[str, Any]:
    coordinator, state = runtime.coordinator, runtime.store.state
    token = state.sign_in.token
    failure = coordinator.last_exception
    return {
        "last_poll_succeeded": coordinator.last_update_success,
        "confirmed": coordinator.confirmed,
        "last_error": _error_details(failure and failure.__cause__),
        "asks_with_codes": runtime.reader.asks_with_codes,
        "token_expires_at": token and token.expires_at.isoformat(),
        "pumps_skipped": coordinator.data.pumper.skipped,
        "pending_from": state.first_pending,
        "backfill": runtime.backfill.phase,
        "person_chosen": person_chosen,
        "answers": runtime.reader.shapes,
    }


def _pumps(runtime: RuntimeData) -> list[dict[str, Any]]:
    """Return the details of each pump, first those that Tandem lists; blocks."""
    data, store = runtime.coordinator.data, runtime.store
    listed = {pump.serial_number: pump for pump in data.pumper.pumps}
    in_use = data.pump.serial_number if data.pump else None
    return [
        {
            "in_use": serial_number == in_use,
            "ever_in_use": serial_number in store.state.pumps_used.serial_numbers,
            "listed": _listed(listed.get(serial_number)),
            "log": _log(runtime, serial_number),
        }
        for serial_number in {**listed, **store.event_stores}
    ]


def _listed(pump: Pump | None) -> dict[str, Any] | None:
    if pump is None:
        return None
    return {
        **{
            name: redacted_pump_field(name, getattr(pump, name))
            for name in ABOUT_A_PUMP
        },
        "settings": _field_types(pump.settings),
    }


def _log(runtime: RuntimeData, serial_number: str) -> dict[str, Any] | None:
    event_store = runtime.store.event_stores.get(serial_number)
    history = runtime.coordinator.data.histories.get(serial_number)
    if event_store is None or history is None:
        return None
    events = event_store.events()
    plain = [event for event in events if type(event) is PumpEvent]
    unknown = [event for event in plain if event.code not in DECODERS]
    malformed = [event for event in plain if event.code in DECODERS]
    progress = runtime.store.read_progress(serial_number)
    return {
        "read_from": progress.complete_from,
        "reading_from": progress.complete_from_next,
        "last_upload": progress.last_upload,
        "swept": progress.late_data_read_at,
        "read_up_to": (progress.last_complete_upload or (None, None))[:2],
        "unreadable_since_start": event_store.unreadable,
        "newest": history.newest,
        "clock_doubtful": history.clock_doubtful,
        "clock_ahead_seconds": history.clock_off and history.clock_off.total_seconds(),
        "newest_sequence": history.newest_key,
        "events_by_day": Counter(
            event.pump_time.date().isoformat() for event in events
        ),
        "events_by_code": _by_code(events),
        "unknown_by_code": _by_code(unknown),
        "malformed_by_code": _by_code(malformed),
        "not_understood": _examples(event_store, [*unknown, *malformed]),
        "clock_moves": [*map(_clock_move, map(raw_event, progress.clock_changes))],
        "records": {
            field.name: len(records)
            for field in fields(history)
            if isinstance(records := getattr(history, field.name), Sequence)
            and field.name != "newest_key"
        },
    }


def _clock_move(raw: RawEvent) -> list[Any]:
    header = read_header(raw)
    if header is None:
        return []
    values = [header[name] for name in ("code", "group", "number", "pump_time")]
    return [*values, redacted_properties(raw)]


def _by_code(events: Iterable[PumpEvent]) -> dict[int, int]:
    return dict(sorted(Counter(event.code for event in events).items()))


def _examples(event_store: EventStore, events: Iterable[PumpEvent]) -> dict[int, Any]:
    """Return the properties of one event of each code, with values of known properties only; blocks."""
    examples = {}
    for code, event in sorted({event.code: event for event in events}.items()):
        properties = (
            redacted_properties(raw)
            for raw in event_store.raws(event.pump_time.date())
            if (raw["sequenceGroup"], raw["sequenceNumber"]) == event.key
        )
        examples[code] = next(properties, None)
    return examples


def _now(runtime: RuntimeData) -> dict[str, Any]:
    data, occurrences = runtime.coordinator.data, runtime.occurrences
    end = data.history.newest_logged
    return {
        "newest_event": data.state.newest,
        "last_upload": data.last_upload,
        "complete_after": data.complete_after,
        "log_ends_at": end and end.instant,
        "log_ends_at_pump_time": end and end.pump_time,
        "fired": len(runtime.store.state.news.fired or {}),
        "to_be_fired": {topic: len(occurrences.pending(topic)) for topic in Topic},
    }


def _nightscout(
    entry: TconnectsyncConfigEntry, runtime: RuntimeData
) -> dict[str, Any] | None:
    forwarder = runtime.forwarder
    if forwarder is None:
        return None
    status, site = forwarder.status, runtime.store.state.forwarding.site
    return {
        "encrypted": is_encrypted(entry.data[CONF_NIGHTSCOUT_URL]),
        "verify_ssl": entry.data.get(CONF_VERIFY_SSL, True),
        "first_days": entry.data.get(CONF_FIRST_DAYS),
        "starts": forwarder.starts,
        "connected": status.connected,
        "last_sync": status.last_sync,
        "sent": status.sent,
        "pending": status.pending,
        "behind": site.behind if site else None,
        "error": _error_details(status.error),
    }


def _error_details(error: BaseException | None) -> dict[str, Any] | None:
    """Return the type of an error, and its text where that is known to identify nobody."""
    match error:
        case None:
            return None
        case TandemError() | NightscoutError():
            return {
                "kind": type(error).__name__,
                "reason": str(error),
                "status": error.status,
            }
        case _:
            return {"kind": type(error).__name__}


def _field_types(value: Any) -> Any:
    """Return the structure of a value, with types in place of values."""
    if value is None:
        return None
    if is_dataclass(value):
        return {
            field.name: _field_types(getattr(value, field.name))
            for field in fields(value)
        }
    if isinstance(value, tuple):
        return [_field_types(part) for part in value]
    return type(value).__name__
