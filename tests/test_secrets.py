"""Logs, requests, states, diagnostics and exceptions contain no secrets."""

from collections.abc import Iterator
from hashlib import sha1
import json
import logging

import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tconnectsync.const import CONF_FEATURES
from custom_components.tconnectsync.nightscout.features import Feature
from demo.nightscout import SimulatedNightscout
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .account import add_entry, poll, start
from .conftest import API_SECRET, EMAIL, PASSWORD
from .entity_states import everything_enabled
from .leaks import Known, Listener

FIRST_NAME, LAST_NAME = "Augusta", "Kingsworth"


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A log handler attached to loggers of its own."""
    listener = Listener()
    for name in ("whispers", "demo.whispers"):
        logging.getLogger(name).addHandler(listener)
        logging.getLogger(name).propagate = False
    yield listener
    for name in ("whispers", "demo.whispers"):
        logging.getLogger(name).removeHandler(listener)


@pytest.mark.parametrize(
    "written",
    [
        "signed in with sesame open",
        "signed in with SESAME OPEN",
        "https://example.org/?password=sesame%20open",
        f"api-secret: {sha1(b'sesame open', usedforsecurity=False).hexdigest()}",
        "id_token eyJhbGciOiJSUzI1NiJ9.e30.x",
    ],
)
def test_the_search_finds_secrets(listener: Listener, written: str) -> None:
    """The search finds secrets in each of their forms."""
    known = Known()
    known.learn("sesame open", "short")
    logging.getLogger("whispers").warning("all is well, in short")
    logging.getLogger("demo.whispers").warning("%s", written)
    assert listener.leaks(known) == []
    logging.getLogger("whispers").warning("%s", written)
    assert listener.leaks(known) == [f"whispers: {written}"]


def test_the_search_finds_what_led_to_an_exception(listener: Listener) -> None:
    """The search finds secrets in the causes of a logged exception."""
    known = Known()
    known.learn("sesame open")
    try:
        try:
            int("sesame open")
        except ValueError as error:
            raise RuntimeError("no") from error
    except RuntimeError:
        logging.getLogger("whispers").exception("It failed")
    assert len(listener.leaks(known)) == 1


@pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")
async def test_nothing_shown_or_asked_tells_whose_it_is(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    pump: SimulatedPump,
    hass_client: ClientSessionGenerator,
) -> None:
    """States, attributes, diagnostics and requested addresses have no secrets or personal data."""
    account = tandem.accounts[EMAIL.lower()]
    account.first_name, account.last_name = FIRST_NAME, LAST_NAME
    entry = add_entry(
        hass, tandem, {CONF_FEATURES: list(Feature)}, nightscout=nightscout
    )
    assert await async_setup_component(hass, "diagnostics", {})
    with everything_enabled():
        assert await start(hass, entry)
    await poll(hass, entry)
    shown = json.dumps(
        [state.as_dict() for state in hass.states.async_all()], default=str
    )
    diagnostics = json.dumps(
        await get_diagnostics_for_config_entry(hass, hass_client, entry)
    )
    asked = repr([(one.path, one.query) for one in tandem.requests]) + repr(
        [(one.path, one.query) for one in nightscout.requests]
    )
    hashed = sha1(API_SECRET.encode(), usedforsecurity=False).hexdigest()
    secrets = [PASSWORD, API_SECRET, hashed, EMAIL, *tandem.sign_in.tokens]
    persons = [FIRST_NAME, LAST_NAME, "1990-01-01", account.account_id]
    assert "glucose" in shown
    assert [
        one for one in [*secrets, *persons, pump.serial_number] if one in shown
    ] == []
    assert [
        one for one in [*secrets, *persons, pump.serial_number] if one in diagnostics
    ] == []
    assert [one for one in [*secrets, *persons[:3]] if one in asked] == []
