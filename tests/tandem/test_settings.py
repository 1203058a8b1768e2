"""The pump's settings in plain units, including odd answers."""

from copy import deepcopy
import json
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.tandem import PumpSettings
from custom_components.tconnectsync.tandem.settings import (
    CgmAlerts,
    ControlIq,
    Profile,
    ProfileSegment,
    Reminders,
    SleepSchedule,
)

FIXTURES = Path(__file__).parent.parent / "fixtures" / "tandem"

DETAILS: dict[str, Any] = {
    "profiles": {
        "numberOfProfiles": 2,
        "activeSegment": 0,
        "activeIdp": 0,
        "profile": [
            {
                "idp": 0,
                "timeDependentSegmentNumber": 2,
                "name": "A",
                "carbEntry": "UnitsAsCarbs",
                "maxBolus": 25000,
                "insulinDuration": 300,
                "timeDependentSegments": [
                    {
                        "startTime": 0,
                        "basalRate": 800,
                        "carbRatio": 6000,
                        "targetBg": 110,
                        "isf": 30,
                        "status": ["BasalRateAvailability"],
                    },
                    {
                        "startTime": 480,
                        "basalRate": 1225,
                        "carbRatio": 6500,
                        "targetBg": 110,
                        "isf": 30,
                        "status": ["BasalRateAvailability"],
                    },
                ],
            },
            {
                "idp": 2,
                "timeDependentSegmentNumber": 1,
                "name": "No delivery",
                "carbEntry": "UnitsAsCarbs",
                "maxBolus": 25000,
                "insulinDuration": 300,
                "timeDependentSegments": [
                    {
                        "startTime": 0,
                        "basalRate": 0,
                        "carbRatio": 0,
                        "targetBg": 0,
                        "isf": 0,
                        "status": [],
                    },
                    {
                        "startTime": 720,
                        "basalRate": 500,
                        "carbRatio": 12000,
                        "targetBg": 120,
                        "isf": 45,
                        "status": [],
                    },
                ],
            },
        ],
    },
    "cgmSettings": {
        "highGlucoseAlertMgPerDl": 200,
        "highGlucoseAlertEnabled": True,
        "lowGlucoseAlertMgPerDl": 80,
        "lowGlucoseAlertEnabled": False,
        "riseRateAlertLevel": 3,
    },
    "controlIqSettings": {
        "closedLoop": False,
        "weight": 140,
        "weightUnit": "Pounds",
        "totalDailyInsulin": 45,
        "sleepSchedule0": {
            "activeDays": ["Sunday", "Monday"],
            "startTime": 1380,
            "endTime": 420,
            "enabled": True,
        },
        "sleepSchedule2": {},
    },
    "basalLimitSettings": {"basalLimitDefault": 5000, "basalLimit": 2500},
    "globalMaxBolusSettings": {"maxBolus": 12500},
    "pumpSettings": {
        "lowInsulinThreshold": 20,
        "cannulaPrimeSize": 30,
        "autoShutdownEnabled": False,
    },
    "reminders": {"lowBgThreshold": 70, "highBgThreshold": 250, "siteChangeDays": 3},
    "localizationSettings": {"glucoseUom": "MgPerDl"},
}


def with_value(value: Any, *path: str | int) -> dict[str, Any]:
    """Return settings with one value replaced."""
    details = deepcopy(DETAILS)
    place: Any = details
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return details


def test_all_settings() -> None:
    """Milliunits, milligrams and hundredths are converted to U, g and U."""
    assert PumpSettings.from_details(DETAILS) == PumpSettings(
        active_idp=0,
        profiles=(
            Profile(
                idp=0,
                name="A",
                carb_entry="UnitsAsCarbs",
                max_bolus=25.0,
                insulin_duration=300,
                segments=(
                    ProfileSegment(
                        start=0,
                        basal_rate=0.8,
                        insulin_sensitivity=30,
                        carb_ratio=6.0,
                        target_glucose=110,
                    ),
                    ProfileSegment(
                        start=480,
                        basal_rate=1.225,
                        insulin_sensitivity=30,
                        carb_ratio=6.5,
                        target_glucose=110,
                    ),
                ),
            ),
            Profile(
                idp=2,
                name="No delivery",
                carb_entry="UnitsAsCarbs",
                max_bolus=25.0,
                insulin_duration=300,
                segments=(
                    ProfileSegment(
                        start=720,
                        basal_rate=0.5,
                        insulin_sensitivity=45,
                        carb_ratio=12.0,
                        target_glucose=120,
                    ),
                ),
            ),
        ),
        cgm_alerts=CgmAlerts(
            high_glucose=200,
            high_glucose_enabled=True,
            low_glucose=80,
            low_glucose_enabled=False,
            rise_rate=3,
            rise_rate_enabled=None,
            fall_rate=None,
            fall_rate_enabled=None,
        ),
        control_iq=ControlIq(
            closed_loop=False,
            weight=140,
            weight_unit="Pounds",
            total_daily_insulin=45,
            sleep_schedules=(
                SleepSchedule(
                    number=0,
                    enabled=True,
                    active_days=("monday", "sunday"),
                    start=1380,
                    end=420,
                ),
                SleepSchedule(
                    number=2, enabled=None, active_days=(), start=None, end=None
                ),
            ),
        ),
        reminders=Reminders(low_glucose=70, high_glucose=250, site_change_days=3),
        basal_limit=2.5,
        max_bolus=12.5,
        low_insulin_threshold=20,
        cannula_prime_size=0.3,
        auto_shutdown_enabled=False,
        glucose_unit="MgPerDl",
    )


