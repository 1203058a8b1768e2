"""Tools for Assist's language models. Every answer says how old its data is; none recommends a dose."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final, override

import voluptuous as vol

from homeassistant.components.llm import LLMTools
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import llm
from homeassistant.util import dt as dt_util

from .assist.exposed_accounts import ExposedAccount, async_exposed_accounts
from .assist.figures_answer import PERIODS, TODAY, async_figures_answer
from .assist.history_answer import (
    EVENT_KINDS,
    LONGEST_SPAN,
    async_history_answer,
    kinds_of,
    require_span,
)
from .assist.prompt import PROMPT, RULES
from .assist.state_answer import async_state_answer
from .const import DOMAIN
from .date_validators import point_in_time
from .queries.record_json import Json
from .tandem import TandemError
from .user_permission import async_require_read_in

ATTR_ACCOUNT: Final = "account"
ATTR_END: Final = "end"
ATTR_KINDS: Final = "kinds"
ATTR_PERIOD: Final = "period"
ATTR_START: Final = "start"


class PumpTool(llm.Tool):
    """A tool that answers questions about one account, to users who may read it."""

    integration = DOMAIN
    purpose: ClassVar[str]
    arguments: ClassVar[Mapping[Any, Any]] = {}

    def __init__(self, accounts: Mapping[str, ExposedAccount]) -> None:
        """Take the accounts by name; the name of the only one is optional in a question."""
        names = list(accounts)
        self.description = f"{self.purpose} {RULES}"
        self.parameters = vol.Schema(
            {
                (
                    vol.Required(ATTR_ACCOUNT)
                    if len(names) > 1
                    else vol.Optional(ATTR_ACCOUNT, default=names[0])
                ): vol.In(names),
                **self.arguments,
            }
        )
        if annotations := getattr(llm, "ToolAnnotations", None):
            self.annotations = annotations(
                read_only=True, destructive=False, idempotent=True, open_world=False
            )

    @override
    async def async_call(
        self,
        hass: HomeAssistant,
        tool_input: llm.ToolInput,
        llm_context: llm.LLMContext,
    ) -> Any:
        """Answer about an account from the entities that are exposed now."""
        arguments = self.parameters(tool_input.tool_args)
        accounts = async_exposed_accounts(hass, llm_context.assistant)
        account = accounts.get(arguments[ATTR_ACCOUNT])
        if account is None:
            return _result(
                {"error": "nothing of this account is known now"}, error=True
            )
        try:
            await async_require_read_in(
                hass, llm_context.context or Context(), account.entry.entry_id
            )
            return _result(await self.async_answer(hass, account, arguments))
        except Unauthorized:
            return _result({"error": "this user may not read this account"}, error=True)
        except TandemError as error:
            reason = {"error": f"days that are not kept could not be read: {error}"}
            return _result(reason, error=True)
        except vol.Invalid as error:
            return _result({"error": str(error)}, error=True)

    @abstractmethod
    async def async_answer(
        self, hass: HomeAssistant, account: ExposedAccount, arguments: Mapping[str, Any]
    ) -> Json:
        """Return the answer; raise vol.Invalid or any of the errors of tandem.errors."""


class StateTool(PumpTool):
    """A tool that returns the current state of a pump."""

    name = f"{DOMAIN}__get_state"
    title = "Get the state of an insulin pump"
    purpose = (
        "Returns what is known of a person's insulin pump and glucose sensor: glucose and its trend, insulin on "
        "board, the last bolus, the basal rate, whether delivery is suspended, alarms, Control-IQ, "
        "insulin left, battery, site and sensor."
    )

    @override
    async def async_answer(
        self, hass: HomeAssistant, account: ExposedAccount, arguments: Mapping[str, Any]
    ) -> Json:
        """Return the states of the exposed entities."""
        return async_state_answer(hass, account)


class HistoryTool(PumpTool):
    """A tool that returns past events of a pump."""

    name = f"{DOMAIN}__get_history"
    title = "Get what happened at an insulin pump"
    purpose = (
        "Returns what happened at a person's insulin pump between two times, at most "
        f"{LONGEST_SPAN.days} days: boluses, alarms, alerts, suspensions, site and cartridge changes, glucose."
    )
    arguments: ClassVar = {
        vol.Required(
            ATTR_START, description="ISO 8601, by Home Assistant's clock without a zone"
        ): str,
        vol.Optional(ATTR_END, description="ISO 8601; now if left out"): str,
        vol.Optional(ATTR_KINDS, description="all if left out"): [
            vol.In(list(EVENT_KINDS))
        ],
    }

    @override
    async def async_answer(
        self, hass: HomeAssistant, account: ExposedAccount, arguments: Mapping[str, Any]
    ) -> Json:
        """Return the events of the exposed kinds."""
        now = dt_util.utcnow()
        start, until = _instant(arguments[ATTR_START]), arguments.get(ATTR_END)
        end = min(_instant(until), now) if until else now
        require_span(start, end)
        kinds = arguments.get(ATTR_KINDS) or kinds_of(account)
        return await async_history_answer(account, kinds, start, end)


class FiguresTool(PumpTool):
    """A tool that returns figures of some days of a pump."""

    name = f"{DOMAIN}__get_figures"
    title = "Get figures of an insulin pump"
    purpose = (
        "Returns what some days of a person with an insulin pump come to: time in range, average glucose, "
        "insulin, carbs and boluses."
    )
    arguments: ClassVar = {
        vol.Optional(ATTR_PERIOD, default=TODAY): vol.In(list(PERIODS))
    }

    @override
    async def async_answer(
        self, hass: HomeAssistant, account: ExposedAccount, arguments: Mapping[str, Any]
    ) -> Json:
        """Return the figures of the exposed entities."""
        return await async_figures_answer(account, arguments[ATTR_PERIOD])


@callback
def async_get_tools(
    hass: HomeAssistant, llm_context: llm.LLMContext, api_id: str
) -> LLMTools | None:
    """Return the tools, None while no entity of a pump is exposed to the assistant."""
    if api_id != llm.LLM_API_ASSIST:
        return None
    accounts = async_exposed_accounts(hass, llm_context.assistant)
    if not accounts:
        return None
    tools: list[llm.Tool] = [
        tool(accounts) for tool in (StateTool, HistoryTool, FiguresTool)
    ]
    return LLMTools(tools=tools, prompt=PROMPT)


def _instant(text: str) -> datetime:
    return dt_util.as_utc(point_in_time(text))


def _result(data: Json, *, error: bool = False) -> Any:
    """Return an answer in the form that this Home Assistant takes; older ones take the JSON alone."""
    result = getattr(llm, "ToolResult", None)
    return result(data=data, error=error) if result else data
