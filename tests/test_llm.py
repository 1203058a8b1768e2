"""Answers for language models, requested through Home Assistant's own LLM API."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import import_module
import json
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.tconnectsync.assist import figures_answer, history_answer
from custom_components.tconnectsync.assist.state_answer import PRESENT
from custom_components.tconnectsync.assist.times_in_answers import age, duration
from custom_components.tconnectsync.const import CONF_GLUCOSE_UNIT, DOMAIN
from custom_components.tconnectsync.tandem import TandemUnreachable
from demo.pump import SimulatedPump
from homeassistant.components.conversation import DOMAIN as CONVERSATION
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.llm import async_get_tools
from homeassistant.const import CONF_NAME
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, llm
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .account import TITLE, add_entry, start
from .automated import Life
from .conftest import NOON
from .entity_states import eventful_pump, pass_time, quiet_pump
from .test_user_permission import MAY_READ, USERS, user_of

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

STATE, HISTORY, FIGURES = (
    f"{DOMAIN}__get_state",
    f"{DOMAIN}__get_history",
    f"{DOMAIN}__get_figures",
)
PUMP = "t:slim X2"
MIDNIGHT = NOON.replace(hour=0)
BASIS_OF_DOSES = ("ratio", "correction_factor", "target", "insulin_on_board_units")


@pytest.fixture
def pump(
    freezer: FrozenDateTimeFactory, request: pytest.FixtureRequest
) -> SimulatedPump:
    """A quiet pump, or an eventful one where a test asks for it."""
    if getattr(request, "param", None) == "eventful":
        return eventful_pump(freezer)
    return quiet_pump(freezer)


class Assistant:
    """A language model that speaks for a user, and the entities exposed to it."""

    def __init__(self, hass: HomeAssistant, context: Context | None = None) -> None:
        """Speak for no particular user, as a voice satellite does."""
        self.hass, self.context = hass, context

    def expose(self, *keys: str) -> None:
        """Expose these sensors and binary sensors, or all of them."""
        found = set[str]()
        for entity in er.async_get(self.hass).entities.values():
            key = entity.unique_id.partition("_")[2]
            wanted = not keys or key in keys
            if entity.platform == DOMAIN and wanted:
                async_expose_entity(self.hass, CONVERSATION, entity.entity_id, True)
                found.add(key)
        assert set(keys) <= found

    async def api(self, api: str = llm.LLM_API_ASSIST) -> llm.APIInstance:
        """Return the API instance that Home Assistant offers to a language model."""
        llm_context = llm.LLMContext(
            platform="test",
            context=self.context,
            language="en",
            assistant=CONVERSATION,
            device_id=None,
        )
        return await llm.async_get_api(self.hass, api, llm_context)

    async def tools(self) -> dict[str, llm.Tool]:
        """Return the tools of this integration."""
        return {
            tool.name: tool
            for tool in (await self.api()).tools
            if tool.name.startswith(DOMAIN)
        }

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Return the answer of a tool as the language model receives it."""
        answer = await self._call(tool, arguments)
        assert "error" not in answer, answer
        return answer

    async def fail(self, tool: str, **arguments: Any) -> str:
        """Return the error message of a tool."""
        return str((await self._call(tool, arguments))["error"])

    async def _call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        asked = llm.ToolInput(tool_name=tool, tool_args=arguments)
        return read(await (await self.api()).async_call_tool(asked))


def read(answer: Any) -> dict[str, Any]:
    """Return the data of a tool's result, which older versions of Home Assistant return directly."""
    data = getattr(answer, "data", answer)
    if answer is not data:
        assert answer.error == ("error" in data)
    text = json.dumps(data)
    assert not [basis for basis in BASIS_OF_DOSES if basis in text]
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def openapi(tool: llm.Tool, api: llm.APIInstance) -> dict[str, Any]:
    """Return a tool's parameters as conversation agents send them."""
    parameters: Any = tool.parameters
    if isinstance(parameters, probatio.Schema):
        convert = probatio.to_openapi
    else:
        convert = import_module("voluptuous_openapi").convert
    schema: dict[str, Any] = convert(
        parameters, custom_serializer=api.custom_serializer
    )
    return schema


