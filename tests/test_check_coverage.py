"""The test command fails if a module has too little coverage."""

import json
from pathlib import Path

import pytest

from scripts.check_coverage import main

CONFIG_FLOW = "custom_components/tconnectsync/config_flow.py"
SENSOR = "custom_components/tconnectsync/sensor.py"


@pytest.mark.parametrize(
    ("module", "share", "enough"),
    [
        (SENSOR, 100.0, True),
        (SENSOR, 95.1, True),
        (SENSOR, 95.0, False),
        (SENSOR, 0.0, False),
        (CONFIG_FLOW, 100.0, True),
        (CONFIG_FLOW, 99.9, False),
    ],
)
def test_every_module_counts_by_itself(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    module: str,
    share: float,
    enough: bool,
) -> None:
    """Each module needs more than 95 % coverage, and the config flow needs 100 %."""
    measured = {"summary": {"percent_covered": share}}
    other = {"summary": {"percent_covered": 100.0}}
    report = tmp_path / "coverage.json"
    report.write_text(
        json.dumps(
            {
                "files": {module: measured, "other.py": other},
                "totals": {"percent_covered": 99.0},
            }
        )
    )
    assert main(str(report)) == (0 if enough else 1)
    assert (module in capsys.readouterr().out) is not enough
