"""The newest records, either of the pump in use or of the person."""

from datetime import timedelta

from hypothesis import given, strategies as st

from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import Bolus
from custom_components.tconnectsync.therapy.state import PumpState, derive_state

from .pump_days import PumpDay, at, history


def swapped() -> tuple[PumpDay, PumpDay]:
    """Return a pump that broke at noon, and its replacement."""
    old = PumpDay(first=50_000).rate_change("06:00:00", 1.5)
    old.ask("08:00:00", 7, 4.0, carbs=40).start("08:00:15", 7, 4.0)
    old.end("08:02:11", 7, 4.0).cgm_alert("09:00:00", 2).alert("10:00:00", 0)
    old.malfunction("12:00:00", 9).suspend("12:00:01", 2)
    new = PumpDay(first=10).resume("12:30:00").rate_change("12:30:00", 0.8)
    return old, new


def of(in_use: PumpDay, *others: PumpDay) -> PumpState:
    """Return the state of several pumps."""
    return derive_state([in_use.history(), *(other.history() for other in others)], 300)


def test_boluses_and_alarms_are_the_persons() -> None:
    """Boluses and alarms of the previous pump are the last ones until new ones arrive."""
    old, new = swapped()
    both = of(new, old)
    assert both.bolus is not None
    assert both.bolus.start == at("08:00:15")
    assert both.meal_bolus == both.bolus
    assert both.alarm is not None
    assert both.alarm.start == at("12:00:00")
    assert both.alert is not None
    assert both.cgm_alert is not None
    new.ask("13:00:00", 1, 1.0).start("13:00:15", 1, 1.0).end("13:00:44", 1, 1.0)
    new.alert("14:00:00", 2)
    both = of(new, old)
    assert both.bolus is not None
    assert both.bolus.start == at("13:00:15")
    assert both.meal_bolus is not None
    assert both.meal_bolus.start == at("08:00:15")
    assert both.alert is not None
    assert both.alert.start == at("14:00:00")


def test_what_holds_now_is_of_the_pump_in_use() -> None:
    """Raised alarms and the stop of the broken pump end with it."""
    old, new = swapped()
    both = of(new, old)
    assert both.raised == ()
    assert both.suspension is None
    assert both.basal is not None
    assert both.basal.start == both.newest == at("12:30:00")
    assert len(of(old).raised) == 3


def test_a_pump_in_use_that_has_logged_nothing() -> None:
    """The last bolus is known all the same."""
    old, _ = swapped()
    both = derive_state([History(), old.history()], 300)
    assert both.newest is None
    assert both.bolus is not None
    assert derive_state([History()]) == PumpState()


def test_the_latest_is_by_time_across_pumps_and_by_place_within_one() -> None:
    """Within a log a clock that ran ahead does not change the order."""
    old = PumpDay().alert("15:00:00", 0)
    old.time_moved("09:00:00", "15:00:00", "09:00:00").alert("09:30:00", 2)
    both = of(PumpDay(first=10).alert("08:00:00", 3), old)
    assert both.alert is not None
    assert both.alert.alarm == 2
    assert both.alert.start - at("09:30:00") == timedelta()


def test_whether_delivery_is_suspended() -> None:
    """The newest suspension, rate or resume decides; otherwise it is unknown."""
    log = PumpDay().reading("09:00:00", 120)
    assert of(log).is_suspended is None
    assert of(log.resume("09:30:00").seen("09:31:00")).is_suspended is None
    assert of(log.basal("10:00:00", 0.8)).is_suspended is False
    assert of(log.alarm("10:02:00", 2)).is_suspended is True
    log.write("10:05:00", 28, alarmId=2)
    assert of(log.seen("10:14:00")).is_suspended is None
    assert of(log.resume("10:14:30")).is_suspended is False
    assert of(log.seen("10:16:00")).is_suspended is None
    assert of(log.basal("10:17:00", 0.8)).is_suspended is False
    assert of(log.suspend("10:20:00")).is_suspended is True
    assert of(log.resume("10:22:00")).is_suspended is False
    assert of(log.suspend("10:22:00")).is_suspended is True
    assert of(log.resume("10:23:00").seen("10:32:00")).is_suspended is False
    assert of(log.seen("10:33:00")).is_suspended is None
    log.basal("10:34:00", 0.8).write("10:39:00", 279)
    assert of(log).is_suspended is None


def meal_at_eight() -> PumpDay:
    """Return a log with a meal bolus."""
    log = PumpDay().rate_change("00:00:00", 1.0).ask("08:00:00", 7, 4.0, carbs=40)
    return log.start("08:00:15", 7, 4.0).end("08:02:11", 7, 4.0)


def times_of(log: PumpDay) -> tuple[str | None, str | None]:
    """Return when the last bolus and the last meal bolus started, if known."""
    known = of(log)
    return begun(known.bolus), begun(known.meal_bolus)


def begun(bolus: Bolus | None) -> str | None:
    """Return the start of a bolus."""
    return f"{bolus.start:%H:%M}" if bolus else None


