"""Small histories of pumps as they happen in real life, and what may be told of them.

The format of tests/cases is described in its README; tests/golden reads and plays it.
"""

from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant

from .golden.case import read_case
from .golden.play import play

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(
    str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.json")
)
KNOWN_DIFFERENCES: set[str] = {
    "clock-6-min-fast",
    "clock-moved-east",
    "clock-stood-still",
    "date-a-day-behind",
    "drift-9-min-fast-put-right",
    "more/clock-14-min-fast",
    "more/clock-am-for-pm",
    "more/clock-moved-by-a-half-hour-zone",
    "more/clock-moved-by-a-quarter",
    "more/clock-moved-west",
    "more/clock-pm-for-am",
    "more/clock-stood-still-ten-days",
    "more/date-a-day-ahead-put-right",
    "more/drift-14-min-fast-put-right",
    "more/drift-14-min-slow-put-right",
    "more/drift-8-min-fast-put-right",
}
"""Cases that do not hold yet. What holds has to be taken off; nothing that held may be put on."""


pytestmark = pytest.mark.usefixtures("recorder_mock", "swift_sweeps")


@pytest.mark.parametrize("name", CASES)
async def test_case(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """What is seen from outside is what is certainly right."""
    case = read_case(FOLDER / f"{name}.json")
    judge(name, await play(hass, freezer, monkeypatch, case))


@pytest.mark.parametrize("name", ["clock-stood-still"])
async def test_case_whose_newest_date_is_no_move(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Whether Tandem counts moves of the clock for maxDateOfEvents is not known: both hold."""
    case = read_case(FOLDER / f"{name}.json")
    judge(name, await play(hass, freezer, monkeypatch, case, moves=False))


def judge(name: str, found: list[str]) -> None:
    """Fail with everything that differs, or when nothing does that is known to."""
    if name not in KNOWN_DIFFERENCES:
        if found:
            pytest.fail("\n".join([f"{name}:", *found]), pytrace=False)
    elif not found:
        pytest.fail(f"{name} holds now: take it off the list", pytrace=False)


def test_known_differences_are_cases() -> None:
    """The list names nothing that is gone."""
    assert sorted(KNOWN_DIFFERENCES - set(CASES)) == []
