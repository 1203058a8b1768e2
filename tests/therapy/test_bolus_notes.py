"""Notes say in words why a bolus differs from its request."""

from typing import Any

import pytest

from custom_components.tconnectsync.therapy.bolus_notes import (
    bolus_notes,
    not_delivered,
)
from custom_components.tconnectsync.therapy.records import Bolus

from .pump_days import PumpDay


def given(delivered: float, *, status: int = 3, **details: Any) -> Bolus:
    """Return a bolus of four units of which some were delivered."""
    log = PumpDay().ask("10:00:00", 1, 4.0, **details).start("10:00:15", 1, 4.0)
    [bolus] = (
        log.end("10:02:00", 1, delivered, status=status, asked=4.0).history().boluses
    )
    return bolus


def test_nothing_is_said_of_a_bolus_that_went_as_asked() -> None:
    """A bolus delivered as requested has no note; less than a hundredth of a unit is rounding."""
    assert bolus_notes(given(4.0)) is None
    assert bolus_notes(given(3.996)) is None


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (0, ": stopped by hand"),
        (1, ": stopped by an alarm"),
        (2, ": stopped by a malfunction"),
        (3, ""),
        (5, ": rejected by the pump"),
        (6, ": stopped by low-glucose suspend"),
    ],
)
def test_less_than_asked_for(status: int, why: str) -> None:
    """The note names the delivered amount and, if logged, the reason for the stop."""
    bolus = given(1.5, status=status)
    assert bolus_notes(bolus) == f"1.50 of 4.00 U delivered{why}"
    nothing = given(0.0, status=status)
    assert not_delivered(nothing) == f"Bolus of 4.00 U not delivered{why}"


def test_what_the_person_decided() -> None:
    """The note names another dose than suggested, or a declined correction."""
    bolus = given(4.0, userOverride=1, declinedCorrection=1)
    assert (
        bolus_notes(bolus) == "Suggested dose overridden; Suggested correction declined"
    )


def test_an_end_that_never_came() -> None:
    """The note says that the amount is the requested one."""
    log = PumpDay().ask("10:00:00", 1, 4.0).start("10:00:15", 1, 4.0)
    [bolus] = log.seen("13:00:00").history().boluses
    assert bolus_notes(bolus) == "End not recorded"


def test_carbs_that_nobody_knows() -> None:
    """The note says that carbs are unknown if their event is missing, delivered or not; automatic boluses have none."""
    for delivered, said in (
        (4.0, "Carbs not known"),
        (1.5, "1.50 of 4.00 U delivered; Carbs not known"),
    ):
        assert bolus_notes(without_request(delivered)) == said
    nothing = without_request(0.0)
    assert not_delivered(nothing) == "Bolus of 4.00 U not delivered; carbs not known"
    assert bolus_notes(without_request(4.0, option=3)) is None


def without_request(delivered: float, **details: Any) -> Bolus:
    """Return a bolus of four units without its first request event (64)."""
    log = PumpDay().ask("10:00:00", 1, 4.0, carbs=40, **details)
    del log.raws[0]
    log.start("10:00:15", 1, 4.0).end("10:02:00", 1, delivered, asked=4.0)
    [bolus] = log.seen("10:30:00").history().boluses
    return bolus
