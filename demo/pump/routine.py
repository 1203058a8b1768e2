"""Log events that a pump logs by itself: the new day, the battery, low insulin, the end of a sensor session."""

from random import Random

from .actions import Pump
from .wire import float32

HOUR = 3600
DAY = 24 * HOUR


class Routine:
    """Regular events of any pump, and the person's reaction to them."""

    def __init__(self, pump: Pump, chance: Random) -> None:
        """Make the first appointments."""
        self._pump = pump
        self._random = chance
        self._daily_entries()
        self._hourly()

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
        """Log the battery, watch insulin, battery and sensor session."""
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
        """Warn that the sensor expires, let it expire, and have a new one put on."""
        pump, session = self._pump, self._pump.sensor.session
        left = session.family.days * DAY - session.age_seconds
        if not session.in_use:
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
