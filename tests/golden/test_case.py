"""Reading a case completely or refusing it."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from .case import case_of, read_case
from .shape import CaseError

NOW = "2026-05-20T12:05:00-04:00"
BETWEEN = ["2026-05-20T12:00:00-04:00", "2026-05-20T13:00:00-04:00"]
CASE = {
    "name": "a case",
    "why": "so that it can be read",
    "source": "nowhere",
    "zone": "America/New_York",
    "steps": [
        {
            "now": NOW,
            "upload": {"at": NOW, "events": []},
            "expect": {"entities": {"sensor.glucose": {"any": ["unknown", 120]}}},
        }
    ],
}


def with_step(**changes: Any) -> dict[str, Any]:
    """Return a case with another step."""
    case: dict[str, Any] = deepcopy(CASE)
    case["steps"][0] |= changes
    return case


def test_what_is_not_said_is_ordinary() -> None:
    """The defaults are one t:slim X2, and Home Assistant in the pump's zone."""
    case = case_of(CASE)
    assert case.home_assistant_zone == case.zone == "America/New_York"
    [pump] = case.pumps.values()
    assert pump.about["modelName"] == "t:slim X2™ Insulin Pump"
    [step] = case.steps
    assert [upload.pump for upload in step.uploads] == list(case.pumps)
    assert (step.restart, step.expect.notice, step.expect.fired) == (False, None, {})


def test_pumps_are_as_tandem_lists_them() -> None:
    """Each pump has its own serial number and starts at its own sequence number."""
    event = {"eventCode": 12, "pumpDateTime": "2026-05-20T12:00:00"}
    mobi = {"serial": "7", "model": "Tandem Mobi™ System", "first_number": 11}
    upload = {"pump": "new", "at": NOW, "events": [{**event, "eventProperties": {}}]}
    case = with_step(uploads=[upload])
    del case["steps"][0]["upload"]
    read = case_of({**case, "pumps": {"old": {}, "new": mobi}})
    assert read.pumps["new"].about["modelNumber"] == "1004000"
    assert read.pumps["new"].serial_number == "7"
    assert read.steps[0].uploads[0].events[0]["sequenceNumber"] == 11


@pytest.mark.parametrize(
    "raw",
    [
        {key: value for key, value in CASE.items() if key != "why"},
        {**CASE, "zones": "Europe/Berlin"},
        {**CASE, "pumps": {"pump": {"serial_number": "1"}}},
        with_step(then="2026-05-20T12:05:00-04:00"),
        with_step(now="2026-05-20T12:05:00"),
        with_step(upload={"at": NOW, "events": [], "pump": "pump"}),
        with_step(uploads=[{"pump": "other", "at": NOW, "events": []}]),
        with_step(expect={"entity": {}}),
        with_step(expect={"entities": {"sensor.glucose": {"states": 1}}}),
        with_step(expect={"notice": "yes"}),
        with_step(expect={"repairs": {"any": 0}}),
        with_step(expect={"nightscout": [{"what": "treatments"}]}),
        with_step(expect={"nightscout": [{"what": "basal", "is": 1}]}),
        with_step(
            expect={
                "nightscout": [
                    {"what": "carbs", "between": BETWEEN, "is": 1, "with": {"carbs": 1}}
                ]
            }
        ),
        with_step(expect={"statistics": [{"series": "basal", "is": 1}]}),
        with_step(expect={"either": [{"note": True}]}),
        {**CASE, "steps": [*deepcopy(CASE)["steps"], *deepcopy(CASE)["steps"]]},
        {**CASE, "steps": [{"now": NOW}]},
    ],
)
def test_what_nobody_reads_is_refused(raw: Any) -> None:
    """An ignored key would be an expectation that is never checked."""
    with pytest.raises(CaseError):
        case_of(raw)


def test_a_key_said_twice_is_refused(tmp_path: Path) -> None:
    """JSON would keep only the second of two equal keys."""
    path = tmp_path / "twice.json"
    path.write_text('{"name": "one", "name": "two"}')
    with pytest.raises(CaseError):
        read_case(path)