def test_the_last_meal_is_not_known_behind_a_bolus_without_its_request() -> None:
    """The bolus without its request may have been for a meal; the next meal bolus is the last again."""
    log = meal_at_eight()
    assert times_of(log) == ("08:00", "08:00")
    log.start("10:00:15", 8, 2.0).end("10:01:00", 8, 2.0)
    assert times_of(log) == ("10:00", None)
    log.ask("11:00:00", 9, 1.0, option=3, kind=2).end("11:00:45", 9, 1.0)
    assert times_of(log) == ("11:00", None)
    log.ask("12:00:00", 10, 1.0, carbs=10).end("12:00:45", 10, 1.0)
    assert times_of(log) == ("12:00", "12:00")


def test_the_last_bolus_is_not_known_behind_a_loss_of_the_log() -> None:
    """The lost part may contain a bolus, so it is unknown until a newer one."""
    log = meal_at_eight().write("09:00:00", 60, block=1).seen("13:00:00")
    assert times_of(log) == (None, None)
    log.ask("14:00:00", 8, 1.0).end("14:00:45", 8, 1.0)
    assert times_of(log) == ("14:00", None)


@given(
    lost=st.tuples(st.integers(1, 60), st.integers(1, 60)).map(sorted),
    given_at=st.integers(0, 60),
)
def test_the_last_bolus_is_not_known_behind_a_hole_in_the_log(
    lost: list[int], given_at: int
) -> None:
    """With more than half an hour missing, the hole may contain a bolus."""
    log = PumpDay().ask("00:00:00", 7, 4.0, carbs=40).start("00:00:15", 7, 4.0)
    log.end("00:02:11", 7, 4.0)
    for beat in range(61):
        time = f"{beat // 12:02}:{beat % 12 * 5:02}"
        log.basal(f"{time}:20", 0.8)
        if beat == given_at:
            log.ask(f"{time}:30", 8, 1.0, carbs=10).start(f"{time}:45", 8, 1.0)
            log.end(f"{time}:59", 8, 1.0)
    whole = derive_state([log.history()])
    assert whole.bolus is not None
    assert (whole.bolus.bolus_id, whole.meal_bolus) == (8, whole.bolus)
    first, last = (at(f"{beat // 12:02}:{beat % 12 * 5:02}") for beat in lost)
    held = [
        raw
        for raw in log.raws
        if not first <= at(raw["pumpDateTime"][11:]) < last
        or raw["pumpDateTime"] <= f"{log.day}T00:02:11"
    ]
    known = derive_state([history(held)])
    if last - first > timedelta(minutes=30):
        shown = {one.bolus_id for one in (known.bolus, known.meal_bolus) if one}
        assert shown <= {8}
    if given_at >= lost[1]:
        assert known.bolus == whole.bolus


def test_the_end_of_the_last_bolus_that_cannot_be_read() -> None:
    """The unreadable end belongs to this bolus; a later one belongs to another."""
    log = PumpDay().ask("08:00:00", 7, 4.0, carbs=40).start("08:00:15", 7, 4.0)
    log.write("08:02:11", 20).summary("08:02:11", 7, 4.0, delivered=4.0)
    assert times_of(log) == ("08:00", "08:00")
    assert times_of(log.write("09:00:00", 20)) == (None, "08:00")


def test_the_last_bolus_is_not_known_by_a_wrong_clock() -> None:
    """The newest boluses lie in the future, so an older one would be shown hours too late."""
    log = meal_at_eight().ask("12:00:00", 8, 1.0, carbs=9).end("12:00:45", 8, 1.0)
    for upload, expected in (("12:05:00", "12:00"), ("09:05:00", None)):
        known = derive_state([log.history(last_upload=at(upload))])
        assert (begun(known.bolus), begun(known.meal_bolus)) == (expected, expected)


def test_the_last_bolus_is_not_known_beside_a_pump_whose_clock_was_wrong() -> None:
    """It may have delivered one at an unknown time, unless it was removed before."""
    wrong = PumpDay().ask("11:00:00", 3, 2.0, carbs=20).end("11:00:45", 3, 2.0)
    other = wrong.history(last_upload=at("08:01:00"))
    for time, expected in (("07:50", None), ("08:30", "08:30")):
        log = PumpDay().ask(f"{time}:00", 7, 4.0, carbs=40).end(f"{time}:45", 7, 4.0)
        known = derive_state([log.history(last_upload=at("12:05:00")), other])
        assert (begun(known.bolus), begun(known.meal_bolus)) == (expected, expected)


def test_insulin_on_board_behind_boluses_that_cannot_be_read() -> None:
    """It is unknown until the pump logs it again."""
    for code in (20, 21, 60):
        log = meal_at_eight().write("13:30:00", 16, bg=120, iob=0.4)
        assert of(log).insulin_on_board is not None
        assert of(log.write("13:40:00", code)).insulin_on_board is None
        log.write("13:50:00", 16, bg=120, iob=2.4)
        said = of(log).insulin_on_board
        assert said is not None
        assert said.insulin == 2.4
