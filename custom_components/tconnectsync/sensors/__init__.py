"""The sensors of a pump, one module for each subject."""

from . import (
    alarms,
    cgm,
    day_averages,
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
    *day_averages.SENSORS,
    *cgm.SENSORS,
    *pump.SENSORS,
    *site.SENSORS,
    *alarms.SENSORS,
    *settings.SENSORS,
)
