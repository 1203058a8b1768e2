"""Questions about the pump to Home Assistant's own conversation agent, without a language model."""

import asyncio
from datetime import timedelta
import json
from pathlib import Path
import re
from shutil import copytree
from time import sleep
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tconnectsync.assist.exposed_accounts import WHY_STALE
from demo.pump import SimulatedPump
from homeassistant.components.conversation import DOMAIN as CONVERSATION, async_converse
from homeassistant.core import Context
from homeassistant.helpers.intent import IntentResponseType
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from .automated import Life
from .entity_states import pass_time, quiet_pump

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

BLUEPRINT = Path("blueprints/automation/tconnectsync/ask_the_pump.yaml")
ENTITIES = {
    "glucose": "sensor.t_slim_x2_glucose",
    "on_board": "sensor.t_slim_x2_insulin_on_board",
    "last_bolus": "sensor.t_slim_x2_last_bolus",
    "alarm": "binary_sensor.t_slim_x2_alarm",
    "suspended": "binary_sensor.t_slim_x2_suspended",
    "data_stale": "binary_sensor.t_slim_x2_data_out_of_date",
}
GLUCOSE = "what is Ada's glucose"
ON_BOARD = "how much insulin is on board"
BOLUS = "when was the last bolus"
STATUS = "is the pump suspended"
TRANSLATIONS = Path("custom_components/tconnectsync/translations")
LANGUAGES = {
    "da": (
        ("Glukosen for", "Det aktive insulin", "Den seneste bolus", "Status for 12"),
        [
            "Hvad er Adas blodsukker?",
            "hvor højt er blodsukkeret",
            "hvad er min glukose",
        ],
        ["Hvor meget aktivt insulin har Ada?", "hvor meget aktivt insulin er der"],
        ["Hvornår var Adas seneste bolus?", "hvornår var min sidste bolus"],
        ["Er Adas pumpe i orden?", "er pumpen afbrudt", "har pumpen en alarm"],
    ),
    "de": (
        ("Die Glukose von", "Das aktive Insulin", "Der letzte Bolus", "Stand vor 12"),
        [
            "Wie hoch ist Adas Blutzucker?",
            "wie ist der Zucker von Ada",
            "wie ist mein Zucker",
        ],
        ["Wie viel aktives Insulin hat Ada noch?", "wie viel Insulin wirkt noch"],
        ["Wann war Adas letzter Bolus?", "wann war der letzte Bolus"],
        [
            "Ist Adas Pumpe in Ordnung?",
            "ist die Pumpe unterbrochen",
            "hat die Pumpe Alarm",
        ],
    ),
    "es": (
        (
            "La glucosa de",
            "La insulina activa",
            "El último bolo",
            "Con datos de hace 12",
        ),
        ["¿Cuál es la glucosa de Ada?", "cómo está mi glucemia"],
        ["¿Cuánta insulina activa tiene Ada?", "cuánta insulina activa hay"],
        ["¿Cuándo fue el último bolo de Ada?", "cuándo fue el último bolo"],
        ["¿Está bien la bomba de Ada?", "tiene alguna alarma la bomba"],
    ),
    "fr": (
        (
            "Le glucose de",
            "L’insuline active",
            "Le dernier bolus",
            "Selon les données d’il y a 12",
        ),
        ["Quelle est la glycémie d'Ada ?", "quel est mon glucose"],
        ["Combien d'insuline active a Ada ?", "combien d'insuline active ai-je"],
        ["Quand était le dernier bolus de Ada ?", "quand était mon dernier bolus"],
        ["La pompe d'Ada va-t-elle bien ?", "y a-t-il une alarme de pompe"],
    ),
    "it": (
        (
            "Il glucosio di",
            "L’insulina attiva",
            "L’ultimo bolo",
            "Secondo i dati di 12",
        ),
        ["Qual è la glicemia di Ada?", "com'è il mio glucosio"],
        ["Quanta insulina attiva ha Ada?", "quanta insulina attiva c'è"],
        ["Quando è stato l'ultimo bolo di Ada?", "quando è stato l'ultimo bolo"],
        ["Va bene il microinfusore di Ada?", "c'è un allarme del microinfusore"],
    ),
    "nl": (
        ("De glucose van", "De actieve insuline", "De laatste bolus", "Stand van 12"),
        [
            "Wat is Ada's bloedsuiker?",
            "hoe hoog is de glucose van Ada",
            "wat is mijn glucose",
        ],
        ["Hoeveel actieve insuline heeft Ada?", "hoeveel actieve insuline is er"],
        ["Wanneer was de laatste bolus van Ada?", "wanneer was mijn laatste bolus"],
        [
            "Is de pomp van Ada in orde?",
            "is de pomp onderbroken",
            "heeft de pomp een alarm",
        ],
    ),
    "sv": (
        ("Glukosen för", "Det aktiva insulinet", "Den senaste bolusen", "Läget för 12"),
        ["Vad är Adas blodsocker?", "hur högt är blodsockret", "vad är mitt glukos"],
        ["Hur mycket aktivt insulin har Ada?", "hur mycket aktivt insulin finns det"],
        ["När var Adas senaste bolus?", "när var min senaste bolus"],
        ["Är Adas pump okej?", "är pumpen pausad", "har pumpen något larm"],
    ),
}
"""The starts of the answers, then the questions about glucose, insulin on board, bolus and pump."""
NUMBERS = ("123 mg/dL", "2,50", "2,50", "12")
"""The numbers that the answers contain."""


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)


