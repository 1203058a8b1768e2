"""Actions: backfill past days, read history and reports, and sync now."""

from datetime import date, timedelta
from functools import partial
from typing import Final

import voluptuous as vol

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, service
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from .const import CONF_FEATURES, CONF_GLUCOSE_UNIT, DOMAIN
from .date_validators import calendar_day, point_in_time
from .error_texts import as_action_error
from .forward.backfill_request import BackfillRequest
from .glucose_unit import MG_DL, MMOL_L
from .nightscout.errors import NightscoutError
from .nightscout.features import Feature
from .queries.history_query import history_between
from .queries.record_json import KINDS
from .queries.report_json import records_csv, report_json
from .queries.report_query import DAYS, report_of
from .runtime import RuntimeData, TconnectsyncConfigEntry
from .tandem import TandemError
from .user_permission import async_require_read_in

ATTR_CONFIG_ENTRY: Final = "config_entry"
ATTR_CSV: Final = "csv"
ATTR_DAYS: Final = "days"
ATTR_DRY_RUN: Final = "dry_run"
ATTR_END: Final = "end"
ATTR_END_DATE: Final = "end_date"
ATTR_KINDS: Final = "kinds"
ATTR_RESEND: Final = "resend"
ATTR_START: Final = "start"
ATTR_START_DATE: Final = "start_date"

LONGEST_HISTORY = timedelta(days=92)
FEATURES = [feature for feature in Feature if feature is not Feature.PROFILES]
"""Features with documents of each day."""

