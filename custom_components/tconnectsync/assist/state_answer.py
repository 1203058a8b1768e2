"""The states of a pump's exposed entities: each with its instant, or the reason why it is not known."""

from datetime import datetime

from custom_components.tconnectsync.entity import ATTR_AS_OF, ATTR_BEYOND_RANGE
from custom_components.tconnectsync.glucose_unit import MMOL_L
from custom_components.tconnectsync.instants import iso
from custom_components.tconnectsync.queries.record_json import Json
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.util import dt as dt_util

from .exposed_accounts import ExposedAccount
from .times_in_answers import age, local, with_local_time

PRESENT = (
    "glucose",
    "glucose_delta",
    "glucose_trend",
    "cgm_state",
    "insulin_on_board",
    "insulin_on_board_estimate",
    "insulin_on_board_ends",
    "last_bolus",
    "last_bolus_time",
    "last_meal_bolus",
    "last_carbs",
    "basal_rate",
    "suspended",
    "closed_loop",
    "control_mode",
    "activity_mode",
    "active_profile",
    "alarm",
    "alert",
    "last_alarm",
    "last_alert",
    "last_cgm_alert",
    "reservoir",
    "cartridge_lasts_until",
    "battery",
    "cartridge_changed",
    "site_changed",
    "sensor_started",
    "sensor_expires",
    "transmitter_expires",
    "data_stale",
)
DIGITS, MMOL_DIGITS = 3, 1
DETAILS = (
    "acknowledged",
    "carbs",
    "cleared",
    "delivered",
    "ended",
    "ended_by",
    "extended",
    "extended_minutes",
    "in_progress",
    "kind",
    "meaning",
    "note",
    "notes",
    "raised",
    "reason",
    "requested",
    "since",
    "source",
    "time",
)
"""Attributes of an entity in an answer, without any from which a dose is computed."""

NO_BOLUS = (
    "no bolus is in the log that is kept, or a later one may be lost or cannot be read"
)
NO_MEAL = (
    "no bolus with carbs is in the log that is kept, or a later one may have had some"
)
NO_CHANGE = (
    "no change is in the log that is kept, or a later one may be lost or cannot be read"
)
MAY_BE_RAISED = "a part of the log is missing in which one may have been raised"
NOT_LOGGED = "the pump has not logged it lately"
WHY_NOT_KNOWN = {
    "alarm": MAY_BE_RAISED,
    "alert": MAY_BE_RAISED,
    "cartridge_changed": NO_CHANGE,
    "site_changed": NO_CHANGE,
    "sensor_started": NO_CHANGE,
    "basal_rate": "the pump does not say whether it delivers",
    "glucose": "the glucose sensor gave no number",
    "glucose_delta": "there are no two glucose readings to compare",
    "glucose_trend": "the glucose sensor gave no trend",
    "insulin_on_board": (
        "the pump has not said it, or insulin went in that its last number does not contain"
    ),
    "insulin_on_board_estimate": "what was delivered is not known completely",
    "insulin_on_board_ends": "what was delivered is not known completely",
    "last_bolus": NO_BOLUS,
    "last_bolus_time": NO_BOLUS,
    "last_carbs": NO_MEAL,
    "last_meal_bolus": NO_MEAL,
    "last_alarm": "no alarm is in the log that is kept",
    "last_alert": "no alert is in the log that is kept",
    "reservoir": "the pump has not said it since it measured the cartridge",
    "suspended": "the pump does not say whether it delivers",
}
"""Reasons why a value is not known although the log is recent, by key."""
BEYOND_RANGE = {
    "low": "glucose is below what the sensor can measure",
    "high": "glucose is above what the sensor can measure",
}


@callback
def async_state_answer(hass: HomeAssistant, account: ExposedAccount) -> Json:
    """Return the states of a pump's exposed entities, by key."""
    now = dt_util.utcnow()
    return {
        **account.knowledge(now),
        "values": {
            key: _answer(state, key, account, now)
            for key in PRESENT
            if (entity_id := account.entities.get(key))
            and (state := hass.states.get(entity_id))
        },
    }


def _answer(state: State, key: str, account: ExposedAccount, now: datetime) -> Json:
    known_until = iso(account.known_until)
    as_of = dt_util.parse_datetime(
        state.attributes.get(ATTR_AS_OF) or known_until or ""
    )
    instant: Json = {"as_of": local(as_of), "age": age(as_of, now)}
    if state.state in (STATE_UNKNOWN, STATE_UNAVAILABLE):
        return {"not_known_because": _why(state, key, account), **instant}
    details = {
        name: with_local_time(value)
        for name in DETAILS
        if (value := state.attributes.get(name)) not in (None, "", [])
    }
    return {**_value(state, now), **instant, **details}


def _why(state: State, key: str, account: ExposedAccount) -> str:
    beyond = BEYOND_RANGE.get(state.attributes.get(ATTR_BEYOND_RANGE, ""))
    return account.why_stale() or beyond or WHY_NOT_KNOWN.get(key, NOT_LOGGED)


def _value(state: State, now: datetime) -> Json:
    """Return a value in its type: yes or no, an instant, a number with its unit, or a word."""
    if state.domain == Platform.BINARY_SENSOR:
        return {"value": {STATE_ON: True, STATE_OFF: False}[state.state]}
    if state.attributes.get(ATTR_DEVICE_CLASS) == SensorDeviceClass.TIMESTAMP:
        instant = dt_util.parse_datetime(state.state)
        return {"value": local(instant), "value_was": age(instant, now)}
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        number = float(state.state)
    except ValueError:
        return {"value": state.state}
    number = round(number, MMOL_DIGITS if unit == MMOL_L else DIGITS)
    return {"value": number, "unit": unit} if unit else {"value": number}
