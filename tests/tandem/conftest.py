"""A simulated Tandem Source with one account, and a check that no secret is logged."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
import logging
import traceback
from typing import Any

import aiohttp
import pytest

from custom_components.tconnectsync.tandem import (
    Region,
    TandemClient,
    TandemError,
    TokenProvider,
    regions,
)
from demo.pump import RawEvent
from demo.tandem.server import SimulatedTandem

EMAIL = "Ada.Lovelace+pump@example.org"
PASSWORD = 'p+ä ss&"€word%2F'
SERIAL_NUMBER = "90556643"


@dataclass(kw_only=True)
class LoggedPump:
    """A pump whose log is written line by line in the test."""

    serial_number: str = SERIAL_NUMBER
    assignment_id: str = "1b493210-9336-4901-a329-a352775738c5"
    about: dict[str, Any] = field(
        default_factory=lambda: {"modelName": "t:slim X2™ Insulin Pump"}
    )
    settings: dict[str, Any] = field(default_factory=dict)
    events: list[RawEvent] = field(default_factory=list)
    instants: list[datetime] = field(default_factory=list)

    def log(self, pump_time: str, code: int = 279, **properties: Any) -> None:
        """Append an event."""
        self.events.append(
            {
                "deviceAssignmentId": self.assignment_id,
                "eventCode": code,
                "sequenceGroup": 0,
                "sequenceNumber": len(self.events) + 1,
                "pumpDateTime": pump_time,
                "estimatedDateTime": f"{pump_time}Z",
                "eventProperties": properties,
            }
        )
        self.instants.append(datetime.fromisoformat(pump_time).replace(tzinfo=UTC))


@pytest.fixture
def logged() -> LoggedPump:
    """The account's pump, with an empty log."""
    return LoggedPump()


@pytest.fixture
async def tandem(
    logged: LoggedPump, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[SimulatedTandem]:
    """A Tandem Source with one account and one pump; no test may log its secrets."""
    caplog.set_level(logging.DEBUG)
    tandem = SimulatedTandem(demands_browser=True)
    account = tandem.add_account(
        EMAIL, PASSWORD, first_name="Ada", last_name="Lovelace"
    )
    account.add_pump(logged)
    await tandem.start()
    yield tandem
    await tandem.stop()
    logged_lines = [
        caplog.handler.format(line)
        for line in caplog.get_records("call")
        if line.name != "aiohttp.server"
    ]
    log = "\n".join(logged_lines)
    assert [secret for secret in secrets_of(tandem) if secret in log] == []


@pytest.fixture
def region(tandem: SimulatedTandem, monkeypatch: pytest.MonkeyPatch) -> Region:
    """The simulated Tandem Source as a region."""
    monkeypatch.setenv("TCONNECTSYNC_DEMO_URL", tandem.url)
    return regions()["demo"]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session with cookies of its own."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar()) as session:
        yield session


@pytest.fixture
def tokens(session: aiohttp.ClientSession, region: Region) -> TokenProvider:
    """The sign-in of the account."""
    return TokenProvider(session, region, EMAIL, PASSWORD)


@pytest.fixture
def client(session: aiohttp.ClientSession, tokens: TokenProvider) -> TandemClient:
    """A client for the account."""
    return TandemClient(session, tokens)


def secrets_of(tandem: SimulatedTandem) -> set[str]:
    """All secrets of the account."""
    secrets = {EMAIL, EMAIL.lower(), PASSWORD, SERIAL_NUMBER, "Lovelace", "1990-01-01"}
    secrets |= {*tandem.sign_in.tokens, *tandem.sign_in.sessions, *tandem.sign_in.pages}
    for account in tandem.accounts.values():
        secrets |= {account.account_id, account.pumper_id}
        secrets |= {listed.pump.assignment_id for listed in account.pumps}
    return secrets


def everything_in(error: BaseException | None) -> str:
    """The text that a log could contain of an error and of everything attached to it."""
    text = ""
    while error is not None:
        text += f"{error!r} {error.args} {vars(error)}"
        text += "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__
    return text


@pytest.fixture
def tells_nothing(tandem: SimulatedTandem) -> Callable[[TandemError], None]:
    """Return a check that an error, and everything attached to it, contains no secret and no address."""

    def prove(error: TandemError) -> None:
        text = everything_in(error)
        assert [secret for secret in secrets_of(tandem) if secret in text] == []
        assert "://" not in text
        assert "localhost" not in text
        assert error.__context__ is None

    return prove
