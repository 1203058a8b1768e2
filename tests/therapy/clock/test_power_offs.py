"""Signs that a pump was off, and their meaning for the move that sets its clock right."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.tconnectsync.tandem.event_types import DateChanged, TimeChanged
from custom_components.tconnectsync.therapy.clock.offsets import Clock
from custom_components.tconnectsync.therapy.clock.uploads import Upload
from tests.therapy.pump_days import PumpDay, at, typed

HOUR = timedelta(hours=1)


def evening() -> PumpDay:
    """Return a pump at home in UTC that delivers until ten in the evening."""
    log = PumpDay()
    for minute in range(0, 125, 5):
        log.basal(f"{20 + minute // 60}:{minute % 60:02}:00", 1.0)
    return log


def put_right(log: PumpDay, before: str, after: str) -> PumpDay:
    """Set the clock to an earlier time on the next day, and continue."""
    log.time_moved(after, before, after)
    if after < before:
        day = log.day
        log.next_day().date_moved(after, day, log.day)
    return log.seen(after)


def dated(log: PumpDay, upload: datetime) -> list[datetime]:
    """Return the instants of the log without its moves."""
    events = typed(log.raws)
    changes = [one for one in events if isinstance(one, (TimeChanged, DateChanged))]
    others = [one for one in events if one not in changes]
    last = Upload(upload, others[-1].key, others[-1].pump_time)
    clock = Clock(ZoneInfo("UTC"), changes, others, [last])
    return [clock.utc(one.key, one.pump_time) for one in others]


@pytest.mark.parametrize(
    ("code", "properties"),
    [
        pytest.param(99, {"version": 1}, id="restart"),
        pytest.param(5, {"alarmId": 3}, id="reset alarm"),
        pytest.param(53, {"msecSinceReset": 1}, id="shelf mode"),
        pytest.param(
            3,
            {"commandedBasalRate": 0.0, "baseBasalRate": 1.0, "changeType": [6]},
            id="shut down",
        ),
    ],
)
def test_a_pump_that_was_off(code: int, properties: dict[str, object]) -> None:
    """The evening keeps its time, and the events after power-on are dated in the morning."""
    log = evening().write("22:00:30", code, **properties).seen("22:01:00")
    put_right(log, "22:02:00", "07:17:00")
    instants = dated(log, at("07:20:00", "2026-05-15"))
    assert instants[0] == at("20:00:00")
    assert instants[24] == at("22:00:00")
    assert instants[-2] == at("07:16:00", "2026-05-15")
    assert instants[-1] == at("07:17:00", "2026-05-15")


def test_a_gap_in_what_comes_every_five_minutes() -> None:
    """The clock continued for a while without any event."""
    log = put_right(evening(), "22:40:00", "07:17:00")
    instants = dated(log, at("07:20:00", "2026-05-15"))
    assert instants[0] == at("20:00:00")
    assert instants[24] == at("22:00:00")


def test_no_gap_is_a_journey() -> None:
    """The pump was on all the time, so its clock was set for a journey."""
    log = put_right(evening(), "22:02:00", "08:02:00")
    instants = dated(log, at("22:05:00"))
    assert instants[0] == at("20:00:00")
    assert instants[-1] == at("22:02:00")


def test_a_part_of_the_log_that_has_not_come_is_no_gap() -> None:
    """The sequence numbers of a part that was not uploaded are missing as well."""
    log = evening()
    log.number += 8
    put_right(log, "22:40:00", "08:40:00")
    instants = dated(log, at("22:45:00"))
    assert instants[-1] == at("22:40:00")
    assert instants[24] == at("22:00:00")


def test_a_restart_that_cost_no_time() -> None:
    """The move after such a restart is a journey."""
    log = evening().write("22:00:30", 99, version=1)
    put_right(log, "22:02:00", "08:02:00")
    instants = dated(log, at("22:05:00"))
    assert instants[0] == at("20:00:00")
    assert instants[-1] == at("22:02:00")


def test_a_time_off_of_which_only_the_move_is_known() -> None:
    """Days of long ago are read without the following ones; such a move does not start from a zone."""
    log = PumpDay().time_moved("08:00:00", "08:00:00", "08:00:01").seen("09:00:00")
    log.next_day().next_day()
    log.number += 3000
    put_right(log, "22:02:00", "08:34:00")
    instants = dated(log, at("08:40:00", "2026-05-17"))
    assert instants[0] == at("09:00:00")
