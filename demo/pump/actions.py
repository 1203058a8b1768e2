"""Operate a simulated pump: bolus, suspend, change the site, set the clock, raise an alarm."""

from datetime import timedelta
from typing import Any

from .alarms import STOPS_DELIVERY
from .basal import Change
from .bolus_messages import Asker, Ending, Order
from .control_iq import Mode
from .modes import Control
from .parts import Parts
from .sensor import Reading
from .wire import RawEvent, float32

SUSPEND_ENDING = {
    0: Ending.USER,
    1: Ending.ALARM,
    2: Ending.MALFUNCTION,
    6: Ending.LOW_GLUCOSE,
}


class Pump(Parts):
    """Actions of a person at a pump and events that can be caused, at the instant it has reached."""

    def give_bolus(
        self,
        units: float,
        carbs: int = 0,
        *,
        correction: float = 0.0,
        glucose: int = 0,
        extended_minutes: int = 0,
        now_percent: int = 100,
        by: Asker = "pump",
        override: bool = False,
        declined_correction: bool = False,
        rejected: bool = False,
        again: bool = False,
    ) -> int | None:
        """Ask for a bolus and return its id, or None when the pump will not; it starts 15 seconds later.

        The meal of one that gave nothing may be told again; it is eaten once.
        """
        if extended_minutes and by not in ("pump", "phone"):
            raise ValueError("Only a bolus from the pump or the phone can be extended")
        total = round(units * 1000)
        at_once = round(total * now_percent / 100) if extended_minutes else total
        segment = self.setup.active.segment(self.clock.minute_of_day())
        order = Order(
            now=at_once,
            later=total - at_once,
            minutes=extended_minutes,
            carbs=carbs,
            correction=round(correction * 1000),
            glucose=glucose,
            by=by,
            override=override,
            declined_correction=declined_correction,
            carb_ratio=segment.carb_ratio,
            correction_factor=segment.correction_factor,
            target=segment.target,
        )
        return self.boluses.request(order, rejected=rejected, again=again)

    def stop_bolus(self, ending: Ending = Ending.USER) -> None:
        """Cut every bolus under way short."""
        self.boluses.stop(ending)

    def suspend(self, reason: int = 0) -> None:
        """Stop all delivery: 0 by the person, 1 alarm, 2 malfunction, 6 low glucose ahead."""
        if self.basal.suspended:
            return
        self.boluses.stop(SUSPEND_ENDING[reason])
        self.basal.suspended = True
        self._log_suspension(reason)
        self.basal.command(Change.SUSPENDED)
        self.settle_control()

    def _log_suspension(self, reason: int) -> None:
        self.log.write(
            11,
            preSuspendState=33280,
            insulinAmount=self.reservoir.shown,
            suspendReason=reason,
            rpaTimeout=15 if reason == 0 else 0,
        )

    def resume(self) -> None:
        """Deliver again; alarms raised are over with that."""
        if self.log.off or not self.basal.suspended:
            return
        self.basal.suspended = False
        self.alarms.forget_alarms()
        self.log.write(12, preResumeState=33280, insulinAmount=self.reservoir.shown)
        self.basal.command(Change.RESUMED)
        self.settle_control()

    def shut_down(self, by: int | None = 3) -> None:
        """Switch off, logged by 3 or 53, or not at all when the battery ran out."""
        self.boluses.stop(Ending.ALARM)
        if by is not None:
            self.log.write(by, commandedBasalRate=0, changeType=[int(Change.SHUT_DOWN)])
        self.basal.suspended = self.log.off = True
        self.basal.command()

    def switch_on(self) -> None:
        """Switch on; delivery has to be resumed, as after any reset."""
        self.log.off = False
        self.log.write(99, version=1, configABits=0, configBBits=0, numLogEntries=1)
        self.alarms.raise_alarm(3)
        self._log_suspension(1)

    def provoke_alarm(self, alarm: int = 2) -> None:
        """Raise an alarm; most stop delivery."""
        self.alarms.raise_alarm(alarm, param1=103, param2=9.475377)
        if alarm in STOPS_DELIVERY:
            self.suspend(1)

    def clear_alarm(self, alarm: int = 2) -> None:
        """Log that an alarm is over; delivery stays stopped until resumed."""
        self.alarms.clear_alarm(alarm)

    def provoke_malfunction(self, number: int = 9) -> None:
        """Raise a malfunction, which stops delivery and never clears."""
        self.alarms.malfunction(number)
        self.suspend(2)

    def provoke_alert(self, alert: int = 0) -> None:
        """Raise an alert."""
        self.alarms.raise_alert(alert)

    def clear_alert(self, alert: int = 0) -> None:
        """Log that an alert is over."""
        self.alarms.clear_alert(alert)

    def provoke_cgm_alert(self, alert: int = 2) -> None:
        """Raise a CGM alert."""
        self.cgm_alerts.raise_alert(alert)

    def clear_cgm_alert(self, alert: int = 2) -> None:
        """Log that a CGM alert is over."""
        self.cgm_alerts.clear(alert)

    def move_clock(self, delta: timedelta) -> None:
        """Set the pump's clock forward or back."""
        self.clock.move(int(delta.total_seconds()))

    def follow_daylight_saving(self, lateness: timedelta = timedelta()) -> None:
        """Have the person set the clock at every change of the zone, late or (negative) early."""
        self.clock.follow_daylight_saving(lateness)

    def set_temp_rate(self, percent: int, minutes: int) -> None:
        """Set a temporary rate, in percent of the profile's."""
        self.basal.temp_percent = percent
        self.basal.command(Change.TEMP_START)
        self.timeline.after(minutes * 60, lambda: self.end_temp_rate(percent))

    def end_temp_rate(self, percent: int | None = None) -> None:
        """End the temporary rate, if one (of this percentage) is in force."""
        if self.basal.temp_percent is not None and percent in (
            None,
            self.basal.temp_percent,
        ):
            self.basal.temp_percent = None
            self.basal.command(Change.TEMP_END)

    def activate_profile(self, idp: int) -> None:
        """Make another profile the active one; 69 and 57 spell its name."""
        if idp == self.setup.active_idp:
            return
        before, self.setup.active_idp = self.setup.active_idp, idp
        letters = [
            ord(letter) for letter in self.setup.active.name.ljust(16, "\0")[:16]
        ]
        first = {f"name{place}": letter for place, letter in enumerate(letters[:8])}
        second = {f"name{place}": letter for place, letter in enumerate(letters[8:], 8)}
        self.log.write(69, idp=idp, status=3, sourceIdp=before, **first)
        self.log.write(57, idp=idp, **second)
        self.basal.command(Change.PROFILE)

    def start_mode(self, mode: Mode, minutes: int | None = None) -> None:
        """Start sleep, exercise or eating soon, for some minutes or until stopped."""
        self.modes.start(mode, minutes=minutes)

    def stop_mode(self) -> None:
        """Return to normal activity."""
        self.modes.stop()

    def change_site(
        self, units: float = 200.0, *, tubing: float = 14.5, recorded: bool = True
    ) -> None:
        """Suspend, put in a cartridge, prime tubing and cannula and resume, over the next four minutes."""
        self.suspend()
        self.timeline.after(40, lambda: self.reservoir.fill_cartridge(units))
        self.timeline.after(
            150, lambda: self.reservoir.fill_tubing(tubing, recorded=recorded)
        )
        self.timeline.after(210, self.reservoir.fill_cannula)
        self.timeline.after(230, self.resume)

    def enter_glucose(self, glucose: int, *, by_hand: bool = True) -> None:
        """Log a glucose entry (16), typed in or taken over from the sensor."""
        segment = self.setup.active.segment(self.clock.minute_of_day())
        self.log.write(
            16,
            bg=glucose,
            cgmCalibration=0,
            bgEntryType=int(not by_hand),
            iob=float32(self.boluses.on_board()),
            targetBg=segment.target,
            isf=segment.correction_factor,
            selectedIob=1,
            bgSourceType=0,
        )

    def read_glucose(
        self,
        value: int,
        *,
        status: int = 0,
        rate: int = 0,
        ago: timedelta = timedelta(),
    ) -> None:
        """Log a reading exactly as given: raw value, status, rate in tenths; one from `ago` is back-filled."""
        late = int(ago.total_seconds())
        reading = Reading(second=self.timeline.now - late, value=value, rate=rate)
        properties = self.sensor.reading_properties(
            reading, value, status, None, int(late > 0)
        )
        self.log.write(self.sensor.family.reading, **properties)

    def settle_control(self) -> None:
        """Let control follow suspension, sensor and settings."""
        preferred = self.setup.closed_loop and self.algorithm != "Basal-IQ"
        reading = self.sensor.last
        cgm = reading is not None and self.timeline.now - reading.second < 1200
        if self.basal.suspended:
            state = Control.NONE
        elif not preferred:
            state = Control.OPEN_LOOP
        else:
            state = Control.CLOSED_LOOP if cgm else Control.WAITING
        self.control.change(
            state, suspended=self.basal.suspended, cgm=cgm, preferred=preferred
        )

    def log_event(self, code: int, **properties: Any) -> RawEvent:
        """Log any event at all."""
        return self.log.write(code, **properties)

    def restart_sequence(self) -> None:
        """Begin a new sequence group, its numbers from one."""
        self.log.restart()