class Listener:
    """Home Assistant's conversation agent, as users speak to it."""

    def __init__(self, life: Life) -> None:
        """Start without automations."""
        self.life, self.hass = life, life.hass

    async def automate(self, *automations: dict[str, Any]) -> None:
        """Create an automation from the blueprint for each of these inputs."""
        for component in ("homeassistant", CONVERSATION):
            assert await async_setup_component(self.hass, component, {})
        await self.hass.async_add_executor_job(
            copytree, "blueprints", self.hass.config.path("blueprints")
        )
        config = [
            {
                "id": f"ask_{number}",
                "alias": f"Ask {number}",
                "use_blueprint": {
                    "path": f"tconnectsync/{BLUEPRINT.name}",
                    "input": {**ENTITIES, **inputs},
                },
            }
            for number, inputs in enumerate(automations)
        ]
        assert await async_setup_component(
            self.hass, "automation", {"automation": config}
        )
        await self.hass.async_block_till_done()
        states = [state.state for state in self.hass.states.async_all("automation")]
        assert states == ["on"] * len(automations)

    async def ask(self, sentence: str, *, language: str = "en") -> str:
        """Return the answer to a sentence."""
        result = await async_converse(
            self.hass, sentence, None, Context(), language=language
        )
        response = result.response
        assert response.response_type is IntentResponseType.ACTION_DONE, sentence
        return str(response.speech["plain"]["speech"])

    async def ask_and_wait(self, sentence: str) -> str:
        """Return the answer to a sentence while time passes."""
        asking = asyncio.ensure_future(self.ask(sentence))
        while not asking.done():
            await self.hass.async_add_executor_job(sleep, 0.01)
            self.life.freezer.tick(timedelta(seconds=1))
            async_fire_time_changed(self.hass)
        return await asking


@pytest.fixture
async def listener(life: Life) -> Listener:
    """The agent, and a pump that gave a meal bolus twelve minutes ago."""
    life.pump.run_for(minutes=1)
    life.pump.give_bolus(2.5, 30)
    life.pump.run_for(minutes=20)
    life.pump.read_glucose(123)
    life.freezer.move_to(life.pump.now)
    await life.upload()
    await pass_time(life.hass, life.freezer, timedelta(minutes=12))
    return Listener(life)


async def test_every_answer_says_how_old_it_is(listener: Listener) -> None:
    """Each answer has the pump's values and the age of its data."""
    await listener.automate({"name": "Ada"})
    said = await listener.ask(GLUCOSE)
    assert said == "Ada's glucose is 123 mg/dL as of 12 minutes ago."
    on_board = listener.hass.states.get(ENTITIES["on_board"])
    assert on_board
    said = await listener.ask(ON_BOARD)
    assert said.startswith(
        f"Ada's insulin on board is {float(on_board.state):.2f} units"
    )
    assert said.endswith(" minutes ago.")
    said = await listener.ask(BOLUS)
    assert said == (
        "Ada's last bolus as of 12 minutes ago was 2.50 units for 30 grams of carbs, "
        "at 12:01 on Wednesday."
    )
    said = await listener.ask(STATUS)
    assert said == (
        "As of 12 minutes ago: Ada's pump had raised no alarm. Delivery was not suspended."
    )


