"""Boluses with their delivered amount, and the reason for a difference from the request."""

from typing import Any

import pytest

from custom_components.tconnectsync.nightscout.identifiers import Kind
from custom_components.tconnectsync.tandem.enums import Completion
from custom_components.tconnectsync.therapy.records import BolusKind
from tests.nightscout.records import bolus, utc

from . import documents_of, fields, only

BASE = {
    "identifier": "tconnectsync:12345678:bolus:0-40-20251120",
    "pump_event_id": "40,41,42",
    "created_at": "2025-11-20T08:00:00.041+01:00",
    "enteredBy": "loop://tconnectsync",
}


def of(units: float = 2.0, **other: Any) -> dict[str, Any]:
    """Return the document of a bolus."""
    return only(boluses=[bolus("08:00:00", units, 40, **other)])


def test_a_correction() -> None:
    """A correction has insulin only."""
    assert of() == BASE | {"eventType": "Correction Bolus", "insulin": 2.0}


def test_a_meal() -> None:
    """A meal has carbs, and the glucose of its calculation, in mg/dL for any site."""
    assert of(kind=BolusKind.MEAL, carbs=30, glucose=140) == BASE | {
        "eventType": "Meal Bolus",
        "insulin": 2.0,
        "carbs": 30,
        "glucose": 140,
        "glucoseType": "Finger",
        "units": "mg/dl",
    }
    sensor = of(kind=BolusKind.MEAL, carbs=30, glucose=140, glucose_from_cgm=True)
    assert sensor["glucoseType"] == "Sensor"
    nobody_knows = of(glucose=140, glucose_from_cgm=None)
    assert nobody_knows["glucose"] == 140
    assert "glucoseType" not in nobody_knows


def test_one_whose_carbs_are_not_known() -> None:
    """A bolus with unknown carbs may have been for a meal, so it claims neither and has a note."""
    assert of(carbs=None, kind=BolusKind.NOT_KNOWN) == BASE | {
        "eventType": "Bolus",
        "insulin": 2.0,
        "notes": "Carbs not known",
    }
    assert of(carbs=None, kind=BolusKind.NOT_KNOWN, delivered=0.0) == BASE | {
        "eventType": "Note",
        "notes": "Bolus of 2.00 U not delivered; carbs not known",
    }


def test_one_the_pump_gave_by_itself() -> None:
    """An automatic bolus counts in insulin on board and snoozes no alarm."""
    assert of(0.6, kind=BolusKind.AUTOMATIC) == BASE | {
        "eventType": "SMB",
        "insulin": 0.6,
        "automatic": True,
        "isSMB": True,
    }


def extended(**other: Any) -> dict[str, Any]:
    """Return the document of a bolus of 1.5 U now and 3.5 U over two hours, without its doses."""
    parts: dict[str, Any] = {
        "kind": BolusKind.EXTENDED,
        "extended_requested": 3.5,
        "extended_delivered": 3.5,
        "extended_start": utc("08:01:00"),
        "extended_minutes": 120,
        "planned_minutes": 120,
    }
    [document] = [
        one
        for one in documents_of(boluses=[bolus("08:00:00", 5.0, 40, **(parts | other))])
        if one.kind is Kind.BOLUS
    ]
    return fields(document)


def test_an_extended_one() -> None:
    """The immediate part is the insulin; the doses of the later part are separate documents and not counted twice."""
    assert extended(carbs=60) == BASE | {
        "eventType": "Combo Bolus",
        "insulin": 1.5,
        "carbs": 60,
        "enteredinsulin": 5.0,
        "splitNow": 30,
        "splitExt": 70,
        "notes": "Extended: 3.50 U over 120 min",
    }


def test_an_extended_one_that_runs() -> None:
    """The document shows the plan and does not change while doses are sent."""
    parts = {"in_progress": True, "end": None, "completion": None}
    for given in (0.1, 2.0):
        assert extended(**parts, extended_delivered=given, delivered=1.5 + given) == (
            extended()
        )


