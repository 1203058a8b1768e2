"""Hold the simulated pump's settings: profiles, limits and schedules, and show them as pumper does."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Segment:
    """From a minute of day on: basal mU/h, correction factor mg/dL per U, carb ratio g/U, target mg/dL."""

    start: int
    basal: int
    correction_factor: int = 40
    carb_ratio: float = 8.0
    target: int = 110


@dataclass(slots=True, kw_only=True)
class Profile:
    """A personal profile: segments through the day, insulin duration in minutes."""

    idp: int
    name: str
    segments: list[Segment]
    insulin_duration: int = 300
    max_bolus: int = 25000

    def segment(self, minute_of_day: int) -> Segment:
        """Return the segment in force at a minute of day."""
        return [segment for segment in self.segments if segment.start <= minute_of_day][
            -1
        ]

    def details(self) -> dict[str, Any]:
        """Return the profile as settings.details has it; carb ratio in milli-g/U."""
        return {
            "idp": self.idp,
            "timeDependentSegmentNumber": len(self.segments),
            "name": self.name,
            "carbEntry": "UnitsAsCarbs",
            "maxBolus": self.max_bolus,
            "insulinDuration": self.insulin_duration,
            "timeDependentSegments": [
                {
                    "startTime": segment.start,
                    "basalRate": segment.basal,
                    "carbRatio": round(segment.carb_ratio * 1000),
                    "targetBg": segment.target,
                    "isf": segment.correction_factor,
                    "status": ["BasalRateAvailability"],
                }
                for segment in self.segments
            ],
        }


def usual_profiles() -> list[Profile]:
    """Return the two profiles a simulated pump starts with."""
    return [
        Profile(
            idp=0,
            name="Everyday",
            segments=[
                Segment(start=0, basal=750, correction_factor=45, carb_ratio=9.0),
                Segment(start=300, basal=950, correction_factor=40, carb_ratio=7.0),
                Segment(start=660, basal=800, correction_factor=42, carb_ratio=8.5),
                Segment(start=1080, basal=850, correction_factor=40, carb_ratio=8.0),
            ],
        ),
        Profile(
            idp=2,
            name="Weekend",
            segments=[
                Segment(start=0, basal=700, correction_factor=45, carb_ratio=9.0),
                Segment(start=540, basal=850, correction_factor=42, carb_ratio=8.0),
            ],
        ),
    ]


@dataclass(slots=True, kw_only=True)
class Settings:
    """Everything the person has set on the pump."""

    profiles: list[Profile] = field(default_factory=usual_profiles)
    active_idp: int = 0
    closed_loop: bool = True
    weight: int = 160
    total_daily_insulin: int = 44
    sleep_start: int = 1380
    sleep_end: int = 420
    high_alert: int = 220
    low_alert: int = 75
    low_insulin: int = 25
    basal_limit: int = 3000
    max_bolus: int = 25000
    glucose_unit: str = "MgPerDl"

    @property
    def active(self) -> Profile:
        """The active profile."""
        return next(
            profile for profile in self.profiles if profile.idp == self.active_idp
        )

    def details(self, minute_of_day: int) -> dict[str, Any]:
        """Return settings.details as pumper answers with it."""
        week = [
            "Sunday",
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
        ]
        unused = {"activeDays": [], "startTime": 0, "endTime": 0, "enabled": False}
        sleep = {
            "activeDays": week,
            "startTime": self.sleep_start,
            "endTime": self.sleep_end,
            "enabled": True,
        }
        return {
            "profiles": {
                "numberOfProfiles": len(self.profiles),
                "activeSegment": self.active.segments.index(
                    self.active.segment(minute_of_day)
                ),
                "activeIdp": self.active_idp,
                "profile": [profile.details() for profile in self.profiles],
            },
            "cgmSettings": {
                "highGlucoseAlertMgPerDl": self.high_alert,
                "highGlucoseAlertEnabled": True,
                "highGlucoseAlertDuration": 60,
                "lowGlucoseAlertMgPerDl": self.low_alert,
                "lowGlucoseAlertEnabled": True,
                "lowGlucoseAlertDuration": 30,
                "riseRateAlertLevel": 3,
                "riseRateAlertEnabled": False,
                "fallRateAlertLevel": 3,
                "fallRateAlertEnabled": True,
                "outOfRangeAlertDuration": 20,
                "outOfRangeAlertEnabled": True,
            },
            "controlIqSettings": {
                "closedLoop": self.closed_loop,
                "weight": self.weight,
                "weightUnit": "Pounds",
                "totalDailyInsulin": self.total_daily_insulin,
                "sleepSchedule0": sleep,
                "sleepSchedule1": unused,
                "sleepSchedule2": unused,
                "sleepSchedule3": unused,
            },
            "basalLimitSettings": {
                "basalLimitDefault": 5000,
                "basalLimit": self.basal_limit,
            },
            "globalMaxBolusSettings": {"maxBolus": self.max_bolus},
            "pumpSettings": {
                "lowInsulinThreshold": self.low_insulin,
                "cannulaPrimeSize": 30,
                "autoShutdownEnabled": False,
                "autoShutdownDuration": 720,
            },
            "reminders": {
                "lowBgThreshold": 70,
                "highBgThreshold": 250,
                "siteChangeDays": 3,
                "siteChangeEnabled": True,
                "lowBgEnabled": False,
                "highBgEnabled": False,
            },
            "localizationSettings": {
                "glucoseUom": self.glucose_unit,
                "language": "English",
                "timeFormat": "Hours24",
            },
        }
