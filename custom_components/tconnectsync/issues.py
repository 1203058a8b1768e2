"""Repairs for problems that only the user can solve; they are raised and cleared automatically."""

from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.loader import async_get_loaded_integration
from homeassistant.util import dt as dt_util

from .const import CONF_LIVE_GLUCOSE, DOMAIN
from .forward.forwarder import Forwarder
from .nightscout.errors import NightscoutForbidden, NightscoutRefused
from .nightscout.needed_rights import with_role
from .pinned_pump import pinned_serial_number
from .read.pump_data import PumpData
from .storage.account_store import AccountStore
from .tandem import NoPump, Pump, Pumper, SeveralPersons, TandemChanged, choose_pump
from .therapy.unreadable import codes_since

SILENT_AFTER = timedelta(hours=24)
RECORDER_FAILURES = 2
"""Failures in a row; a single one can pass by itself."""
UNREADABLE_FOR = timedelta(days=7)
"""As long as unreadable events are missing in the figures over a week."""


class Issue(StrEnum):
    """The repairs; their texts have these keys."""

    CLOCK_MISMATCH = "clock_mismatch"
    INSULIN_UNREADABLE = "insulin_unreadable"
    LIVE_GLUCOSE_GONE = "live_glucose_gone"
    NIGHTSCOUT_FORBIDDEN = "nightscout_forbidden"
    NIGHTSCOUT_REFUSED = "nightscout_refused"
    NO_OWN_PUMP = "no_own_pump"
    PINNED_PUMP_SILENT = "pinned_pump_silent"
    PUMP_REPLACED = "pump_replaced"
    PUMP_SILENT = "pump_silent"
    RECORDER_FAILED = "recorder_failed"
    SEVERAL_PERSONS = "several_persons"
    TANDEM_CHANGED = "tandem_changed"


FIXED_IN_A_FLOW = {
    Issue.CLOCK_MISMATCH,
    Issue.PINNED_PUMP_SILENT,
    Issue.PUMP_REPLACED,
}
LEARN_MORE = {Issue.INSULIN_UNREADABLE, Issue.NO_OWN_PUMP, Issue.TANDEM_CHANGED}
WARNINGS = {Issue.LIVE_GLUCOSE_GONE, Issue.PUMP_REPLACED, Issue.PUMP_SILENT}


def issue_id(entry_id: str, issue: Issue) -> str:
    """Return the id of an account's issue, which identifies nobody."""
    return f"{issue}_{entry_id}"


@callback
def async_raise_issue(
    hass: HomeAssistant, entry: ConfigEntry, issue: Issue, **placeholders: str
) -> None:
    """Raise a repair, or update the one that is there.

    None is persistent: Home Assistant would add its stored data to the diagnostics of every account.
    """
    integration = async_get_loaded_integration(hass, DOMAIN)
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(entry.entry_id, issue),
        data={"entry_id": entry.entry_id},
        is_fixable=issue in FIXED_IN_A_FLOW,
        is_persistent=False,
        learn_more_url=integration.issue_tracker if issue in LEARN_MORE else None,
        severity=ir.IssueSeverity.WARNING
        if issue in WARNINGS
        else ir.IssueSeverity.ERROR,
        translation_key=issue,
        translation_placeholders={"account": entry.title, **placeholders},
    )


@callback
def async_clear_issue(hass: HomeAssistant, entry_id: str, issue: Issue) -> None:
    """Clear a repair that no longer applies."""
    ir.async_delete_issue(hass, DOMAIN, issue_id(entry_id, issue))


@callback
def async_clear_issues(hass: HomeAssistant, entry_id: str) -> None:
    """Clear every repair of an account."""
    for issue in Issue:
        async_clear_issue(hass, entry_id, issue)


@callback
def async_clear_unless_ignored(hass: HomeAssistant, entry_id: str) -> None:
    """Clear the repairs of an account that is no longer loaded.

    A repair that the user ignores is not shown, and stays ignored until it is checked again.
    """
    for issue in Issue:
        raised = ir.async_get(hass).async_get_issue(DOMAIN, issue_id(entry_id, issue))
        if raised and raised.dismissed_version is None:
            async_clear_issue(hass, entry_id, issue)