async def test_every_sentence_of_the_blueprint_is_understood(
    listener: Listener,
) -> None:
    """Each sentence is understood in all of its forms, with and without a name."""
    await listener.automate({"name": "Ada"})
    for sentence in (
        "What's Ada's blood sugar?",
        "how is my glucose",
        "what is the blood glucose",
        "How much insulin does Ada have on board?",
        "how much insulin has Ada on board",
        "how much insulin do I have on board",
        "what is Ada's insulin on board",
        "when was Ada's last bolus",
        "When was my last bolus?",
        "is Ada's pump ok",
        "does Ada's pump have an alarm",
        "has ada's pump got any alarm",
        "is my pump delivering",
        "is there any alarm",
        "is there a pump alarm",
    ):
        assert "Ada's" in await listener.ask(sentence), sentence


async def test_what_is_not_known_is_said_with_the_reason(listener: Listener) -> None:
    """Values of the present that are three hours old are unknown with a reason; a past bolus is still given."""
    await listener.automate({"name": "Ada"})
    await pass_time(listener.hass, listener.life.freezer, timedelta(hours=3))
    because = (
        "is not known, because the phone has not uploaded. The log ends 3.2 hours ago."
    )
    assert await listener.ask(GLUCOSE) == f"Ada's glucose {because}"
    assert await listener.ask(ON_BOARD) == f"Ada's insulin on board {because}"
    assert "as of 3.2 hours ago was 2.50 units" in await listener.ask(BOLUS)
    assert await listener.ask(STATUS) == (
        "As of 3.2 hours ago: Whether Ada's pump has raised an alarm is not known, because "
        "the phone has not uploaded. Whether it delivers is not known, because the phone "
        "has not uploaded."
    )
    await listener.life.tandem.stop()
    await listener.life.entry.runtime_data.coordinator.async_refresh()
    assert "Tandem Source does not answer" in await listener.ask(GLUCOSE)
    await listener.hass.config_entries.async_unload(listener.life.entry.entry_id)
    assert "Home Assistant has no data of it" in await listener.ask(GLUCOSE)


async def test_what_was_asked_for_is_not_said_as_given(listener: Listener) -> None:
    """A running bolus is described as requested in all languages, however old the data is."""
    await listener.automate({"name": "Ada"})
    life = listener.life
    life.pump.run_until(life.pump.now + timedelta(minutes=12))
    life.pump.give_bolus(6.0, 40)
    await life.upload(seconds=20)
    await pass_time(life.hass, life.freezer, timedelta(minutes=12))
    assert await listener.ask(BOLUS) == (
        "Ada's last bolus as of 12 minutes ago was started at 12:33 on Wednesday: "
        "6.00 units were asked for, and how much was delivered is not known."
    )
    await pass_time(life.hass, life.freezer, timedelta(hours=3))
    assert "6.00 units were asked for" in await listener.ask(BOLUS)
    texts = load_yaml_dict(str(BLUEPRINT))["variables"]["texts"]
    for language, (_, _, _, questions, _) in LANGUAGES.items():
        said = await listener.ask(questions[0], language=language)
        begun = texts[language]["started"].partition("{time}")[2]
        assert said.endswith(begun.format(value="6,00")), language


async def test_by_a_wrong_clock_the_last_bolus_is_not_said(listener: Listener) -> None:
    """The last bolus is unknown, because the newest one is in the future."""
    await listener.automate({"name": "Ada"})
    life = listener.life
    life.pump.clock.offset += 3 * 3600
    life.pump.run_until(life.pump.now + timedelta(minutes=13))
    life.pump.give_bolus(5.0)
    await life.upload(minutes=5)
    assert (await listener.ask(BOLUS)).startswith(
        "Ada's last bolus is not known, because the clock of the pump is wrong."
    )


async def test_what_the_pump_does_not_say_has_a_reason_of_its_own(
    listener: Listener,
) -> None:
    """Insulin on board is unknown while a bolus runs that the pump's value does not include."""
    await listener.automate({"name": "Ada"})
    life = listener.life
    life.pump.run_until(life.pump.now + timedelta(minutes=12))
    life.pump.give_bolus(9.0)
    await life.upload(minutes=1)
    said = await listener.ask(ON_BOARD)
    assert "is not known, because insulin went in since the pump last said it" in said


async def test_an_alarm_and_a_suspension_are_said_however_old(
    listener: Listener,
) -> None:
    """Alarms and suspensions are reported until an event ends them, however old they are."""
    await listener.automate({"name": "Ada"})
    life = listener.life
    await life.live(minutes=5)
    life.pump.provoke_alarm(2)
    await life.upload(minutes=1)
    await pass_time(life.hass, life.freezer, timedelta(hours=4))
    said = await listener.ask("is Ada's pump ok")
    assert "Ada's pump has raised an alarm, Occlusion, at 12:" in said
    assert "Delivery is suspended since 12:" in said
    assert said.startswith("As of 4.0 hours ago:")


