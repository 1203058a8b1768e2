"""What befalls the simulated pump: alarms, alerts, lost sensors, empty batteries, odd entries."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .wire import float32

if TYPE_CHECKING:
    from .simulated import SimulatedPump

HOUR = 3600
DAY = 24 * HOUR


class Fortune:
    """Chances and dues of a pump worn day and night."""

    def __init__(self, pump: SimulatedPump) -> None:
        """Draw when everything will first happen."""
        self._pump = pump
        self._random = pump.chance("fortune")
        self._now_and_then(11 * HOUR, self._lose_sensor)
        self._now_and_then(9 * DAY, self._occlude)
        self._now_and_then(40 * DAY, self._reset)
        self._now_and_then(75 * DAY, self._malfunction)
        self._now_and_then(4 * DAY, self._lie_on_sensor)
        self._now_and_then(6 * DAY, self._alert)
        self._now_and_then(
            7 * HOUR,
            lambda: pump.log.write(8, state=3, detail=None, samples=[12, 7, 0]),
        )
        self._now_and_then(
            15 * HOUR, lambda: pump.log.write(27, rawValue="0x1F", note="")
        )
        self._daily_entries()
        self._hourly()

    def _now_and_then(self, mean: float, happen: Callable[[], object]) -> None:
        """Let something happen at random, so many seconds apart on average."""

        def again() -> None:
            happen()
            self._pump.timeline.after(self._random.expovariate(1 / mean) + 60, again)

        self._pump.timeline.after(self._random.expovariate(1 / mean) + 60, again)

    def _daily_entries(self) -> None:
        """Log the new day (90) and the daily status (313) by the pump's own clock."""
        pump = self._pump

        def new_day() -> None:
            if pump.logs_daily_basal:
                self._log_daily_basal()
            pump.log.write(
                90,
                commandedBasalRate=float32(pump.basal.rates.rate / 1000),
                featuresBitmask=3,
                featureBitmaskIndex=0,
            )
            pump.timeline.after(6, status)

        def status() -> None:
            pump.log.write(
                313,
                pumpControlState=int(pump.control.state),
                usermode=int(pump.modes.mode),
                sensorType=pump.sensor.family.type,
                weightUnit=0,
                weight=0,
                currentTdIpop=0,
            )

        pump.clock.daily(0, new_day)
        for segment in {
            segment.start
            for profile in pump.setup.profiles
            for segment in profile.segments
        }:
            pump.clock.daily(segment, pump.basal.follow_profile)

    def _log_daily_basal(self) -> None:
        """Log the day that ends (81) as the newer schema has it."""
        pump, now = self._pump, self._pump.timeline.now
        charge = pump.battery.settle()
        pump.log.write(
            81,
            dailyTotalBasal=float32(pump.basal.rates.units(now - DAY, now)),
            lastBasalRate=float32(pump.basal.rates.rate / 1000),
            iob=float32(pump.boluses.on_board()),
            finalEventForDay=1,
            batteryChargePercent=charge,
            batteryLipoMilliVolts=3400 + charge * 8,
        )

    def _hourly(self) -> None:
        """Tell the battery, watch insulin, battery and sensor session."""
        pump, chance = self._pump, self._random
        pump.timeline.after(HOUR + chance.randrange(-120, 120), self._hourly)
        pump.battery.report()
        if chance.random() < 0.25:
            pump.battery.report(34)
            pump.battery.report(35)
        charge = pump.battery.settle()
        self._alert_while(2, charge < 20, charge > 30)
        if charge < 20 and not pump.battery.charging:
            pump.timeline.after(chance.randrange(600, 5400), pump.battery.plug_in)
            pump.timeline.after(2 * HOUR, pump.battery.unplug)
        left = pump.reservoir.left
        self._alert_while(0, left < pump.setup.low_insulin, left > 50)
        self._alert_while(17, left < 5, left > 50)
        if left < 0.1 and not pump.basal.suspended:
            pump.provoke_alarm(8)
            pump.timeline.after(
                chance.randrange(900, 4000), lambda: pump.change_site(180.0)
            )
        self._watch_session()

    def _alert_while(self, alert: int, on: bool, off: bool) -> None:
        raised = alert in self._pump.alarms.alerts
        if on and not raised:
            self._pump.provoke_alert(alert)
        elif off and raised:
            self._pump.clear_alert(alert)

    def _watch_session(self) -> None:
        """Tell that the sensor expires, let it expire, and have a new one put on."""
        pump, session = self._pump, self._pump.sensor.session
        left = session.family.days * DAY - session.worn_for
        if not session.worn:
            return
        if left < 6 * HOUR:
            pump.cgm_alerts.raise_alert(12, param1=max(0, left // 60))
        if left < 0 and session.family.name == "g7":
            pump.cgm_alerts.raise_alert(31, param1=43170, param2=452)
        if left < (-10 * HOUR if session.family.name == "g7" else 0):
            pump.cgm_alerts.raise_alert(13)
            session.end()
            pump.timeline.after(self._random.randrange(600, 5400), self._new_sensor)

    def _new_sensor(self) -> None:
        self._pump.sensor.session.begin()
        for alert in (12, 13, 31):
            self._pump.cgm_alerts.clear(alert)

    def _lose_sensor(self) -> None:
        """Walk away from the sensor; most of what was missed comes back with it."""
        sensor, chance = self._pump.sensor, self._random
        sensor.heard = False

        def back() -> None:
            sensor.heard = True
            if chance.random() < 0.2:
                sensor.forget_missed()

        self._pump.timeline.after(chance.randrange(600, 6000), back)

    def _lie_on_sensor(self) -> None:
        """Sleep on the sensor, which then reads far too low, or let it read far too high."""
        loop = self._pump.loop
        loop.artefact = self._random.choice((-75.0, -90.0, 300.0))

        def right_itself() -> None:
            loop.artefact = 0.0

        self._pump.timeline.after(self._random.randrange(900, 2700), right_itself)

    def _occlude(self) -> None:
        """Raise an occlusion; some time later the person sees to it, not always clearing it in words."""
        pump, chance = self._pump, self._random
        if pump.basal.suspended:
            return
        alarm = chance.choice((2, 2, 2, 26))
        pump.provoke_alarm(alarm)
        wait = chance.randrange(120, 2400)
        if chance.random() < 0.7:
            pump.timeline.after(wait, lambda: pump.clear_alarm(alarm))
        pump.timeline.after(wait + 30, pump.resume)

    def _reset(self) -> None:
        """Restart the pump: an alarm that is never cleared in words."""
        self._pump.log.write(
            99, version=7080000, configABits=0, configBBits=0, numLogEntries=412_000
        )
        self._pump.provoke_alarm(3)
        self._pump.timeline.after(self._random.randrange(300, 1500), self._pump.resume)

    def _malfunction(self) -> None:
        """Fail for good, or until support has talked the person through it."""
        self._pump.provoke_malfunction(self._random.choice((3, 9, 12, 24)))
        self._pump.timeline.after(
            self._random.randrange(HOUR, 4 * HOUR), self._pump.resume
        )

    def _alert(self) -> None:
        """Raise some other alert for a while."""
        alert = self._random.choice((26, 39, 44, 50, 52, 54))
        self._pump.provoke_alert(alert)
        self._pump.timeline.after(
            self._random.randrange(300, 7200), lambda: self._pump.clear_alert(alert)
        )