ACCOUNT_SCHEMA = vol.Schema({vol.Optional(ATTR_CONFIG_ENTRY): cv.string})
BACKFILL_SCHEMA = ACCOUNT_SCHEMA.extend(
    {
        vol.Required(ATTR_START_DATE): calendar_day,
        vol.Required(ATTR_END_DATE): calendar_day,
        vol.Optional(CONF_FEATURES): vol.All(
            cv.ensure_list, [vol.In(FEATURES)], [vol.Coerce(Feature)]
        ),
        vol.Optional(ATTR_RESEND, default=False): cv.boolean,
        vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean,
    }
)
HISTORY_SCHEMA = ACCOUNT_SCHEMA.extend(
    {
        vol.Required(ATTR_START): point_in_time,
        vol.Optional(ATTR_END): point_in_time,
        vol.Optional(ATTR_KINDS, default=list(KINDS)): vol.All(
            cv.ensure_list, [vol.In(KINDS)]
        ),
        vol.Optional(CONF_GLUCOSE_UNIT, default=MG_DL): vol.In([MG_DL, MMOL_L]),
    }
)
REPORT_SCHEMA = ACCOUNT_SCHEMA.extend(
    {
        vol.Optional(ATTR_DAYS, default=DAYS[0]): vol.All(
            vol.Coerce(int), vol.In(DAYS)
        ),
        vol.Optional(ATTR_CSV, default=False): cv.boolean,
    }
)


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register the actions, whether or not there is an account.

    Those that write need an administrator when a user calls them.
    """
    register_writing = partial(service.async_register_admin_service, hass, DOMAIN)
    register_writing("backfill", _backfill, BACKFILL_SCHEMA, SupportsResponse.OPTIONAL)
    register_writing("cancel_backfill", _cancel_backfill, ACCOUNT_SCHEMA)
    register_writing("sync", _sync, ACCOUNT_SCHEMA)
    hass.services.async_register(
        DOMAIN,
        "get_history",
        _get_history,
        HISTORY_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        "get_report",
        _get_report,
        REPORT_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _backfill(call: ServiceCall) -> ServiceResponse:
    """Start a backfill, or return a preview of it."""
    runtime = _runtime(call)
    request = _request(call, runtime)
    days: JsonObjectType = {
        ATTR_START_DATE: request.first.isoformat(),
        ATTR_END_DATE: request.last.isoformat(),
        "days": (request.last - request.first).days + 1,
    }
    if call.data[ATTR_DRY_RUN]:
        try:
            preview = await runtime.backfill.preview(request)
        except (TandemError, NightscoutError) as error:
            raise as_action_error(error) from error
        return days | {
            "create": dict(preview.create),
            "replace": dict(preview.replace),
            "remove": dict(preview.remove),
        }
    if runtime.backfill.is_running:
        raise _invalid("backfill_running")
    runtime.backfill.start(request)
    return days


async def _cancel_backfill(call: ServiceCall) -> None:
    """Cancel the backfill after the current days; a restart does not continue it."""
    runtime = _runtime(call)
    runtime.backfill.cancel()
    await runtime.store.async_save_if_possible()


async def _get_history(call: ServiceCall) -> ServiceResponse:
    """Return the records between two instants."""
    entry = _entry(call)
    await async_require_read_in(call.hass, call.context, entry.entry_id)
    runtime = entry.runtime_data
    now = dt_util.utcnow()
    start = dt_util.as_utc(call.data[ATTR_START])
    end = dt_util.as_utc(call.data.get(ATTR_END, now))
    if start > now:
        raise _invalid("span_in_future")
    if end < start:
        raise _invalid("end_before_start")
    if end - start > LONGEST_HISTORY:
        raise _invalid("span_too_long", days=str(LONGEST_HISTORY.days))
    try:
        return await history_between(
            runtime.coordinator.data,
            runtime.reader,
            runtime.store,
            runtime.zone,
            start=start,
            end=end,
            kinds=call.data[ATTR_KINDS],
            glucose_unit=call.data[CONF_GLUCOSE_UNIT],
        )
    except TandemError as error:
        raise as_action_error(error) from error


async def _get_report(call: ServiceCall) -> ServiceResponse:
    """Return the figures of some weeks, and on request the records behind them as CSV."""
    entry = _entry(call)
    await async_require_read_in(call.hass, call.context, entry.entry_id)
    runtime = entry.runtime_data
    try:
        report = await report_of(
            runtime.coordinator.data,
            runtime.reader,
            runtime.store,
            runtime.zone,
            days=call.data[ATTR_DAYS],
        )
    except TandemError as error:
        raise as_action_error(error) from error
    if report is None:
        raise _invalid("nothing_recorded")
    response: JsonObjectType = await runtime.store.run(report_json, report)
    if call.data[ATTR_CSV]:
        response[ATTR_CSV] = dict(await runtime.store.run(records_csv, report))
    return response


async def _sync(call: ServiceCall) -> None:
    """Read new data, send it to Nightscout, and wait for both."""
    await _runtime(call).follow_ups.async_sync()


def _entry(call: ServiceCall) -> TconnectsyncConfigEntry:
    """Return the account that the call names, or the only one."""
    entry: TconnectsyncConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY)
    )
    return entry


def _runtime(call: ServiceCall) -> RuntimeData:
    return _entry(call).runtime_data


def _request(call: ServiceCall, runtime: RuntimeData) -> BackfillRequest:
    """Return the days and features of a backfill; raise ServiceValidationError where nothing can be filled in."""
    first, last = _days_to_fill_in(
        call.data[ATTR_START_DATE],
        call.data[ATTR_END_DATE],
        dt_util.now(runtime.zone).date(),
        runtime.reader.oldest_day(runtime.coordinator.data.pumper),
    )
    forwarder = runtime.forwarder
    chosen: list[Feature] | None = call.data.get(CONF_FEATURES)
    resend: bool = call.data[ATTR_RESEND]
    if forwarder is None and (chosen or resend):
        raise _invalid("nightscout_not_set_up")
    enabled = forwarder.features if forwarder else ()
    return BackfillRequest(
        first=first,
        last=last,
        features=frozenset(enabled if chosen is None else chosen),
        resend=resend,
    )


def _days_to_fill_in(
    first: date, last: date, today: date, oldest: date | None
) -> tuple[date, date]:
    """Return the first and last day that can be filled in, none before the oldest that Tandem has of any pump.

    Raises ServiceValidationError where no day can.
    """
    if last < first:
        raise _invalid("end_before_start")
    if last > today:
        raise _invalid("span_in_future")
    if oldest is None or last < oldest:
        raise _invalid("nothing_recorded")
    return max(first, oldest), last


def _invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )
