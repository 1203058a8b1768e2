"""A pump's days on which everything happens that it can log."""

from datetime import timedelta

from demo.pump import Ending, Mode, SimulatedPump

ALARMS = (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 15, 16, 20, 21, 25, 26, 29, 30, 31, 99)
ALERTS = (0, 1, 2, 11, 12, 13, 17, 26, 39, 44, 50, 52, 54, 250)
CGM_ALERTS = (1, 2, 3, 7, 8, 11, 12, 13, 14, 20, 22, 25, 26, 27, 31, 39, 40, 45, 46, 48)


def everything(pump: SimulatedPump) -> set[int]:
    """Run a quiet pump for three days; return the numbers of events that are never uploaded."""
    _boluses(pump)
    _interrupted_boluses(pump)
    _extended_boluses(pump)
    lost = _suspensions(pump)
    _over_midnight(pump)
    _alarms(pump)
    _fills(pump)
    _modes(pump)
    _readings(pump)
    _rates(pump)
    lost |= _end_never_logged(pump)
    _rate_changes_alone(pump)
    _left_open(pump)
    return lost


def _boluses(pump: SimulatedPump) -> None:
    for by in ("pump", "phone", "quick", "algorithm"):
        pump.give_bolus(1.35, by=by)
        pump.run_for(minutes=6)
    pump.enter_glucose(143, by_hand=False)
    pump.give_bolus(4.27, 38, correction=0.5, glucose=143)
    pump.run_for(minutes=10)
    pump.enter_glucose(201)
    pump.give_bolus(3.1, 20, glucose=201, by="phone", override=True)
    pump.run_for(minutes=10)
    pump.give_bolus(2.0, 15, glucose=97, declined_correction=True)
    pump.run_for(minutes=10)
    pump.give_bolus(0.001, 12)
    pump.run_for(minutes=10)


def _interrupted_boluses(pump: SimulatedPump) -> None:
    for ending in Ending:
        if ending is not Ending.COMPLETED:
            pump.give_bolus(6.0, 50)
            pump.run_for(seconds=75)
            pump.stop_bolus(ending)
            pump.run_for(minutes=5)
    pump.give_bolus(2.5, rejected=True)
    pump.run_for(minutes=5)
    pump.give_bolus(2.5, 30, rejected=True)
    pump.run_for(minutes=20)
    pump.give_bolus(2.5, 10)
    pump.run_for(seconds=5)
    pump.stop_bolus()
    pump.run_for(minutes=2)
    pump.give_bolus(2.5, 10, again=True)
    pump.run_for(minutes=5)


def _extended_boluses(pump: SimulatedPump) -> None:
    for now_percent, minutes in ((60, 30), (0, 45)):
        pump.give_bolus(
            5.0, 40, extended_minutes=minutes, now_percent=now_percent, by="phone"
        )
        pump.run_for(minutes=minutes + 10)
    for minutes_until_stopped in (0.5, 20):
        pump.give_bolus(4.0, 33, extended_minutes=60, now_percent=50)
        pump.run_for(minutes=minutes_until_stopped)
        pump.stop_bolus()
        pump.run_for(minutes=5)
    pump.give_bolus(4.0, extended_minutes=90, now_percent=50)
    pump.run_for(minutes=10)
    pump.give_bolus(1.0, 9)
    pump.run_for(minutes=10)
    pump.suspend(6)
    pump.run_for(minutes=10)
    pump.resume()


def _suspensions(pump: SimulatedPump) -> set[int]:
    """Suspend for each reason; return the number of a rate of 0 that only event 11 reports."""
    for reason in (0, 1, 2, 6):
        pump.give_bolus(3.0)
        pump.run_for(seconds=50)
        pump.suspend(reason)
        pump.run_for(minutes=17, seconds=reason)
        pump.resume()
        pump.run_for(minutes=7)
    pump.suspend()
    pump.resume()
    pump.run_for(minutes=3)
    pump.suspend()
    lost = _numbers(pump, 279, among=4)
    pump.run_for(minutes=9)
    pump.resume()
    pump.run_for(minutes=5)
    return lost


def _numbers(pump: SimulatedPump, code: int, *, among: int) -> set[int]:
    """Return the numbers of events of a code among the newest."""
    newest = pump.events[-among:]
    return {event["sequenceNumber"] for event in newest if event["eventCode"] == code}


def _over_midnight(pump: SimulatedPump) -> None:
    """Give a bolus, an extended one, and be suspended while a day ends."""
    minutes_left = 1440 - pump.clock.minute_of_day()
    pump.run_for(minutes=minutes_left - 20)
    pump.give_bolus(3.0, 21, extended_minutes=40, now_percent=50)
    pump.run_for(minutes=18, seconds=40)
    pump.give_bolus(4.4, 44)
    pump.run_for(minutes=41)
    pump.give_bolus(0.8)
    pump.run_for(minutes=1380 - pump.clock.minute_of_day() % 1440)
    pump.suspend()
    pump.run_for(minutes=85)
    pump.resume()
    pump.run_for(minutes=5)


def _alarms(pump: SimulatedPump) -> None:
    for alarm in ALARMS:
        pump.provoke_alarm(alarm)
        pump.run_for(seconds=70)
        if alarm % 2:
            pump.clear_alarm(alarm)
        pump.resume()
        pump.run_for(seconds=70)
    pump.suspend()
    for reminder in (18, 23, 18):
        pump.run_for(minutes=15)
        pump.alarms.raise_alarm(reminder)
    pump.resume()
    pump.provoke_malfunction()
    pump.run_for(minutes=3)
    pump.resume()
    for alert in ALERTS:
        pump.provoke_alert(alert)
        pump.run_for(seconds=40)
        pump.clear_alert(alert)
    for alert in CGM_ALERTS:
        pump.provoke_cgm_alert(alert)
        pump.run_for(seconds=40)
        pump.clear_cgm_alert(alert)


def _fills(pump: SimulatedPump) -> None:
    pump.change_site(212.0, tubing=13.6)
    pump.run_for(minutes=10)
    pump.reservoir.fill_cartridge(180.0)
    pump.run_for(minutes=10)
    pump.reservoir.fill_tubing(11.2, recorded=False)
    pump.run_for(minutes=5)
    pump.log_event(61, primeSize=0.1, completionStatus=0, infusionSetType=0)
    pump.run_for(minutes=5)
    pump.reservoir.fill_cannula()
    pump.run_for(minutes=5)


def _modes(pump: SimulatedPump) -> None:
    for mode, minutes in (
        (Mode.SLEEP, None),
        (Mode.EXERCISE, None),
        (Mode.EXERCISE, 30),
        (Mode.EATING_SOON, 20),
    ):
        pump.start_mode(mode, minutes)
        pump.run_for(minutes=25)
        pump.stop_mode()
        pump.run_for(minutes=7)
    pump.modes.start(Mode.SLEEP, by_schedule=True)
    pump.run_for(minutes=9)
    pump.start_mode(Mode.EXERCISE)
    pump.run_for(minutes=9)
    pump.stop_mode()


def _readings(pump: SimulatedPump) -> None:
    pump.sensor.session.join()
    for value, status in ((120, 0), (33, 0), (450, 0), (900, 1), (7, 2), (100, 6)):
        pump.read_glucose(value, status=status, rate=-13)
        pump.run_for(minutes=5)
    for seconds in (630, 470, 340):
        pump.read_glucose(88, ago=timedelta(seconds=seconds))
    pump.read_glucose(88, ago=timedelta(seconds=340))
    pump.sensor.session.end()
    pump.run_for(minutes=50)
    pump.sensor.session.begin()
    pump.run_for(minutes=40)


def _rates(pump: SimulatedPump) -> None:
    pump.set_temp_rate(70, 30)
    pump.run_for(minutes=40)
    pump.activate_profile(2)
    pump.run_for(minutes=20)


def _rate_changes_alone(pump: SimulatedPump) -> None:
    """Live through a pump day without a delivery event, as old software does."""
    minutes_left = 1440 - pump.clock.minute_of_day()
    pump.run_for(minutes=minutes_left - 3)
    pump.basal.logs_deliveries = False
    pump.run_for(minutes=5)
    pump.set_temp_rate(150, 60)
    pump.run_for(hours=7)
    pump.suspend()
    pump.run_for(minutes=20)
    pump.resume()
    minutes_left = 1440 - pump.clock.minute_of_day()
    pump.run_for(minutes=minutes_left + 3)
    pump.basal.logs_deliveries = True


def _end_never_logged(pump: SimulatedPump) -> set[int]:
    """Give a bolus and return the numbers of the events about its end."""
    pump.give_bolus(0.5)
    pump.run_for(minutes=20)
    return _numbers(pump, 20, among=8)


def _left_open(pump: SimulatedPump) -> None:
    """Start actions that will not have ended."""
    pump.reservoir.fill_cartridge(150.0)
    pump.run_for(hours=8)
    pump.start_mode(Mode.SLEEP)
    pump.give_bolus(6.0, 55, extended_minutes=120, now_percent=50)
    pump.run_for(minutes=34)
