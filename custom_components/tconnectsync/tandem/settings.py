"""The pump's settings: profiles, limits, alerts and Control-IQ (Tandem Source, pumper answer)."""

from dataclasses import asdict, dataclass, field
from hashlib import sha256
import json
from typing import Any, Self

from custom_components.tconnectsync.instants import MINUTES_A_DAY

from .safe_text import safe_text

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSegment:
    """The settings of a profile from one minute of the day on."""

    start: int
    """Minutes after midnight."""
    basal_rate: float | None
    """U/h."""
    insulin_sensitivity: float | None
    """mg/dL per U."""
    carb_ratio: float | None
    """g/U."""
    target_glucose: float | None
    """mg/dL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A personal profile; its segments in the order of the day, without those that are all zero."""

    idp: int | None
    name: str | None = field(repr=False)
    carb_entry: str | None
    max_bolus: float | None
    """U."""
    insulin_duration: int | None
    """Minutes."""
    segments: tuple[ProfileSegment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CgmAlerts:
    """The limits of the pump's alerts about sensor glucose (mg/dL, mg/dL per minute)."""

    high_glucose: float | None
    high_glucose_enabled: bool | None
    low_glucose: float | None
    low_glucose_enabled: bool | None
    rise_rate: float | None
    rise_rate_enabled: bool | None
    fall_rate: float | None
    fall_rate_enabled: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepSchedule:
    """A sleep schedule of Control-IQ: English day names, minutes after midnight."""

    number: int
    enabled: bool | None
    active_days: tuple[str, ...]
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlIq:
    """The settings of Control-IQ."""

    closed_loop: bool | None
    weight: float | None
    """In weight_unit."""
    weight_unit: str | None
    total_daily_insulin: float | None
    """U."""
    sleep_schedules: tuple[SleepSchedule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """The pump's reminders (mg/dL, days)."""

    low_glucose: float | None
    high_glucose: float | None
    site_change_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpSettings:
    """All settings of a pump; None where Tandem reports none, or an implausible one."""

    active_idp: int | None
    profiles: tuple[Profile, ...]
    cgm_alerts: CgmAlerts
    control_iq: ControlIq
    reminders: Reminders
    basal_limit: float | None
    """U/h."""
    max_bolus: float | None
    """U."""
    low_insulin_threshold: float | None
    """U."""
    cannula_prime_size: float | None
    """U."""
    auto_shutdown_enabled: bool | None
    glucose_unit: str | None

    @property
    def active_profile(self) -> Profile | None:
        """The profile in use, None where Tandem does not say."""
        if self.active_idp is None:
            return None
        return next(
            (profile for profile in self.profiles if profile.idp == self.active_idp),
            None,
        )

    @property
    def fingerprint(self) -> str:
        """A short text that changes with any setting, even with one that is read nowhere else."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[
            :16
        ]

    @classmethod
    def from_details(cls, details: dict[str, Any]) -> Self:
        """Read settings.details; what is missing or implausible becomes None."""
        profiles = _part(details, "profiles")
        pump = _part(details, "pumpSettings")
        return cls(
            active_idp=_whole(profiles, "activeIdp", 0, 254),
            profiles=tuple(_profile(part) for part in _parts(profiles, "profile")),
            cgm_alerts=_cgm_alerts(_part(details, "cgmSettings")),
            control_iq=_control_iq(_part(details, "controlIqSettings")),
            reminders=_reminders(_part(details, "reminders")),
            basal_limit=_milli(_part(details, "basalLimitSettings"), "basalLimit", 40),
            max_bolus=_milli(_part(details, "globalMaxBolusSettings"), "maxBolus", 60),
            low_insulin_threshold=_number(pump, "lowInsulinThreshold", 0, 254),
            cannula_prime_size=_hundredth(pump, "cannulaPrimeSize", 2.54),
            auto_shutdown_enabled=_flag(pump, "autoShutdownEnabled"),
            glucose_unit=_text(_part(details, "localizationSettings"), "glucoseUom"),
        )


def _profile(part: dict[str, Any]) -> Profile:
    segments = (_segment(segment) for segment in _parts(part, "timeDependentSegments"))
    return Profile(
        idp=_whole(part, "idp", 0, 254),
        name=_text(part, "name"),
        carb_entry=_text(part, "carbEntry"),
        max_bolus=_milli(part, "maxBolus", 60),
        insulin_duration=_whole(part, "insulinDuration", 1, MINUTES_A_DAY),
        segments=tuple(
            sorted(filter(None, segments), key=lambda segment: segment.start)
        ),
    )


def _segment(part: dict[str, Any]) -> ProfileSegment | None:
    start = _whole(part, "startTime", 0, MINUTES_A_DAY - 1)
    basal_rate = _milli(part, "basalRate", 40)
    sensitivity = _number(part, "isf", 1, 1000)
    carb_ratio = _milli(part, "carbRatio", 300) or None
    target = _number(part, "targetBg", 1, 1000)
    if start is None or not any((basal_rate, sensitivity, carb_ratio, target)):
        return None
    return ProfileSegment(
        start=start,
        basal_rate=basal_rate,
        insulin_sensitivity=sensitivity,
        carb_ratio=carb_ratio,
        target_glucose=target,
    )


def _cgm_alerts(part: dict[str, Any]) -> CgmAlerts:
    return CgmAlerts(
        high_glucose=_number(part, "highGlucoseAlertMgPerDl", 1, 1000),
        high_glucose_enabled=_flag(part, "highGlucoseAlertEnabled"),
        low_glucose=_number(part, "lowGlucoseAlertMgPerDl", 1, 1000),
        low_glucose_enabled=_flag(part, "lowGlucoseAlertEnabled"),
        rise_rate=_number(part, "riseRateAlertLevel", 0.1, 100),
        rise_rate_enabled=_flag(part, "riseRateAlertEnabled"),
        fall_rate=_number(part, "fallRateAlertLevel", 0.1, 100),
        fall_rate_enabled=_flag(part, "fallRateAlertEnabled"),
    )


def _control_iq(part: dict[str, Any]) -> ControlIq:
    schedules = ((number, part.get(f"sleepSchedule{number}")) for number in range(4))
    return ControlIq(
        closed_loop=_flag(part, "closedLoop"),
        weight=_number(part, "weight", 1, 1000),
        weight_unit=_text(part, "weightUnit"),
        total_daily_insulin=_number(part, "totalDailyInsulin", 1, 1000),
        sleep_schedules=tuple(
            _sleep_schedule(number, schedule)
            for number, schedule in schedules
            if isinstance(schedule, dict)
        ),
    )


def _sleep_schedule(number: int, part: dict[str, Any]) -> SleepSchedule:
    days = part.get("activeDays")
    named = (
        {day.lower() for day in days if isinstance(day, str)}
        if isinstance(days, list)
        else set()
    )
    return SleepSchedule(
        number=number,
        enabled=_flag(part, "enabled"),
        active_days=tuple(day for day in WEEK if day in named),
        start=_whole(part, "startTime", 0, MINUTES_A_DAY),
        end=_whole(part, "endTime", 0, MINUTES_A_DAY),
    )


def _reminders(part: dict[str, Any]) -> Reminders:
    return Reminders(
        low_glucose=_number(part, "lowBgThreshold", 1, 1000),
        high_glucose=_number(part, "highBgThreshold", 1, 1000),
        site_change_days=_whole(part, "siteChangeDays", 1, 30),
    )


def _part(of: dict[str, Any], key: str) -> dict[str, Any]:
    value = of.get(key)
    return value if isinstance(value, dict) else {}


def _parts(of: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = of.get(key)
    return (
        [part for part in value if isinstance(part, dict)]
        if isinstance(value, list)
        else []
    )


def _text(of: dict[str, Any], key: str) -> str | None:
    value = of.get(key)
    return safe_text(value) if isinstance(value, str) else None


def _flag(of: dict[str, Any], key: str) -> bool | None:
    value = of.get(key)
    return value if isinstance(value, bool) else None


def _number(of: dict[str, Any], key: str, low: float, high: float) -> float | None:
    value = of.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if low <= value <= high else None


def _whole(of: dict[str, Any], key: str, low: int, high: int) -> int | None:
    value = _number(of, key, low, high)
    return int(value) if value is not None and value.is_integer() else None


def _milli(of: dict[str, Any], key: str, high: float) -> float | None:
    value = _number(of, key, 0, high * 1000)
    return None if value is None else round(value / 1000, 3)


def _hundredth(of: dict[str, Any], key: str, high: float) -> float | None:
    value = _number(of, key, 0, high * 100)
    return None if value is None else round(value / 100, 2)
