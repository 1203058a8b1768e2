"""Small pump histories as they happen in real life, and the results that may be derived from them.

The format of tests/cases is described in its README; tests/golden reads and plays it.
"""

from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.statistics_series import SERIES
from homeassistant.core import HomeAssistant

from .golden.case import read_case
from .golden.play import play

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(
    str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.json")
)

pytestmark = [
    pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads"),
    pytest.mark.recorded_series(*SERIES),
]


@pytest.mark.parametrize("name", CASES)
async def test_case(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Each case leads to its expected results, and nothing uncertain is shown as certain."""
    case = read_case(FOLDER / f"{name}.json")
    judge(name, await play(hass, freezer, monkeypatch, case))


@pytest.mark.parametrize("name", ["clock-stood-still"])
async def test_case_whose_newest_date_is_no_move(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Both readings of maxDateOfEvents are accepted, as it is unknown whether Tandem includes clock changes."""
    case = read_case(FOLDER / f"{name}.json")
    judge(name, await play(hass, freezer, monkeypatch, case, moves=False))


def judge(name: str, found: list[str]) -> None:
    """Fail with a list of all differences."""
    if found:
        pytest.fail("\n".join([f"{name}:", *found]), pytrace=False)
