"""Glucose beyond a limit: one finding for as long as the readings stay beyond it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
import operator

from custom_components.tconnectsync.glucose_unit import MG_DL, MMOL_L, in_unit
from custom_components.tconnectsync.therapy.records import CgmReading, GlucoseState

from .finding import Finding, Options, identity
from .targeted_accounts import TargetedAccount
from .trigger_options import CONF_LIMIT, CONF_NOT_OLDER_THAN, MMOL_L_LIMITS

WITHOUT_READING = timedelta(minutes=20)
"""Readings further apart do not belong to one run, as glucose in between is unknown."""


def below(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the newest reading if it is below the limit, or below what the sensor can read."""
    return _beyond(account, options, operator.lt, GlucoseState.LOW)


def above(account: TargetedAccount, options: Options) -> Iterator[Finding]:
    """Yield the newest reading if it is above the limit, or above what the sensor can read."""
    return _beyond(account, options, operator.gt, GlucoseState.HIGH)


def _beyond(
    account: TargetedAccount,
    options: Options,
    compare: Callable[[float, float], bool],
    out_of_range: GlucoseState,
) -> Iterator[Finding]:
    newest = account.data.state.reading
    if newest is None or not account.is_fresh(
        newest.start, options.get(CONF_NOT_OLDER_THAN)
    ):
        return
    limit: float = options[CONF_LIMIT]
    unit = MMOL_L if limit <= MMOL_L_LIMITS[1] else MG_DL

    def is_beyond(reading: CgmReading) -> bool:
        if reading.value is None:
            return reading.state is out_of_range
        return compare(in_unit(reading.value, unit), limit)

    if not is_beyond(newest):
        return
    run: list[CgmReading] = []
    for reading in sorted(
        account.data.history.readings, key=lambda reading: reading.start, reverse=True
    ):
        if reading.start > newest.start or reading.state is GlucoseState.NO_READING:
            continue
        if run and run[-1].start - reading.start > WITHOUT_READING:
            break
        if not is_beyond(reading):
            break
        run.append(reading)
    shown = account.glucose_unit
    value = newest.value
    yield Finding(
        identities=tuple(identity(account, reading) for reading in reversed(run)),
        happened=run[-1].start,
        as_of=newest.start,
        details={
            "glucose": None if value is None else in_unit(value, shown),
            "unit": shown,
            "state": newest.state.value,
            "trend": newest.trend.value if newest.trend else None,
            "pump_time": newest.pump_time,
        },
    )
