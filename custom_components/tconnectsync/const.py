"""Names and defaults that more than one module needs."""

import logging
from typing import Final

DOMAIN: Final = "tconnectsync"
LOGGER = logging.getLogger(__package__)

CONF_NIGHTSCOUT_URL: Final = "nightscout_url"
CONF_NIGHTSCOUT_SECRET: Final = "nightscout_secret"
CONF_FIRST_DAYS: Final = "first_days"
CONF_NUMBER: Final = "number"
"""Distinguishes accounts with equal names, or without one; counted from 1."""

CONF_PERSON: Final = "person"
"""The pumper id of the person an entry is about, where an account names several."""

CONF_FEATURES: Final = "features"
CONF_PUMP: Final = "pump"
CONF_PUMP_TIME_ZONE: Final = "pump_time_zone"
CONF_STALE_AFTER: Final = "stale_after"
CONF_GLUCOSE_UNIT: Final = "glucose_unit"
CONF_LIVE_GLUCOSE: Final = "live_glucose"
"""A sensor of Home Assistant that shows glucose before the pump's upload does."""
CONF_LOW_LIMIT: Final = "low_limit"
CONF_HIGH_LIMIT: Final = "high_limit"

AUTOMATIC_PUMP: Final = "automatic"
DEFAULT_FIRST_DAYS: Final = 1
DEFAULT_STALE_AFTER_MINUTES: Final = 120
STALE_AFTER_LIMITS_MINUTES: Final = (30, 360)

SIGNAL_UPDATED: Final = f"{DOMAIN}_updated"
"""Sent with an entry id when that account publishes data, and every minute."""
