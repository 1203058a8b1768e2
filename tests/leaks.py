"""A search of all test logs, at any level, for secrets and data that identify a person."""

from collections.abc import Iterator
from hashlib import sha1
import logging
import secrets as random_secrets
from types import SimpleNamespace
from typing import Any, override
from urllib.parse import quote

import pytest

from demo.nightscout import SimulatedNightscout
from demo.tandem import Account, SimulatedTandem, oidc

SPEAK_FREELY = ("demo", "aiohttp.server", "aiohttp.access", "hypothesis")
"""Loggers of the simulated services, which users do not run."""
SHORTEST = 6
BEGINNING_OF_A_SIGNED_TOKEN = "eyJhbGciOi"


class Known:
    """All secrets that the simulated services know or issue, in each of their forms."""

    def __init__(self) -> None:
        """Start without secrets."""
        self.secrets: set[str] = set()

    def learn(self, *secrets: str) -> None:
        """Add secrets, if they are long enough not to be in a log by chance."""
        for secret in secrets:
            if len(secret) >= SHORTEST:
                hashed = sha1(secret.encode(), usedforsecurity=False).hexdigest()
                self.secrets |= {secret, quote(secret, safe=""), hashed}


class Listener(logging.Handler):
    """A log handler that stores all records."""

    def __init__(self) -> None:
        """Handle records of every level."""
        super().__init__(logging.NOTSET)
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))
        self.lines: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Store a record with its exception and the causes of that."""
        if not record.name.startswith(SPEAK_FREELY):
            self.lines.append(self.format(record))

    def leaks(self, known: Known) -> list[str]:
        """Return the lines that contain a secret."""
        words = {word.lower() for word in known.secrets} | {
            BEGINNING_OF_A_SIGNED_TOKEN.lower()
        }
        text = "\n".join(self.lines).lower()
        present = [word for word in words if word in text]
        return [
            line for line in self.lines if any(word in line.lower() for word in present)
        ]


@pytest.fixture(autouse=True)
def no_secret_is_logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail when a secret, or data that identifies a person, was logged."""
    known = Known()
    listen_to_services(monkeypatch, known)
    listener = Listener()
    loggers = [logging.getLogger(), logging.getLogger("custom_components.tconnectsync")]
    levels = [logger.level for logger in loggers]
    loggers[0].addHandler(listener)
    loggers[1].setLevel(logging.DEBUG)
    yield
    loggers[0].removeHandler(listener)
    loggers[1].setLevel(levels[1])
    assert listener.leaks(known) == []


def listen_to_services(monkeypatch: pytest.MonkeyPatch, known: Known) -> None:
    """Collect every secret that the simulated services receive or issue."""

    def hand_out(size: int | None = None) -> str:
        token = random_secrets.token_urlsafe(size)
        known.learn(token)
        return token

    add_account = SimulatedTandem.add_account
    add_pump = Account.add_pump
    add_token = SimulatedNightscout.add_token
    begin = SimulatedNightscout.__init__

    def adding_account(
        tandem: SimulatedTandem, email: str, password: str, **details: Any
    ) -> Account:
        account = add_account(tandem, email, password, **details)
        known.learn(
            email, password, account.name, account.account_id, account.pumper_id
        )
        return account

    def adding_pump(account: Account, pump: Any, **overrides: Any) -> Any:
        known.learn(pump.serial_number, pump.assignment_id)
        return add_pump(account, pump, **overrides)

    def adding_token(site: SimulatedNightscout, *rest: Any) -> str:
        token = add_token(site, *rest)
        known.learn(token)
        return token

    def beginning(site: SimulatedNightscout, *, api_secret: str, **rest: Any) -> None:
        known.learn(api_secret)
        begin(site, api_secret=api_secret, **rest)

    monkeypatch.setattr(oidc, "secrets", SimpleNamespace(token_urlsafe=hand_out))
    monkeypatch.setattr(SimulatedTandem, "add_account", adding_account)
    monkeypatch.setattr(Account, "add_pump", adding_pump)
    monkeypatch.setattr(SimulatedNightscout, "add_token", adding_token)
    monkeypatch.setattr(SimulatedNightscout, "__init__", beginning)