async def test_people_ask_in_their_own_words(listener: Listener) -> None:
    """Users can add sentences in any language, with the name anywhere."""
    await listener.automate(
        {
            "name": "Ada",
            "glucose_sentences": ["wie hoch ist {name}s Zucker", "Zucker"],
            "on_board_sentences": ["wie viel Insulin wirkt [bei {name}] noch"],
        }
    )
    for sentence in ("Wie hoch ist Adas Zucker?", "Zucker"):
        assert "123 mg/dL" in await listener.ask(sentence, language="de")
    for sentence in (
        "wie viel Insulin wirkt noch",
        "wie viel Insulin wirkt bei Ada noch",
    ):
        said = await listener.ask(sentence, language="de")
        assert said.startswith("Das aktive Insulin von Ada beträgt ")


async def test_it_is_asked_and_answers_in_every_language(listener: Listener) -> None:
    """Each language has questions and answers, with its own number format."""
    await listener.automate({"name": "Ada"})
    for language, (answers, *questions) in LANGUAGES.items():
        for answer, number, sentences in zip(answers, NUMBERS, questions, strict=True):
            for sentence in sentences:
                said = await listener.ask(sentence, language=language)
                assert said.startswith(answer), sentence
                assert number in said, sentence


async def test_the_language_of_the_answers_can_be_chosen(listener: Listener) -> None:
    """The answers can have a fixed language, independent of the assistant's."""
    await listener.automate({"name": "Ada", "language": "fr"})
    said = await listener.ask(GLUCOSE)
    assert said == "Le glucose de Ada est de 123 mg/dL, relevé il y a 12 minutes."
    await pass_time(listener.hass, listener.life.freezer, timedelta(hours=3))
    assert await listener.ask(GLUCOSE) == (
        "Le glucose de Ada n’est pas connu : le téléphone n’a rien envoyé. "
        "Les données s’arrêtent il y a 3,2 heures."
    )
    assert await listener.ask_and_wait("what is Cleo's glucose") == (
        "Je ne connais pas de pompe de Cleo."
    )


async def test_an_unknown_language_is_answered_in_english(listener: Listener) -> None:
    """Questions in an unsupported language get answers in English."""
    await listener.automate({"name": "Ada"})
    assert "glucose is 123 mg/dL" in await listener.ask(GLUCOSE, language="pt-BR")


def test_every_language_says_the_same() -> None:
    """All languages have the same placeholders, and alarms have the names that entities use."""
    texts = load_yaml_dict(str(BLUEPRINT))["variables"]["texts"]
    translations = {path.stem: path for path in TRANSLATIONS.glob("*.json")}
    assert set(texts) == set(translations)
    for language, words in texts.items():
        known = json.loads(translations[language].read_text())["entity"]
        assert words["alarms"] == known["sensor"]["last_alarm"]["state"]
        attributes = known["binary_sensor"]["data_stale"]["state_attributes"]
        assert WHY_STALE.keys() == attributes["reason"]["state"].keys()
        assert WHY_STALE.keys() <= words["why"].keys() == texts["en"]["why"].keys()
        assert len(words["weekdays"]) == 7
        assert {name: blanks(text) for name, text in words.items()} == {
            name: blanks(text) for name, text in texts["en"].items()
        }


def blanks(text: object) -> list[str]:
    """Return the sorted placeholders of a text."""
    return sorted(re.findall(r"{\w+}", text)) if isinstance(text, str) else []


async def test_two_people_are_told_apart(listener: Listener) -> None:
    """Two accounts are distinguished by name, and other names are unknown."""
    with_name = ["what is {name}'s glucose"]
    await listener.automate(
        {"name": "Ada", "glucose_sentences": with_name},
        {
            "name": "Ben",
            "glucose_sentences": with_name,
            "glucose": "sensor.of_somebody_else",
        },
    )
    assert (
        await listener.ask(GLUCOSE)
        == "Ada's glucose is 123 mg/dL as of 12 minutes ago."
    )
    assert (await listener.ask("what is Ben's glucose")).startswith(
        "Ben's glucose is not"
    )
    assert (
        await listener.ask_and_wait("what is Cleo's glucose")
        == "I know no pump of Cleo."
    )


def test_no_answer_speaks_of_a_dose_to_give() -> None:
    """The answers describe the past and never recommend a dose."""
    answer = str(load_yaml_dict(str(BLUEPRINT))["variables"]).lower()
    for word in ("should", "recommend", "dose", "need"):
        assert word not in answer