@pytest.fixture
async def assistant(life: Life) -> Assistant:
    """A language model and an account that is set up."""
    for component in ("homeassistant", CONVERSATION):
        assert await async_setup_component(life.hass, component, {})
    return Assistant(life.hass)


def ago(minutes: float) -> str:
    """Return an instant before noon in ISO format."""
    return (NOON - timedelta(minutes=minutes)).isoformat()


class TestTools:
    """The tools that are offered, and their descriptions."""

    async def test_nothing_is_there_before_something_is_exposed(
        self, assistant: Assistant
    ) -> None:
        """Without exposed entities there are no tools, because health data is not shared by default."""
        assert await assistant.tools() == {}
        assert DOMAIN not in (await assistant.api()).api_prompt
        assistant.expose("glucose")
        assert set(await assistant.tools()) == {STATE, HISTORY, FIGURES}
        assert DOMAIN in (await assistant.api()).api_prompt

    async def test_every_tool_forbids_to_recommend_a_dose(
        self, assistant: Assistant
    ) -> None:
        """Prompt and tools forbid dose recommendations and ask for the age of values."""
        assistant.expose("glucose")
        tools = (await assistant.tools()).values()
        prompt = (await assistant.api()).api_prompt
        for words in (prompt, *(tool.description or "" for tool in tools)):
            assert "Never recommend, reckon or confirm a dose" in words
            assert "how old" in words

    async def test_tools_only_read(self, assistant: Assistant) -> None:
        """The tools are annotated as read-only and name the integration."""
        assistant.expose("glucose")
        for tool in (await assistant.tools()).values():
            assert tool.integration == DOMAIN
            assert tool.title
            if hasattr(llm, "ToolAnnotations"):
                assert tool.annotations.read_only
                assert tool.annotations.idempotent
                assert not tool.annotations.destructive
                assert not tool.annotations.open_world

    async def test_every_service_understands_their_parameters(
        self, assistant: Assistant
    ) -> None:
        """Parameters convert to OpenAPI, and the account is optional if there is only one."""
        assistant.expose("glucose")
        api = await assistant.api()
        for tool in (await assistant.tools()).values():
            schema = openapi(tool, api)
            assert json.dumps(schema)
            assert schema["properties"]["account"]["enum"] == [PUMP]
            assert "account" not in schema.get("required", [])

    async def test_other_interfaces_get_nothing(
        self, assistant: Assistant, life: Life
    ) -> None:
        """APIs other than Assist get no tools."""

        class Other(llm.API):
            """An API that asks all integrations for tools."""

            @override
            async def async_get_api_instance(
                self, llm_context: llm.LLMContext
            ) -> llm.APIInstance:
                """Return all tools that integrations offer for this API."""
                found = await async_get_tools(self.hass, llm_context, self.id)
                return llm.APIInstance(
                    api=self, api_prompt="", llm_context=llm_context, tools=found.tools
                )

        llm.async_register_api(life.hass, Other(hass=life.hass, id="x", name="X"))
        assistant.expose("glucose")
        names = [tool.name for tool in (await assistant.api("x")).tools]
        assert not [name for name in names if name.startswith(DOMAIN)]

    async def test_an_older_home_assistant_takes_the_answer_alone(
        self, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Home Assistant versions without result and annotation types get the plain answer."""
        assistant.expose("glucose")
        for name in ("ToolResult", "ToolAnnotations"):
            monkeypatch.delattr(llm, name, raising=False)
        tools = await assistant.tools()
        context = (await assistant.api()).llm_context
        asked = llm.ToolInput(tool_name=STATE, tool_args={})
        answer = await tools[STATE].async_call(assistant.hass, asked, context)
        assert isinstance(answer, dict)
        assert answer["account"] == PUMP

    async def test_two_accounts_are_told_apart(
        self, assistant: Assistant, life: Life
    ) -> None:
        """Accounts are named by their devices, and the parameter is required if there are several."""
        other = life.tandem.add_account("grace@example.org", "h0pper")
        other.add_pump(quiet_pump(life.freezer, serial_number="90000002")).upload()
        entry = add_entry(life.hass, life.tandem, email="grace@example.org", title="B")
        life.hass.config_entries.async_update_entry(
            entry, data={**entry.data, CONF_NAME: "Grace"}
        )
        assert await start(life.hass, entry)
        assistant.expose("glucose")
        api = await assistant.api()
        for tool in (await assistant.tools()).values():
            schema = openapi(tool, api)
            assert schema["properties"]["account"]["enum"] == [PUMP, f"Grace {PUMP}"]
            assert "account" in schema["required"]
        answer = await assistant.ask(STATE, account=f"Grace {PUMP}")
        assert answer["account"] == f"Grace {PUMP}"
        with pytest.raises(vol.Invalid):
            await assistant.ask(STATE)
        devices = dr.async_get(life.hass)
        for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
            devices.async_update_device(device.id, name_by_user=PUMP)
        assert (await assistant.ask(STATE, account=f"{PUMP} 2"))["values"]
        assert TITLE not in json.dumps(answer)


class TestRights:
    """Assistants answer users only with data that they may read."""

    @pytest.mark.parametrize("name", USERS)
    async def test_a_user_learns_what_he_may_read(
        self, assistant: Assistant, life: Life, name: str
    ) -> None:
        """A user needs read access to all entities of the account, as for the action get_history."""
        assistant.expose()
        assistant.context = Context(user_id=user_of(life.hass, name).id)
        for tool, asked in (
            (STATE, {}),
            (HISTORY, {"start": ago(60)}),
            (FIGURES, {}),
        ):
            if name in MAY_READ:
                assert (await assistant.ask(tool, **asked))["account"] == PUMP
            else:
                assert "may not read" in await assistant.fail(tool, **asked)

    async def test_somebody_who_is_gone_learns_nothing(
        self, assistant: Assistant, hass_admin_user: MockUser
    ) -> None:
        """A user who no longer exists gets an error."""
        assistant.expose()
        assistant.context = Context(user_id=hass_admin_user.id)
        assert await assistant.ask(STATE)
        assistant.context = Context(user_id="gone")
        assert "may not read" in await assistant.fail(STATE)

    async def test_what_is_not_exposed_is_not_answered(
        self, assistant: Assistant, life: Life
    ) -> None:
        """Entities that are not exposed are left out of values, events and totals."""
        life.pump.give_bolus(2.0, 20)
        await life.upload()
        assistant.expose("battery")
        assert set((await assistant.ask(STATE))["values"]) <= {"battery"}
        asked = {"start": ago(600), "kinds": ["boluses", "glucose", "alarms"]}
        assert (await assistant.ask(HISTORY, **asked))["events"] == {}
        assert (await assistant.ask(HISTORY, start=ago(600)))["events"] == {}
        assert (await assistant.ask(FIGURES))["values"] == {}
        assistant.expose("last_bolus")
        assert set((await assistant.ask(STATE))["values"]) == {"battery", "last_bolus"}
        assert set((await assistant.ask(HISTORY, **asked))["events"]) == {"boluses"}
        assert set((await assistant.ask(FIGURES))["values"]) == {"boluses"}

    async def test_what_is_gone_since_is_not_answered(
        self, assistant: Assistant, life: Life
    ) -> None:
        """A tool of an unloaded account returns an error."""
        assistant.expose()
        tool = (await assistant.tools())[STATE]
        context = (await assistant.api()).llm_context
        await life.hass.config_entries.async_unload(life.entry.entry_id)
        asked = llm.ToolInput(tool_name=STATE, tool_args={})
        answer = read(await tool.async_call(life.hass, asked, context))
        assert "nothing of this account" in answer["error"]
        assert await assistant.tools() == {}


class TestState:
    """Current values and the time of the data."""

    async def test_each_value_tells_its_instant_and_age(
        self, assistant: Assistant, life: Life
    ) -> None:
        """Each value has the time of its data and its age."""
        life.pump.give_bolus(2.5, 30)
        life.pump.run_for(minutes=20)
        life.pump.log_event(9, abc=70)
        life.pump.read_glucose(123)
        life.freezer.move_to(life.pump.now)
        await life.upload()
        newest = life.pump.instants[-1]
        await pass_time(life.hass, life.freezer, timedelta(minutes=12))
        assistant.expose()
        answer = await assistant.ask(STATE)
        assert datetime.fromisoformat(answer["log_known_until"]) == newest
        assert answer["log_age"] == "12 minutes ago"
        assert answer["too_old_for_now_because"] is None
        values = answer["values"]
        assert values["glucose"] == {
            "value": 123,
            "unit": "mg/dL",
            "as_of": dt_util.as_local(newest).isoformat(timespec="seconds"),
            "age": "12 minutes ago",
        }
        assert values["battery"]["value"] == 70
        assert values["suspended"]["value"] is False
        assert values["alarm"]["value"] is False
        bolus = values["last_bolus"]
        assert (bolus["value"], bolus["unit"], bolus["carbs"]) == (2.5, "U", 30)
        assert bolus["age"] == "12 minutes ago"
        begun = datetime.fromisoformat(bolus["time"])
        assert timedelta() < newest - begun < timedelta(minutes=21)
        at = values["last_bolus_time"]
        assert datetime.fromisoformat(at["value"]) == begun.replace(microsecond=0)
        assert at["value_was"] == age(begun, datetime.now(UTC))

    @pytest.mark.parametrize("pump", ["eventful"], indirect=True)
    async def test_everything_that_is_exposed_is_answered(
        self, assistant: Assistant, life: Life
    ) -> None:
        """All exposed entities have either a value or a reason for its absence, each with a time."""
        assistant.expose()
        values = (await assistant.ask(STATE))["values"]
        known = {entity.unique_id.partition("_")[2] for entity in entities(life.hass)}
        assert set(values) == known & set(PRESENT)
        assert set(PRESENT) <= known
        for value in values.values():
            assert ("value" in value) != ("not_known_because" in value)
            assert value["as_of"]
            assert value["age"]

    async def test_what_is_old_is_not_known_with_the_reason(
        self, assistant: Assistant, life: Life
    ) -> None:
        """Old values of the present are unknown with a reason; past events stay, with the time of the data."""
        life.pump.give_bolus(2.5)
        life.pump.run_for(minutes=20)
        life.pump.read_glucose(123)
        life.freezer.move_to(life.pump.now)
        await life.upload()
        await pass_time(life.hass, life.freezer, timedelta(hours=3, minutes=5))
        assistant.expose()
        answer = await assistant.ask(STATE)
        why = answer["too_old_for_now_because"]
        assert why == "the phone has not uploaded the pump's log since the last upload"
        for key in ("glucose", "insulin_on_board", "basal_rate", "suspended", "alarm"):
            value = answer["values"][key]
            assert value["not_known_because"] == why
            assert "value" not in value
            assert value["age"].startswith("3 hours")
        assert answer["values"]["last_bolus"]["value"] == 2.5
        assert answer["values"]["last_bolus"]["age"] == answer["log_age"]
        await life.tandem.stop()
        await life.entry.runtime_data.coordinator.async_refresh()
        answer = await assistant.ask(STATE)
        assert answer["too_old_for_now_because"] == "Tandem Source does not answer"

    async def test_what_was_asked_for_is_not_told_as_given(
        self, assistant: Assistant, life: Life
    ) -> None:
        """A running bolus is reported as requested, not as delivered, however old the data is."""
        life.pump.give_bolus(6.0, 40)
        life.pump.run_for(seconds=20)
        life.freezer.move_to(life.pump.now)
        await life.upload()
        assistant.expose("last_bolus", "last_meal_bolus")
        for hours in (0, 3):
            await pass_time(life.hass, life.freezer, timedelta(hours=hours, minutes=1))
            values = (await assistant.ask(STATE))["values"]
            for bolus in values.values():
                assert (bolus["value"], bolus["in_progress"]) == (6.0, True)
                assert bolus["note"].startswith("Asked for, not given")
                assert "delivered" not in bolus
            assert len(values) == 2

    async def test_an_alarm_stays_raised(
        self, assistant: Assistant, life: Life
    ) -> None:
        """An alarm that was not cleared stays raised, however old it is."""
        await life.live(minutes=20)
        life.pump.provoke_alarm(2)
        await life.upload(minutes=1)
        await pass_time(life.hass, life.freezer, timedelta(hours=5))
        assistant.expose("alarm", "suspended")
        values = (await assistant.ask(STATE))["values"]
        assert values["alarm"]["value"] is True
        assert values["alarm"]["raised"] == ["occlusion"]
        assert values["suspended"]["value"] is True
        assert values["suspended"]["age"].startswith("5 hours")

    async def test_what_the_pump_does_not_tell_has_a_reason_of_its_own(
        self, assistant: Assistant, life: Life
    ) -> None:
        """Values that current data lacks have a reason of their own."""
        assistant.expose("glucose", "last_bolus", "battery")
        values = (await assistant.ask(STATE))["values"]
        assert values["glucose"]["not_known_because"] == (
            "the glucose sensor gave no number"
        )
        assert values["last_bolus"]["not_known_because"] == (
            "no bolus is in the log that is kept, or a later one may be lost or "
            "cannot be read"
        )
        assert values["battery"]["not_known_because"] == (
            "the pump has not logged it lately"
        )

    async def test_glucose_beyond_the_sensors_range_is_said_in_words(
        self, assistant: Assistant, life: Life
    ) -> None:
        """Glucose outside the sensor's range is reported as such."""
        assistant.expose("glucose")
        life.pump.read_glucose(30)
        await life.upload(minutes=1)
        values = (await assistant.ask(STATE))["values"]
        assert values["glucose"]["not_known_because"] == (
            "glucose is below what the sensor can measure"
        )

    async def test_by_a_wrong_clock_no_figure_is_known(
        self, assistant: Assistant, life: Life
    ) -> None:
        """With a wrong clock, all totals are unknown."""
        assistant.expose()
        life.pump.clock.offset += 3 * 3600
        await life.live(minutes=5)
        life.pump.read_glucose(120)
        await life.upload(minutes=5)
        answer = await assistant.ask(FIGURES)
        reasons = {one["not_known_because"] for one in answer["values"].values()}
        assert reasons == {answer["too_old_for_now_because"]}
        values = (await assistant.ask(STATE))["values"]
        assert values["last_bolus"]["not_known_because"] == (
            "the pump's clock contradicts its uploads, so nobody knows when anything was"
        )

    async def test_without_any_log_nothing_is_said(
        self, assistant: Assistant, life: Life
    ) -> None:
        """Without any upload, all values are unknown."""
        other = life.tandem.add_account("grace@example.org", "h0pper")
        assert not other.pumps
        entry = add_entry(life.hass, life.tandem, email="grace@example.org", title="B")
        assert await start(life.hass, entry)
        assistant.expose()
        answer = await assistant.ask(STATE, account="Tandem pump")
        why = "nothing of the pump's log is known yet"
        assert answer["too_old_for_now_because"] == why
        assert answer["log_known_until"] is None
        shown = answer["values"].values()
        assert {
            value["not_known_because"] for value in shown if "value" not in value
        } == {why}
        figures = await assistant.ask(FIGURES, account="Tandem pump")
        assert {one["not_known_because"] for one in figures["values"].values()} == {why}

    async def test_glucose_is_answered_in_the_unit_of_the_options(
        self, assistant: Assistant, life: Life
    ) -> None:
        """All three tools answer glucose in the configured unit."""
        options = {**life.entry.options, CONF_GLUCOSE_UNIT: "mmol/L"}
        life.hass.config_entries.async_update_entry(life.entry, options=options)
        for _ in range(40):
            life.pump.run_for(minutes=5)
            life.pump.read_glucose(126)
        life.freezer.move_to(life.pump.now)
        await life.upload()
        await life.hass.config_entries.async_reload(life.entry.entry_id)
        assistant.expose()
        value = (await assistant.ask(STATE))["values"]["glucose"]
        assert (value["value"], value["unit"]) == (7.0, "mmol/L")
        history = await assistant.ask(HISTORY, start=ago(0), kinds=["glucose"])
        for hour in history["events"]["glucose"]["hours"]:
            assert hour["lowest_glucose_mmol_l"] == hour["highest_glucose_mmol_l"] == 7


def entities(hass: HomeAssistant) -> Iterable[er.RegistryEntry]:
    """Return the sensors and binary sensors of the account."""
    for entity in er.async_get(hass).entities.values():
        if entity.platform == DOMAIN and entity.domain in ("sensor", "binary_sensor"):
            yield entity


class TestHistory:
    """Events between two instants."""

    @pytest.mark.parametrize("pump", ["eventful"], indirect=True)
    async def test_events_are_answered_with_until_when_the_log_is_known(
        self, assistant: Assistant, life: Life
    ) -> None:
        """Each kind of event is listed separately, with the time up to which the log is known."""
        assistant.expose()
        answer = await assistant.ask(HISTORY, start="2026-05-17 00:00:00")
        assert answer["start"] == (MIDNIGHT - timedelta(days=3)).isoformat()
        assert datetime.fromisoformat(answer["as_of"]) <= NOON
        assert answer["age"]
        assert answer["not_known_between"]
        events = answer["events"]
        assert set(events) == set(history_answer.EVENT_KINDS)
        boluses = events["boluses"]["newest"]
        assert [one["requested_units"] for one in boluses] == [6.5, 0.8, 3.0]
        assert boluses[0]["carbs_grams"] == 45
        assert events["boluses"]["count"] == 3
        [alarm] = events["alarms"]["newest"]
        assert alarm["kind"] == "alarm"
        assert {"cleared", "ended_by"} <= set(alarm)
        assert [one["kind"] for one in events["alerts"]["newest"]] == ["alert"]
        assert {one["kind"] for one in events["sensor_alerts"]["newest"]} == {
            "cgm_alert"
        }
        assert events["suspensions"]["count"] >= 1
        assert events["site_changes"]["count"] >= 1
        only = await assistant.ask(
            HISTORY, start=ago(60), end=ago(30), kinds=["boluses"]
        )
        assert only["events"] == {"boluses": {"count": 0, "newest": []}}
        assert only["end"] == ago(30)

    async def test_many_readings_are_answered_by_the_hour(
        self, assistant: Assistant, life: Life
    ) -> None:
        """Many readings are summarized by hour, with unmeasurable ones counted; few are listed individually."""
        for glucose in (*range(100, 148), 30, 500):
            life.pump.run_for(minutes=5)
            life.pump.read_glucose(glucose)
        life.pump.run_for(minutes=1)
        life.freezer.move_to(life.pump.now)
        await life.upload()
        assistant.expose("glucose")
        glucose = (await assistant.ask(HISTORY, start=ago(0)))["events"]["glucose"]
        assert (
            glucose["count"] == sum(hour["readings"] for hour in glucose["hours"]) == 50
        )
        lowest = min(hour["lowest_glucose_mg_dl"] for hour in glucose["hours"][:-1])
        highest = max(hour["highest_glucose_mg_dl"] for hour in glucose["hours"][:-1])
        assert lowest == 100
        assert 140 <= highest <= 147
        assert glucose["hours"][-1]["too_low_to_measure"] == 1
        assert glucose["hours"][-1]["too_high_to_measure"] == 1
        since = (life.pump.now - timedelta(minutes=32)).isoformat()
        glucose = (await assistant.ask(HISTORY, start=since))["events"]["glucose"]
        assert glucose["count"] == len(glucose["readings"])
        assert glucose["readings"][0]["glucose_mg_dl"] == 143

    async def test_of_very_many_events_the_newest_are_answered(
        self, assistant: Assistant, life: Life, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only the newest events are listed if there are many, with the number of all."""
        monkeypatch.setattr(history_answer, "MOST_OF_A_KIND", 2)
        for units in (1.0, 2.0, 3.0):
            life.pump.give_bolus(units)
            life.pump.run_for(minutes=20)
        life.freezer.move_to(life.pump.now)
        await life.upload()
        assistant.expose("last_bolus")
        boluses = (await assistant.ask(HISTORY, start=ago(5)))["events"]["boluses"]
        assert (boluses["count"], boluses["older_left_out"]) == (3, 1)
        assert [one["delivered_units"] for one in boluses["newest"]] == [2.0, 3.0]

    @pytest.mark.parametrize(
        ("asked", "words"),
        [
            ({"start": ago(-10)}, "before now"),
            ({"start": ago(10), "end": ago(20)}, "before the end"),
            ({"start": ago(8 * 24 * 60)}, "at most 7 days"),
            ({"start": "yesterday"}, "datetime"),
            ({"start": "1026-01-01T00:00:00"}, "year"),
        ],
    )
    async def test_times_that_make_no_sense(
        self, assistant: Assistant, asked: dict[str, str], words: str
    ) -> None:
        """Invalid spans return an error message that explains the limits."""
        assistant.expose("last_bolus")
        assert words in await assistant.fail(HISTORY, **asked)

    async def test_tandem_does_not_answer_about_days_that_are_not_kept(
        self, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An error of Tandem returns an error instead of an empty history."""

        async def fail(*args: Any, **days: Any) -> None:
            raise TandemUnreachable("history", "no connection")

        monkeypatch.setattr(history_answer, "history_between", fail)
        assistant.expose("last_bolus")
        failed = await assistant.fail(HISTORY, start=ago(60))
        assert "no connection" in failed


class TestFigures:
    """Totals and averages of a day or several days."""

    @pytest.mark.parametrize("pump", ["eventful"], indirect=True)
    async def test_today_is_what_truly_happened(
        self, assistant: Assistant, life: Life
    ) -> None:
        """Today's totals match the pump's deliveries up to its newest event."""
        assistant.expose()
        answer = await assistant.ask(FIGURES)
        newest = life.pump.instants[-1]
        assert datetime.fromisoformat(answer["as_of"]) == newest
        assert answer["start"] == MIDNIGHT.isoformat()
        assert answer["range"] == "70 to 180 mg/dL"
        values = answer["values"]
        basal = life.pump.basal_delivered(MIDNIGHT, newest)
        bolus = life.pump.bolus_delivered(MIDNIGHT, newest)
        assert values["insulin"]["unit"] == "U"
        assert values["insulin"]["value"] == pytest.approx(basal + bolus, abs=0.01)
        assert values["carbs"] == {"value": 65, "unit": "g"}
        assert values["boluses"]["value"] == 3
        assert values["average_glucose"]["unit"] == "mg/dL"
        assert 0 < values["time_in_range"]["value"] < 100
        assert 0 < values["time_below_range"]["value"] < 100
        assert 0 < values["basal_share"]["value"] < 100

    @pytest.mark.parametrize(
        ("period", "why"),
        [
            ("yesterday", None),
            ("7_days", "leave out 5 days of which nobody knows"),
            ("30_days", "not all of the pump's log"),
        ],
    )
    async def test_what_is_not_whole_is_not_known(
        self, assistant: Assistant, period: str, why: str | None
    ) -> None:
        """Totals of incomplete periods are unknown; the pump started two days ago and has no glucose sensor."""
        assistant.expose()
        answer = await assistant.ask(FIGURES, period=period)
        values = answer["values"]
        assert (
            "readings cover too little" in values["time_in_range"]["not_known_because"]
        )
        for name in ("insulin", "basal_share", "carbs", "boluses"):
            assert (why or "") in values[name].get("not_known_because", "")
            assert ("value" in values[name]) == (why is None)
        if why is None:
            assert answer["as_of"] == MIDNIGHT.isoformat()
            assert answer["age"] == "12 hours ago"

    async def test_a_sum_says_what_it_leaves_out(
        self, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A total of a slightly incomplete period names the missing time."""
        monkeypatch.setattr(figures_answer, "MOST_NOT_KNOWN", 0.9)
        assistant.expose()
        values = (await assistant.ask(FIGURES, period="7_days"))["values"]
        assert values["insulin"]["value"] > 0
        for name in ("insulin", "basal_share", "boluses"):
            assert values[name]["leaves_out"].startswith("5 days of which nobody")
        assert "leaves_out" not in values["time_in_range"]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 minutes"),
        (1.9, "1 minute"),
        (99, "99 minutes"),
        (100, "1 hour 40 minutes"),
        (120, "2 hours"),
        (181, "3 hours 1 minute"),
        (47 * 60 + 59, "47 hours 59 minutes"),
        (48 * 60, "2 days"),
        (-3, "0 minutes"),
    ],
)
def test_durations_are_said_as_people_say_them(minutes: float, words: str) -> None:
    """Durations are given in whole minutes, hours or days, rounded down."""
    assert duration(timedelta(minutes=minutes)) == words


def test_what_is_to_come_is_said_as_such() -> None:
    """Times in the future are given as such, unless they are within the error of a clock."""
    assert age(NOON + timedelta(hours=5), NOON) == "in 5 hours"
    assert age(NOON + timedelta(seconds=30), NOON) == "0 minutes ago"
    assert age(None, NOON) is None
