"""A token is used as long as it is valid, and sign-ins pause after errors."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.tandem import (
    Region,
    SignInRefused,
    TandemBusy,
    TandemError,
    TandemUnreachable,
    Token,
    TokenProvider,
)
from demo.tandem.faults import Fault
from demo.tandem.server import SimulatedTandem

from .conftest import EMAIL, PASSWORD

type Prove = Callable[[TandemError], None]

KEPT = Token(
    access_token="kept",
    expires_at=datetime(2126, 5, 15, 12, tzinfo=UTC),
    pumper_id="p-1",
    account_id="a-1",
)


async def test_one_sign_in_for_many_calls(
    tandem: SimulatedTandem, tokens: TokenProvider
) -> None:
    """Calls during a sign-in share its token."""
    tandem.latency = 0.01
    granted = await asyncio.gather(*(tokens.token() for _ in range(5)))
    assert len(set(granted)) == 1
    assert await tokens.token() == granted[0]
    assert tandem.sign_in.sign_ins == 1


async def test_a_new_token_is_handed_over_to_be_kept(
    session: aiohttp.ClientSession, region: Region
) -> None:
    """The store callback receives each new token once."""
    kept: list[Token] = []

    async def keep(token: Token) -> None:
        kept.append(token)

    tokens = TokenProvider(session, region, EMAIL, PASSWORD, on_token=keep)
    assert [await tokens.token(), await tokens.token()] == kept * 2
    tokens.invalidate(kept[0])
    assert await tokens.token() == kept[1]


async def test_a_kept_token_saves_a_sign_in(
    tandem: SimulatedTandem, session: aiohttp.ClientSession, region: Region
) -> None:
    """After a restart a stored token is used while it is valid."""
    tokens = TokenProvider(session, region, EMAIL, PASSWORD, token=KEPT)
    assert await tokens.token() is KEPT
    assert tandem.requests == []


async def test_a_token_is_renewed_shortly_before_it_expires(
    tandem: SimulatedTandem, tokens: TokenProvider, freezer: FrozenDateTimeFactory
) -> None:
    """A token with less than five minutes left is not used."""
    first = await tokens.token()
    freezer.move_to(first.expires_at - timedelta(minutes=5, seconds=1))
    assert await tokens.token() is first
    freezer.move_to(first.expires_at - timedelta(minutes=5))
    assert await tokens.token() != first
    assert tandem.count("/connect/token") == 2


async def test_a_token_that_is_not_taken_is_replaced_at_once(
    tandem: SimulatedTandem, tokens: TokenProvider
) -> None:
    """The next call signs in; a token that was replaced meanwhile stays."""
    first = await tokens.token()
    tokens.invalidate(first)
    second = await tokens.token()
    tokens.invalidate(first)
    assert await tokens.token() is second
    assert tandem.count("/connect/token") == 2


async def test_refused_credentials_are_never_sent_twice(
    tandem: SimulatedTandem,
    session: aiohttp.ClientSession,
    region: Region,
    tells_nothing: Prove,
) -> None:
    """A refusal is remembered for as long as the password is the same; a new password is tried at once."""
    tokens = TokenProvider(session, region, EMAIL, "wrong")
    errors = []
    for _ in range(3):
        with pytest.raises(SignInRefused) as refused:
            await tokens.token()
        errors.append(refused.value)
    assert tandem.sign_in.refused == 1
    assert len(set(map(str, errors))) == 1
    for error in errors:
        tells_nothing(error)
    changed = TokenProvider(session, region, EMAIL, PASSWORD)
    assert (await changed.token()).valid


async def test_callers_in_parallel_are_refused_once(
    tandem: SimulatedTandem, session: aiohttp.ClientSession, region: Region
) -> None:
    """Calls that waited for a refused sign-in do not try again."""
    tokens = TokenProvider(session, region, EMAIL, "wrong")
    answers = await asyncio.gather(
        *(tokens.token() for _ in range(5)), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {SignInRefused}
    assert tandem.sign_in.refused == 1


async def test_pauses_after_error_grow_up_to_an_hour(
    tandem: SimulatedTandem, tokens: TokenProvider, freezer: FrozenDateTimeFactory
) -> None:
    """During the pause the same error is raised with the remaining time."""
    tandem.faults.add(Fault(path="/login", status=500, times=None))
    for tries, pause in enumerate((60, 120, 240, 480, 960, 1920, 3600, 3600), start=1):
        with pytest.raises(TandemBusy, match="login: answered 500") as raised:
            await tokens.token()
        assert raised.value.retry_after == pause
        freezer.tick(pause - 1)
        with pytest.raises(TandemBusy, match="login: answered 500") as raised:
            await tokens.token()
        assert raised.value.retry_after == pytest.approx(1, abs=0.1)
        assert raised.value.status == 500
        assert tandem.count("/login") == tries
        freezer.tick(1)


async def test_recovery_by_itself(
    tandem: SimulatedTandem, tokens: TokenProvider, freezer: FrozenDateTimeFactory
) -> None:
    """After a successful sign-in the next error starts with a short pause again."""
    tandem.faults.add(Fault(path="/login", status=500, times=2))
    for pause in (60, 120):
        with pytest.raises(TandemBusy):
            await tokens.token()
        freezer.tick(pause)
    tokens.invalidate(await tokens.token())
    tandem.sign_in.end_sessions()
    tandem.faults.add(Fault(path="/login", status=500))
    with pytest.raises(TandemBusy) as raised:
        await tokens.token()
    assert raised.value.retry_after == 60


async def test_tandem_names_a_longer_pause(
    tandem: SimulatedTandem, tokens: TokenProvider, freezer: FrozenDateTimeFactory
) -> None:
    """A longer Retry-After is respected."""
    tandem.faults.add(
        Fault(path="/login", status=429, headers={"Retry-After": "300"}),
    )
    with pytest.raises(TandemBusy) as raised:
        await tokens.token()
    assert raised.value.retry_after == 300
    freezer.tick(299)
    with pytest.raises(TandemBusy):
        await tokens.token()
    freezer.tick(1)
    assert (await tokens.token()).valid


@pytest.mark.parametrize("known", [False, True], ids=["stranger", "known by cookies"])
async def test_no_pause_while_there_is_no_network(
    tandem: SimulatedTandem, tokens: TokenProvider, *, known: bool
) -> None:
    """A request that never reached Tandem is retried at once."""
    if known:
        tokens.invalidate(await tokens.token())
    await tandem.stop()
    with pytest.raises(TandemUnreachable) as error:
        await tokens.token()
    assert error.value.retry_after is None
    await tandem.start()
    assert (await tokens.token()).valid
    assert tandem.count("/login") == 1


async def test_a_pause_when_the_login_was_not_answered(
    tandem: SimulatedTandem, tokens: TokenProvider
) -> None:
    """Credentials that were sent are not sent again at once."""
    tandem.faults.add(Fault(path="/login", cut=0))
    for _ in range(2):
        with pytest.raises(TandemUnreachable, match="login"):
            await tokens.token()
    assert tandem.count("/login") == 1


async def test_new_tokens_that_are_not_taken_are_error(
    tandem: SimulatedTandem,
    tokens: TokenProvider,
    tells_nothing: Prove,
    freezer: FrozenDateTimeFactory,
) -> None:
    """If Tandem rejects each new token, the provider does not sign in again and again."""
    for pause in (60, 120, 240):
        tokens.invalidate(await tokens.token())
        tokens.invalidate(await tokens.token(), renewed=True)
        with pytest.raises(TandemBusy, match="new tokens are not taken") as raised:
            await tokens.token()
        assert raised.value.retry_after == pytest.approx(pause, abs=1)
        tells_nothing(raised.value)
        freezer.tick(pause)
    assert tandem.count("/connect/token") == 6
    freezer.tick(7200)
    await tokens.token()
    tokens.invalidate(await tokens.token(), renewed=True)
    with pytest.raises(TandemBusy) as raised:
        await tokens.token()
    assert raised.value.retry_after == pytest.approx(60, abs=1)


class TestPasswords:
    """The password is sent only when Tandem asks for it."""

    @pytest.mark.parametrize("minutes", [30, 480])
    async def test_one_password_in_a_month(
        self,
        tandem: SimulatedTandem,
        region: Region,
        freezer: FrozenDateTimeFactory,
        minutes: int,
    ) -> None:
        """In a month of tokens and restarts the password is sent once, because the cookies are stored with the token."""
        tandem.sign_in.token_lifetime = timedelta(minutes=minutes)
        kept: list[Token] = []

        async def keep(token: Token) -> None:
            kept.append(token)

        for _ in range(30):
            token = (
                Token.from_dict(json.loads(json.dumps(kept[-1].as_dict())))
                if kept
                else None
            )
            async with aiohttp.ClientSession() as session:
                tokens = TokenProvider(
                    session, region, EMAIL, PASSWORD, token=token, on_token=keep
                )
                for _ in range(8):
                    await tokens.token()
                    freezer.tick(timedelta(hours=3))
        assert tandem.count("/login") == 1
        assert tandem.count("/connect/token") == len(kept)
        assert tandem.count("/jwks") <= 60

    async def test_a_session_that_ended(
        self,
        tandem: SimulatedTandem,
        tokens: TokenProvider,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """When Tandem asks for the password again, it is sent at once."""
        tokens.invalidate(await tokens.token())
        tandem.sign_in.end_sessions()
        assert (await tokens.token()).valid
        assert tandem.count("/login") == 2

    @pytest.mark.parametrize("status", [500, 502, 503, 429])
    async def test_error_is_no_reason_to_send_it(
        self, tandem: SimulatedTandem, tokens: TokenProvider, status: int
    ) -> None:
        """A temporary error does not ask for a password."""
        tokens.invalidate(await tokens.token())
        tandem.faults.add(Fault(path="/authorize", status=status))
        with pytest.raises(TandemBusy):
            await tokens.token()
        assert tandem.count("/login") == 1

    async def test_another_answer_leads_to_a_whole_sign_in(
        self, tandem: SimulatedTandem, tokens: TokenProvider
    ) -> None:
        """After an unexpected answer the cookies are cleared and the complete sign-in runs."""
        tokens.invalidate(await tokens.token())
        tandem.faults.add(Fault(path="/authorize", status=400))
        assert (await tokens.token()).valid
        assert tandem.count("/login") == 2

    async def test_keys_are_fetched_again_when_another_is_used(
        self, tandem: SimulatedTandem, tokens: TokenProvider
    ) -> None:
        """Cached keys are replaced when Tandem uses a new one, even before they expire."""
        tokens.invalidate(await tokens.token())
        tokens.invalidate(await tokens.token())
        assert tandem.count("/jwks") == 1
        tandem.sign_in.rotate_keys()
        assert (await tokens.token()).valid
        assert tandem.count("/jwks") == 2


def test_a_token_survives_a_restart() -> None:
    """A token stored as JSON is restored unchanged."""
    assert Token.from_dict(json.loads(json.dumps(KEPT.as_dict()))) == KEPT


@pytest.mark.parametrize(
    "damage",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "two\nlines"},
        {"pumper_id": 7},
        {"account_id": "ü"},
        {"expires_at": None},
        {"expires_at": "soon"},
        {"expires_at": "2126-05-15T12:00:00"},
    ],
)
def test_a_damaged_token_is_none(damage: dict[str, Any]) -> None:
    """A changed file leads to a sign-in, not to a crash."""
    assert Token.from_dict(KEPT.as_dict() | damage) is None


@pytest.mark.parametrize("kept", [None, [], {}, "token"])
def test_anything_else_is_no_token(kept: Any) -> None:
    """An empty file leads to a sign-in."""
    assert Token.from_dict(kept) is None


def test_a_token_shown_tells_only_its_end() -> None:
    """The repr of a token contains its expiry only."""
    assert repr(KEPT) == (
        "Token(expires_at=datetime.datetime(2126, 5, 15, 12, 0, "
        "tzinfo=datetime.timezone.utc))"
    )
