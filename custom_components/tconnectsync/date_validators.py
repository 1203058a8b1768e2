"""Validators of the dates and times that actions and the card are called with."""

from datetime import date, datetime
from typing import Any

import voluptuous as vol

from homeassistant.helpers import config_validation as cv

from .instants import EARLIEST, LATEST


def calendar_day(value: Any) -> date:
    """Return a day; raise vol.Invalid for a year that no pump log can contain."""
    return _in_possible_year(cv.date(value))


def point_in_time(value: Any) -> datetime:
    """Return a time with or without a zone; raise vol.Invalid for a year that no pump log can contain."""
    return _in_possible_year(cv.datetime(value))


def _in_possible_year[D: date](day: D) -> D:
    if not EARLIEST.year <= day.year < LATEST.year:
        raise vol.Invalid(
            f"the year has to be from {EARLIEST.year} to {LATEST.year - 1}"
        )
    return day
