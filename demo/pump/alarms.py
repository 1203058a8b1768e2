"""Raise and clear alarms, malfunctions, alerts and CGM alerts of the simulated pump."""

from .event_log import EventLog
from .sensor_families import Family
from .wire import float32

STOPS_DELIVERY = {
    1,
    2,
    3,
    5,
    6,
    7,
    8,
    9,
    10,
    12,
    15,
    16,
    18,
    20,
    21,
    25,
    26,
    29,
    30,
    31,
    32,
    33,
    34,
    35,
    36,
    37,
}
LOCATOR = 8228


class Alarms:
    """What is raised at the moment, and the events of raising and clearing it."""

    def __init__(self, log: EventLog) -> None:
        """Begin with nothing raised."""
        self._log = log
        self.alarms: list[int] = []
        self.alerts: list[int] = []

    def raise_alarm(self, alarm: int, *, param1: int = 0, param2: float = 0) -> None:
        """Log an alarm (5)."""
        self.alarms.append(alarm)
        self._log.write(
            5,
            alarmId=alarm,
            faultLocatorData=LOCATOR + alarm,
            param1=param1,
            param2=float32(param2) if param2 else 0,
        )

    def clear_alarm(self, alarm: int) -> None:
        """Log that an alarm is over (28)."""
        if alarm in self.alarms:
            self.alarms.remove(alarm)
        self._log.write(28, alarmId=alarm)

    def forget_alarms(self) -> None:
        """Let every alarm be over without a word, as pumps do."""
        self.alarms.clear()

    def malfunction(self, number: int) -> None:
        """Log a malfunction (6); nothing ever says it is over."""
        self._log.write(
            6, malfId=number, faultLocatorData=LOCATOR + number, param1=4, param2=0
        )

    def raise_alert(self, alert: int, *, param1: int = 0, param2: float = 0) -> None:
        """Log an alert (4)."""
        self.alerts.append(alert)
        self._log.write(
            4,
            alertId=alert,
            faultLocatorData=LOCATOR + alert,
            param1=param1,
            param2=float32(param2) if param2 else 0,
        )

    def clear_alert(self, alert: int) -> None:
        """Log that an alert is over (26)."""
        if alert in self.alerts:
            self.alerts.remove(alert)
        self._log.write(26, alertId=alert, faultLocatorData=LOCATOR + alert)


class CgmAlerts:
    """Alerts about glucose and sensor, in the codes of the sensor's family."""

    def __init__(self, log: EventLog, family: Family) -> None:
        """Begin with nothing raised."""
        self._log = log
        self._family = family
        self.raised: list[int] = []

    def raise_alert(self, alert: int, *, param1: int = 0, param2: float = 0) -> None:
        """Log a CGM alert; param1 is often the glucose, param2 the limit."""
        if alert in self.raised:
            return
        self.raised.append(alert)
        details = {"faultLocatorData": 8465 + alert, "param1": param1, "param2": param2}
        self._log.write(self._family.alert, **self._who(alert), **details)

    def acknowledge(self, alert: int, *, by_person: bool = True) -> None:
        """Log that a CGM alert was seen, which only Dexcom sensors do."""
        if alert in self.raised and self._family.alert_acknowledged is not None:
            self._log.write(
                self._family.alert_acknowledged,
                **self._who(alert),
                ackSource=int(not by_person),
            )

    def clear(self, alert: int) -> None:
        """Log that a CGM alert is over, if it was raised."""
        if alert in self.raised:
            self.raised.remove(alert)
            self._log.write(self._family.alert_cleared, **self._who(alert))

    def _who(self, alert: int) -> dict[str, int]:
        if self._family.name == "g6":
            return {"dalertId": alert}
        return {"dalertId": alert, "sensorType": self._family.type, "spareA2": 0}
