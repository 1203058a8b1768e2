"""The flows of repairs that can be fixed in Home Assistant."""

from abc import ABC, abstractmethod
from typing import Any, cast, override

import voluptuous as vol

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .const import AUTOMATIC_PUMP, CONF_PUMP, CONF_PUMP_TIME_ZONE, DOMAIN
from .flows.forms import async_zone_field
from .issues import Issue, issue_id
from .runtime import TconnectsyncConfigEntry

type IssueData = dict[str, str | int | float | None]


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: IssueData | None
) -> RepairsFlow:
    """Return the flow that fixes an issue."""
    entry_id = cast(str, (data or {})["entry_id"])
    issue = Issue(issue_id.removesuffix(f"_{entry_id}"))
    return FLOWS[issue](hass.config_entries.async_get_known_entry(entry_id))


class AccountFlow(RepairsFlow):
    """Fixes an issue of one account."""

    def __init__(self, entry: TconnectsyncConfigEntry) -> None:
        """Take the entry of the account."""
        self._entry = entry

    def abort_unless_loaded(self) -> RepairsFlowResult | None:
        """Return the end of the flow if the account is not loaded, since its data and its issue are gone."""
        if self._entry.state is ConfigEntryState.LOADED:
            return None
        return self.async_abort(reason="not_loaded")

    def change(self, options: dict[str, Any]) -> None:
        """Change options of the account and reload it."""
        entries = self.hass.config_entries
        entries.async_update_entry(self._entry, options=self._entry.options | options)
        entries.async_schedule_reload(self._entry.entry_id)


class ConfirmFlow(AccountFlow, ConfirmRepairFlow, ABC):
    """Fixes an issue once the user has confirmed it."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Fix the issue, unless the account is not loaded."""
        if end := self.abort_unless_loaded():
            return end
        if user_input is not None:
            self.fix()
        return await super().async_step_confirm(user_input)

    @abstractmethod
    def fix(self) -> None:
        """Fix the issue of the account, which is loaded."""


class FollowNewestFlow(ConfirmFlow):
    """Unpins the pump, so that the one with the newest data is in use."""

    @override
    def fix(self) -> None:
        """Unpin the pump."""
        runtime = self._entry.runtime_data
        runtime.issues.expect_newest(runtime.coordinator.data.pumper)
        self.change({CONF_PUMP: AUTOMATIC_PUMP})


class ReplacedFlow(ConfirmFlow):
    """Asks the user to confirm that another pump took over."""

    @override
    def fix(self) -> None:
        """Clear the issue for good."""
        self._entry.runtime_data.issues.replacement_seen()


class ClockFlow(AccountFlow):
    """Changes the time zone, or asks the user to set the pump's clock."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask whether the time zone or the clock is wrong."""
        if end := self.abort_unless_loaded():
            return end
        return self.async_show_menu(
            menu_options=["time_zone", "pump_clock"],
            description_placeholders=self._placeholders,
        )

    async def async_step_time_zone(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask for the time zone of the pump's clock."""
        if end := self.abort_unless_loaded():
            return end
        if user_input is not None:
            self.change(user_input)
            return self.async_create_entry(data={})
        field = await async_zone_field(self.hass)
        return self.async_show_form(
            step_id="time_zone",
            data_schema=vol.Schema({vol.Required(CONF_PUMP_TIME_ZONE): field}),
            description_placeholders=self._placeholders,
        )

    async def async_step_pump_clock(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Explain how to set the pump's clock; the issue is cleared once an upload shows the right time."""
        if end := self.abort_unless_loaded():
            return end
        return self.async_abort(
            reason="set_pump_clock", description_placeholders=self._placeholders
        )

    @property
    def _placeholders(self) -> dict[str, str]:
        """The placeholders of the issue's text."""
        issue = ir.async_get(self.hass).async_get_issue(
            DOMAIN, issue_id(self._entry.entry_id, Issue.CLOCK_MISMATCH)
        )
        return (issue and issue.translation_placeholders) or {}


FLOWS: dict[Issue, type[AccountFlow]] = {
    Issue.CLOCK_MISMATCH: ClockFlow,
    Issue.PINNED_PUMP_SILENT: FollowNewestFlow,
    Issue.PUMP_REPLACED: ReplacedFlow,
}
