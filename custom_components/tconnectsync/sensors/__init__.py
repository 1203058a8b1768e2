"""The sensors of a pump, one room for each thing they tell about."""

from . import (
    alarms,
    cgm,
    glucose,
    glucose_statistics,
    insulin,
    pump,
    settings,
    site,
    totals,
)

SENSORS = (
    *insulin.SENSORS,
    *totals.SENSORS,
    *glucose.SENSORS,
    *glucose_statistics.SENSORS,
    *cgm.SENSORS,
    *pump.SENSORS,
    *site.SENSORS,
    *alarms.SENSORS,
    *settings.SENSORS,
)