def test_captured_settings() -> None:
    """Captured settings of a real pump are read."""
    details = json.loads((FIXTURES / "settings_details.json").read_text("utf-8"))
    settings = PumpSettings.from_details(details)
    assert [len(profile.segments) for profile in settings.profiles] == [2, 1]
    assert settings.basal_limit == 2.5
    assert settings.control_iq.weight == 140
    assert settings.max_bolus is None
    assert settings.active_profile == settings.profiles[0]


def test_the_active_profile() -> None:
    """The active profile is found by the number that the pump names, not by its place in the list."""
    assert active(DETAILS) == "A"
    assert active(with_value(2, "profiles", "activeIdp")) == "No delivery"
    for idp in (1, None, "0", True):
        assert active(with_value(idp, "profiles", "activeIdp")) is None


def active(details: dict[str, Any]) -> str | None:
    """Return the name of the active profile."""
    profile = PumpSettings.from_details(details).active_profile
    return profile.name if profile else None


def test_no_settings() -> None:
    """Empty settings leave every value unset."""
    empty = PumpSettings.from_details({})
    assert empty.profiles == ()
    assert empty.active_profile is None
    assert empty.max_bolus is None
    assert empty.control_iq.sleep_schedules == ()
    assert empty.fingerprint != PumpSettings.from_details(DETAILS).fingerprint


SEGMENT = ("profiles", "profile", 0, "timeDependentSegments", 0)


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("isf", "insulin_sensitivity"),
        ("carbRatio", "carb_ratio"),
        ("targetBg", "target_glucose"),
    ],
)
@pytest.mark.parametrize("value", [0, -1, None, "30", True, 4294967295, float("nan")])
def test_a_missing_or_absurd_value_of_a_segment(
    key: str, field: str, value: Any
) -> None:
    """A wrong ratio, factor or target is dropped; the rest of the segment stays."""
    settings = PumpSettings.from_details(with_value(value, *SEGMENT, key))
    segment = settings.profiles[0].segments[0]
    assert getattr(segment, field) is None
    assert segment.basal_rate == 0.8


@pytest.mark.parametrize(("raw", "read"), [(0, 0.0), (65535, None), (None, None)])
def test_a_basal_rate_of_zero_is_a_rate(raw: Any, read: float | None) -> None:
    """A rate of zero is zero; an unset rate is unknown."""
    settings = PumpSettings.from_details(with_value(raw, *SEGMENT, "basalRate"))
    assert settings.profiles[0].segments[0].basal_rate == read


@pytest.mark.parametrize("start", [None, -1, 1440, "0", 0.5])
def test_a_segment_that_begins_at_no_time_is_dropped(start: Any) -> None:
    """A rate without a start time would apply to any time."""
    settings = PumpSettings.from_details(with_value(start, *SEGMENT, "startTime"))
    assert [segment.start for segment in settings.profiles[0].segments] == [480]


def test_segments_come_in_order_of_the_day() -> None:
    """Segments are sorted by time of day."""
    settings = PumpSettings.from_details(with_value(900, *SEGMENT, "startTime"))
    assert [segment.start for segment in settings.profiles[0].segments] == [480, 900]


def test_fingerprint() -> None:
    """Equal settings have the same fingerprint, and different ones another."""
    fingerprint = PumpSettings.from_details(DETAILS).fingerprint
    again = json.loads(json.dumps(DETAILS, sort_keys=True))
    assert PumpSettings.from_details(again).fingerprint == fingerprint
    changed = with_value(850, *SEGMENT, "basalRate")
    assert PumpSettings.from_details(changed).fingerprint != fingerprint
    moved_on = with_value(1, "profiles", "activeSegment")
    assert PumpSettings.from_details(moved_on).fingerprint == fingerprint


def test_a_log_shows_no_profile_names() -> None:
    """Profile names may be personal, so they stay out of logs."""
    assert "No delivery" not in repr(PumpSettings.from_details(DETAILS))


def paths(part: Any, *above: str | int) -> list[tuple[str | int, ...]]:
    """Return every path in the settings."""
    inside = part.items() if isinstance(part, dict) else enumerate(part)
    found: list[tuple[str | int, ...]] = []
    for key, value in inside:
        found.append((*above, key))
        if isinstance(value, dict | list):
            found.extend(paths(value, *above, key))
    return found


ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
ODD_PARTS = ODD | st.lists(ODD, max_size=2) | st.dictionaries(st.text(max_size=5), ODD)


@given(st.sampled_from(paths(DETAILS)), ODD_PARTS)
def test_wrong_types_do_no_harm(path: tuple[str | int, ...], odd: Any) -> None:
    """Settings with any value at any place can be read and compared."""
    settings = PumpSettings.from_details(with_value(odd, *path))
    assert settings.fingerprint