class Issues:
    """Raises and clears the repairs of one account, as data arrives and time passes."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        store: AccountStore,
        zone: ZoneInfo,
        forwarder: Forwarder | None,
    ) -> None:
        """Take the account, and the time zone of its pump's clock."""
        self._hass = hass
        self._entry = entry
        self._store = store
        self._used = store.state.pumps_used
        self._replacement = store.state.replacement
        self._zone = zone
        self._forwarder = forwarder
        self._pinned = pinned_serial_number(entry.options)

    @callback
    def judge(
        self, data: PumpData, *, error: BaseException | None, confirmed: bool
    ) -> None:
        """Raise the repairs that apply and clear the others, those about the pump only with confirmed data.

        `error` is that of the last poll, None if it succeeded.
        """
        cause = error.__cause__ if error else None
        self._update(
            Issue.TANDEM_CHANGED, isinstance(cause, TandemChanged), reason=str(cause)
        )
        self._update(Issue.NO_OWN_PUMP, isinstance(cause, NoPump))
        self._update(Issue.SEVERAL_PERSONS, isinstance(cause, SeveralPersons))
        self._judge_nightscout()
        self._judge_live_glucose()
        self._judge_reading(data)
        if confirmed:
            self._judge_silence(data, dt_util.utcnow())
            self._judge_clock(data)
        self._judge_replacement(data.pump if confirmed else None)

    @callback
    def judge_recorder(self, failures: int) -> None:
        """Raise the repair about the recorder after some failures in a row, or clear it."""
        self._update(Issue.RECORDER_FAILED, failures >= RECORDER_FAILURES)

    @callback
    def expect_newest(self, pumper: Pumper) -> None:
        """Raise no repair about the pump that takes over now: the user has just chosen it."""
        newest = choose_pump(pumper, None, dt_util.utcnow())
        if newest and self._used.add(newest.serial_number):
            self._save()

    @callback
    def replacement_seen(self) -> None:
        """Clear the repair about a pump that took over, for good."""
        self._replacement.model = None
        async_clear_issue(self._hass, self._entry.entry_id, Issue.PUMP_REPLACED)
        self._save()

    def _judge_nightscout(self) -> None:
        error = self._forwarder.status.error if self._forwarder else None
        self._update(Issue.NIGHTSCOUT_REFUSED, isinstance(error, NightscoutRefused))
        missing = error.missing if isinstance(error, NightscoutForbidden) else None
        self._update(
            Issue.NIGHTSCOUT_FORBIDDEN,
            missing is not None,
            reason=with_role(missing or ""),
        )

    def _judge_live_glucose(self) -> None:
        """Raise the repair if the sensor of live glucose was removed or disabled, once all sensors are set up."""
        sensor = self._entry.options.get(CONF_LIVE_GLUCOSE)
        if sensor is None or self._hass.state is CoreState.running:
            self._update(
                Issue.LIVE_GLUCOSE_GONE,
                sensor is not None and _is_gone(self._hass, sensor),
                sensor=sensor or "",
            )

    def _judge_reading(self, data: PumpData) -> None:
        """Raise the repair if recent events about insulin or glucose cannot be read, or clear it."""
        history = data.history
        newest = history.newest
        codes = (
            codes_since(history.unreadable, newest - UNREADABLE_FOR) if newest else ""
        )
        self._update(Issue.INSULIN_UNREADABLE, bool(codes), codes=codes)

    def _judge_silence(self, data: PumpData, now: datetime) -> None:
        """Raise a repair if the pump in use has long not uploaded, a different one if another pump has."""
        newest = choose_pump(data.pumper, None, now)
        silent = data.pump is None or _is_silent(data.pump, now)
        replaced = (
            self._pinned is not None
            and silent
            and newest is not None
            and newest.serial_number != self._pinned
            and not _is_silent(newest, now)
        )
        self._update(
            Issue.PINNED_PUMP_SILENT, replaced, model=newest.model if newest else ""
        )
        upload = data.pump.last_upload if data.pump else None
        self._update(
            Issue.PUMP_SILENT,
            upload is not None and silent and not replaced,
            last_upload=f"{dt_util.as_local(upload):%Y-%m-%d %H:%M}" if upload else "",
        )

    def _judge_clock(self, data: PumpData) -> None:
        """Raise the repair if the pump's clock does not show the time of its zone, or clear it."""
        history = data.history
        end, uploads = history.newest_logged, history.uploads
        if history.clock_off is None or end is None or not uploads:
            self._update(Issue.CLOCK_MISMATCH, False)
            return
        zone_time = uploads[-1].at.astimezone(self._zone)
        self._update(
            Issue.CLOCK_MISMATCH,
            True,
            time_zone=str(self._zone),
            pump_time=f"{end.pump_time:%Y-%m-%d %H:%M}",
            zone_time=f"{zone_time:%Y-%m-%d %H:%M}",
        )

    def _judge_replacement(self, pump: Pump | None) -> None:
        """Raise a repair if a pump takes over that was never in use, until the user has seen it."""
        raised = ir.async_get(self._hass).async_get_issue(
            DOMAIN, issue_id(self._entry.entry_id, Issue.PUMP_REPLACED)
        )
        if raised and raised.is_persistent:
            # Raised by an earlier version, which stored the issue itself.
            placeholders = raised.translation_placeholders or {}
            self._replacement.model = placeholders.get("model")
            self._save()
        if raised and raised.dismissed_version:
            self.replacement_seen()
        is_first = not self._used.serial_numbers
        if pump and self._used.add(pump.serial_number):
            if not is_first and self._pinned is None:
                self._replacement.model = pump.model
            self._save()
        model = self._replacement.model
        self._update(Issue.PUMP_REPLACED, model is not None, model=model or "")

    def _update(self, issue: Issue, applies: bool, **placeholders: str) -> None:
        if applies:
            async_raise_issue(self._hass, self._entry, issue, **placeholders)
        else:
            async_clear_issue(self._hass, self._entry.entry_id, issue)

    def _save(self) -> None:
        self._entry.async_create_task(
            self._hass,
            self._store.async_save_if_possible(),
            "note the pump in use",
        )


def _is_gone(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an entity no longer exists or is disabled; an unavailable one exists."""
    registered = er.async_get(hass).async_get(entity_id)
    is_registered = registered is not None and not registered.disabled
    return not is_registered and hass.states.get(entity_id) is None


def _is_silent(pump: Pump, now: datetime) -> bool:
    return pump.last_upload is None or now - pump.last_upload > SILENT_AFTER
