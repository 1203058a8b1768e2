"""A report as JSON marks unknown figures."""

import csv
from datetime import UTC
from io import StringIO

from custom_components.tconnectsync.queries.report_json import records_csv, report_json
from custom_components.tconnectsync.queries.report_query import ReportData
from custom_components.tconnectsync.therapy.report import build_report
from tests.therapy.pump_days import PumpDay

SERIAL_NUMBERS = ("11223344", "44332211")


def test_a_few_hours_are_no_report() -> None:
    """Less than a day of readings gives no glucose figures and no insulin per day."""
    log = PumpDay().rate_change("00:00:00", 1.0).seen("03:00:00")
    histories = [log.history()]
    made = build_report(histories, UTC, 14, 70, 180)
    assert made
    answer = report_json(
        ReportData(
            report=made,
            in_use=histories[0],
            histories={SERIAL_NUMBERS[0]: histories[0]},
            clock_doubtful=True,
        )
    )
    assert answer["clock_doubtful"]
    assert answer["glucose"] is None
    assert answer["insulin"] is None
    assert answer["days_of_report"] == 14


def test_a_day_of_which_nothing_is_known() -> None:
    """Unknown sums are null, not zero."""
    log = PumpDay(first=10).basal("06:00:00", 1.0).basal("06:05:00", 1.0)
    histories = [log.history()]
    made = build_report(histories, UTC, 14, 70, 180)
    assert made
    *before, last = report_json(
        ReportData(
            report=made,
            in_use=histories[0],
            histories={SERIAL_NUMBERS[0]: histories[0]},
            clock_doubtful=False,
        )
    )["days"]
    sums = ("basal_units", "bolus_units", "carbs_grams")
    assert len(before) == 13
    assert {day[key] for day in before for key in sums} == {None}
    assert [last[key] for key in sums] == [0.08, 0.0, 0]


def test_nothing_goes_on_of_a_pump_that_was_taken_off() -> None:
    """Among the records only the pump in use is still delivering."""
    old = PumpDay(first=10).basal("06:00:00", 1.0).basal("06:05:00", 1.0)
    new = PumpDay(first=10).basal("07:00:00", 0.5).basal("07:05:00", 0.5)
    histories = [old.history(), new.history()]
    made = build_report(histories, UTC, 14, 70, 180)
    assert made
    found = ReportData(
        report=made,
        in_use=histories[1],
        histories=dict(zip(SERIAL_NUMBERS, histories, strict=True)),
        clock_doubtful=False,
    )
    ends = [one["end"] for one in csv.DictReader(StringIO(records_csv(found)["basal"]))]
    assert ends == ["2026-05-14T06:05:00+00:00", ""]
