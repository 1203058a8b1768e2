"""A report as JSON, and its records as CSV."""

from collections.abc import Iterable
import csv
from datetime import date
from io import StringIO

from custom_components.tconnectsync.instants import MINUTE, iso
from custom_components.tconnectsync.therapy.day_averages import DayAverages
from custom_components.tconnectsync.therapy.glucose_by_time_of_day import (
    PERCENTILES,
    GlucoseByTime,
    mean,
    share_above,
    share_below,
)
from custom_components.tconnectsync.therapy.glucose_statistics import GlucoseStatistics
from custom_components.tconnectsync.therapy.report import DaySums, Report

from .history_json import histories_json
from .record_json import Json
from .report_query import ReportData
from .rounding import rounded

STEP_MINUTES = 15


def report_json(data: ReportData) -> Json:
    """Return every figure under a key that names its unit; null means unknown."""
    report = data.report
    return {
        "start": iso(report.start),
        "end": iso(report.end),
        "days_of_report": len(report.days),
        "clock_doubtful": data.clock_doubtful,
        "low_mg_dl": report.low,
        "high_mg_dl": report.high,
        "glucose": _glucose(report.glucose),
        "insulin": _averages(report.averages),
        "profile": {
            "step_minutes": STEP_MINUTES,
            **{
                f"p{percent}_mg_dl": [
                    point and point[percent] for point in report.percentiles
                ]
                for percent in PERCENTILES
            },
        },
        "below_range_by_hour_percent": _rounded_each(report.below_by_hour),
        "very_low_by_hour_percent": _rounded_each(report.very_low_by_hour),
        "boluses": {
            kind.value: {
                "count": boluses.count,
                "insulin_units": rounded(boluses.insulin, 2),
            }
            for kind, boluses in report.boluses.items()
        },
        "site_changes": [iso(at) for at in report.site_changes],
        "cartridge_changes": [iso(at) for at in report.cartridge_changes],
        "days": [_day(day, report) for day in report.days],
    }


def records_csv(data: ReportData) -> dict[str, str]:
    """Return the records of a report as CSV with a header line, by kind; times are in UTC."""
    by_kind = histories_json(
        data.in_use,
        data.histories,
        data.report.start,
        data.report.end + MINUTE,
        complete_after=date.min,
    )
    return {kind: _csv(records) for kind, records in by_kind.items()}


def _csv(records: list[Json]) -> str:
    if not records:
        return ""
    text = StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _glucose(glucose: GlucoseStatistics | None) -> Json | None:
    if glucose is None or not glucose.says_something:
        return None
    return {
        "average_mg_dl": rounded(glucose.average),
        "standard_deviation_mg_dl": rounded(glucose.standard_deviation),
        "cv_percent": rounded(glucose.coefficient_of_variation),
        "gmi_percent": rounded(glucose.glucose_management_indicator, 2),
        "usage_percent": rounded(glucose.usage),
        "sufficient": glucose.sufficient,
        "very_low_percent": rounded(glucose.very_low, 2),
        "low_percent": rounded(glucose.low, 2),
        "in_range_percent": rounded(glucose.in_range, 2),
        "high_percent": rounded(glucose.high, 2),
        "very_high_percent": rounded(glucose.very_high, 2),
        "in_tight_range_percent": rounded(glucose.in_tight_range, 2),
        "low_events": glucose.low_events,
    }


def _averages(averages: DayAverages | None) -> Json | None:
    if averages is None or not averages.says_something:
        return None
    return {
        "known_percent": rounded(averages.coverage),
        "sufficient": averages.sufficient,
        "insulin_units_per_day": rounded(averages.insulin, 2),
        "basal_share_percent": rounded(averages.basal_share),
        "automatic_corrections_units_per_day": rounded(
            averages.automatic_corrections, 2
        ),
        "carbs_grams_per_day": rounded(averages.carbs),
        "control_iq_percent": rounded(averages.in_control_iq),
        "sleep_percent": rounded(averages.in_sleep),
        "exercise_percent": rounded(averages.in_exercise),
    }


def _day(day: DaySums, report: Report) -> Json:
    """Return a day with its mean glucose for every quarter of an hour."""
    quarters = report.by_time.days.get(day.day, GlucoseByTime().quarters)
    durations = sum(quarters[1:], start=quarters[0].copy())
    below, above = (
        share_below(durations, report.low),
        share_above(durations, report.high),
    )
    nothing_known = day.not_known >= day.end - day.start
    return {
        "day": day.day.isoformat(),
        "glucose_mg_dl": [rounded(mean(quarter), 0) for quarter in quarters],
        "average_mg_dl": rounded(mean(durations)),
        "covered_percent": rounded(
            100 * durations.total() / (day.end - day.start).total_seconds()
        )
        if day.end > day.start
        else None,
        "in_range_percent": None
        if below is None or above is None
        else rounded(100 - below - above),
        "basal_units": None if nothing_known else rounded(day.basal, 2),
        "bolus_units": None if nothing_known else rounded(day.bolus, 2),
        "carbs_grams": None if nothing_known else day.carbs,
        "not_known_minutes": round(day.not_known / MINUTE),
    }


def _rounded_each(values: Iterable[float | None]) -> list[float | None]:
    return [rounded(value, 2) for value in values]