def test_an_extended_one_without_a_part_now() -> None:
    """Nothing is delivered at once."""
    nothing_now = extended(extended_requested=5, extended_delivered=5)
    running = extended(
        extended_requested=5,
        extended_delivered=0,
        delivered=0,
        in_progress=True,
        end=None,
    )
    assert nothing_now == running
    assert "insulin" not in running
    assert running["eventType"] == "Combo Bolus"
    assert (running["splitNow"], running["splitExt"]) == (0, 100)


def test_an_extended_one_cut_short() -> None:
    """The document is corrected to the delivered amount."""
    treatment = extended(
        delivered=2.5,
        extended_delivered=1.0,
        extended_minutes=34.29,
        completion=Completion.USER_ABORTED,
    )
    assert treatment["insulin"] == 1.5
    assert treatment["enteredinsulin"] == 2.5
    assert (treatment["splitNow"], treatment["splitExt"]) == (60, 40)
    assert treatment.keys().isdisjoint({"relative", "duration"})
    assert treatment["notes"] == (
        "Extended: 3.50 U over 120 min; 2.50 of 5.00 U delivered: stopped by hand"
    )


def test_an_extended_one_whose_later_part_never_came() -> None:
    """Everything that was delivered, was delivered at once."""
    treatment = extended(
        delivered=1.5, extended_delivered=0, completion=Completion.ALARM
    )
    assert (treatment["splitNow"], treatment["splitExt"]) == (100, 0)
    assert treatment["insulin"] == 1.5


@pytest.mark.parametrize(
    ("completion", "words"),
    [
        (Completion.USER_ABORTED, "stopped by hand"),
        (Completion.ALARM, "stopped by an alarm"),
        (Completion.MALFUNCTION, "stopped by a malfunction"),
        (Completion.REJECTED, "rejected by the pump"),
        (Completion.LOW_GLUCOSE_SUSPEND, "stopped by low-glucose suspend"),
    ],
)
def test_cut_short(completion: Completion, words: str) -> None:
    """The document has the delivered insulin and the reason."""
    written = of(delivered=0.75, completion=completion)
    assert written["insulin"] == 0.75
    assert written["notes"] == f"0.75 of 2.00 U delivered: {words}"


def test_cut_short_for_an_unknown_reason() -> None:
    """An unknown reason is not invented."""
    assert of(delivered=0.75, completion=None)["notes"] == "0.75 of 2.00 U delivered"


def test_rounding_is_not_cutting_short() -> None:
    """A small difference is rounding, because pumps deliver in steps."""
    assert "notes" not in of(delivered=1.995)


def test_remarks_are_joined() -> None:
    """The notes list the person's changes to the suggestion and gaps in the log."""
    written = of(override=True, declined_correction=True, end_missing=True)
    assert written["notes"] == (
        "End not recorded; Suggested dose overridden; Suggested correction declined"
    )


def test_nothing_delivered_is_a_silent_note() -> None:
    """An empty bolus would snooze alarms although glucose was not treated."""
    rejected = of(delivered=0, completion=Completion.REJECTED)
    assert rejected == BASE | {
        "eventType": "Note",
        "notes": "Bolus of 2.00 U not delivered: rejected by the pump",
    }
    unknown = of(delivered=0, completion=None)
    assert unknown["notes"] == "Bolus of 2.00 U not delivered"


def test_carbs_without_insulin_stay_carbs() -> None:
    """Carbs without insulin are sent, because the meal was eaten."""
    written = of(
        delivered=0, carbs=20, kind=BolusKind.MEAL, completion=Completion.ALARM
    )
    assert (written["eventType"], written["carbs"]) == ("Meal Bolus", 20)
    assert "insulin" not in written


def test_nothing_before_enough_is_known() -> None:
    """A bolus with its details missing would be corrected at once, so it is not sent yet."""
    assert documents_of(boluses=[bolus("08:00:00", 2.0, 40, complete=False)]) == []
