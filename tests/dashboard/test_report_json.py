"""A report as JSON says what is not known."""

from datetime import UTC

from custom_components.tconnectsync.dashboard.report_json import report_json
from custom_components.tconnectsync.dashboard.report_query import ReportData
from custom_components.tconnectsync.therapy.report import report
from tests.therapy.pump_days import PumpDay


def test_a_few_hours_are_no_report() -> None:
    """Without a day of readings there is no figure of glucose, nor one of insulin a day."""
    log = PumpDay().rate_change("00:00:00", 1.0).seen("03:00:00")
    histories = [log.history()]
    made = report(histories, UTC, 14, 70, 180)
    assert made
    answer = report_json(
        ReportData(report=made, histories=histories, clock_doubtful=True)
    )
    assert answer["clock_doubtful"]
    assert answer["glucose"] is None
    assert answer["insulin"] is None
    assert answer["days_of_report"] == 14
