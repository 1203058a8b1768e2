"""Signing in like Tandem's own page, in each region, and the errors that can stop it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from typing import Any
from unittest.mock import patch

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest
from yarl import URL

from custom_components.tconnectsync.tandem import (
    Region,
    SignInRefused,
    TandemBusy,
    TandemChanged,
    TandemError,
    TandemUnreachable,
    TokenProvider,
    regions,
)
from demo.tandem.faults import GATEWAY, Fault, with_field, without_field
from demo.tandem.server import RegionName, SimulatedTandem
from tests.held import Late

from .conftest import EMAIL, PASSWORD
from .internet import internet_of

type Prove = Callable[[TandemError], None]

STEPS = {
    "sign-in page": "/",
    "login": "/login",
    "authorize": "/authorize",
    "token": "/token",
    "keys": "/jwks",
}


async def test_sign_in(tandem: SimulatedTandem, tokens: TokenProvider) -> None:
    """Email and password give a token that is valid for some hours and names the account."""
    before = datetime.now(UTC)
    token = await tokens.token()
    account = tandem.accounts[EMAIL.lower()]
    assert token.account_id == account.account_id
    assert token.pumper_id == account.pumper_id
    assert token.access_token in tandem.sign_in.tokens
    assert timedelta(hours=8) <= token.expires_at - before < timedelta(hours=8.1)
    assert [(seen.method, seen.path) for seen in tandem.requests] == [
        ("GET", "/"),
        ("POST", "/accounts/api/login"),
        ("GET", "/accounts/api/connect/authorize"),
        ("POST", "/accounts/api/connect/token"),
        ("GET", "/accounts/api/.well-known/openid-configuration/jwks"),
    ]


@pytest.mark.parametrize("name", ["us", "eu"])
async def test_each_region(name: RegionName) -> None:
    """Each region works under Tandem's own host names, and each host answers only its own requests."""
    tandem = SimulatedTandem(region=name, demands_browser=True)
    tandem.add_account(EMAIL, PASSWORD)
    async with internet_of(tandem) as session:
        token = await TokenProvider(session, regions()[name], EMAIL, PASSWORD).token()
    assert token.access_token in tandem.sign_in.tokens
    assert {seen.host for seen in tandem.requests} == {
        URL(regions()[name].sign_in_page).host,
        URL(regions()[name].accounts_base).host,
    }


async def test_the_wrong_region_is_refused_like_a_wrong_password() -> None:
    """Tandem's answer does not distinguish the two cases."""
    tandem = SimulatedTandem(region="eu", demands_browser=True)
    async with internet_of(tandem) as session:
        with pytest.raises(SignInRefused, match="email, password or region"):
            await TokenProvider(session, regions()["eu"], EMAIL, PASSWORD).token()


async def test_credentials_travel_in_no_address(
    tandem: SimulatedTandem, tokens: TokenProvider
) -> None:
    """Addresses, which proxies log, contain no email, password or token."""
    token = await tokens.token()
    asked = " ".join(f"{seen.path} {seen.query}" for seen in tandem.requests)
    assert [s for s in (EMAIL, PASSWORD, token.access_token) if s in asked] == []


async def test_every_sign_in_has_a_challenge_of_its_own(
    tandem: SimulatedTandem, session: aiohttp.ClientSession, region: Region
) -> None:
    """An intercepted code is worthless without the verifier, which is never reused."""
    for _ in range(2):
        await TokenProvider(session, region, EMAIL, PASSWORD).token()
    asked = [seen.query for seen in tandem.requests if "authorize" in seen.path]
    assert {query["code_challenge_method"] for query in asked} == {"S256"}
    assert len({query["code_challenge"] for query in asked}) == 2


async def test_a_verifier_that_does_not_fit_is_not_served(
    tandem: SimulatedTandem, tokens: TokenProvider
) -> None:
    """The service compares verifier and challenge."""
    with (
        patch(
            "custom_components.tconnectsync.tandem.authorization_request.sha256",
            blake2s,
        ),
        pytest.raises(TandemBusy, match="token: answered 400"),
    ):
        await tokens.token()


async def test_cookies_of_an_earlier_sign_in_are_gone(
    tandem: SimulatedTandem, session: aiohttp.ClientSession, region: Region
) -> None:
    """Cookies of an earlier sign-in are cleared."""
    session.cookie_jar.update_cookies({"old": "1"}, URL(tandem.url))
    await TokenProvider(session, region, EMAIL, PASSWORD).token()
    assert "old" not in {cookie.key for cookie in session.cookie_jar}


@pytest.mark.parametrize("status", [200, 400, 401, 403])
async def test_refused(
    tandem: SimulatedTandem,
    session: aiohttp.ClientSession,
    region: Region,
    tells_nothing: Prove,
    status: int,
) -> None:
    """A wrong password is reported as such, with any status of the refusal."""
    tandem.sign_in.refusal_status = status
    with pytest.raises(SignInRefused) as refused:
        await TokenProvider(session, region, EMAIL, f"{PASSWORD}!").token()
    assert refused.value.status == status
    tells_nothing(refused.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, ""),
        (200, "<html>Down for maintenance</html>"),
        (200, "[]"),
        (200, '{"message": "no status"}'),
        (200, '{"status": 5}'),
        (202, '{"status": "SUCCESS"}'),
        (302, ""),
        (400, '{"message": "Missing sign-in session"}'),
        (403, "<html>The request is blocked.</html>"),
        (429, '{"status": "TOO_MANY"}'),
        (500, '{"status": "ERROR"}'),
        (503, ""),
        (599, ""),
    ],
)
async def test_error_at_login_is_no_refusal(
    tandem: SimulatedTandem,
    tokens: TokenProvider,
    tells_nothing: Prove,
    status: int,
    body: str,
) -> None:
    """Only a 401 or a readable status refuses; the user is not asked for a password for any other error."""
    tandem.faults.add(Fault(path="/login", status=status, body=body))
    with pytest.raises(TandemBusy, match="login: answered") as raised:
        await tokens.token()
    assert raised.value.status == status
    tells_nothing(raised.value)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", [204, 400, 403, 404, 429, 500, 502])
async def test_error_at_each_step(
    tandem: SimulatedTandem,
    tokens: TokenProvider,
    tells_nothing: Prove,
    step: str,
    status: int,
) -> None:
    """A missing address is a change of the service; all other errors are temporary."""
    tandem.faults.add(Fault(path=STEPS[step], status=status, body=GATEWAY))
    with pytest.raises(TandemError, match=f"{step}: answered {status}") as raised:
        await tokens.token()
    assert type(raised.value) is (TandemChanged if status == 404 else TandemBusy)
    tells_nothing(raised.value)


@pytest.mark.parametrize("step", STEPS)
async def test_silence_at_each_step(
    tandem: SimulatedTandem,
    tokens: TokenProvider,
    tells_nothing: Prove,
    freezer: FrozenDateTimeFactory,
    step: str,
) -> None:
    """Tandem does not answer in time."""
    tandem.faults.add(Late(path=STEPS[step], delay=300, freezer=freezer))
    with pytest.raises(TandemUnreachable, match=f"{step}: no answer in time") as silent:
        await tokens.token()
    tells_nothing(silent.value)


@pytest.mark.parametrize("step", STEPS)
async def test_a_cut_connection_at_each_step(
    tandem: SimulatedTandem, tokens: TokenProvider, tells_nothing: Prove, step: str
) -> None:
    """The answer is truncated."""
    body = '{"status": "SUCCESS"}'
    tandem.faults.add(Fault(path=STEPS[step], status=200, body=body, cut=5))
    with pytest.raises(TandemUnreachable, match=f"{step}: the connection") as cut:
        await tokens.token()
    tells_nothing(cut.value)


async def test_not_running(
    tandem: SimulatedTandem, tokens: TokenProvider, tells_nothing: Prove
) -> None:
    """No server listens."""
    await tandem.stop()
    with pytest.raises(TandemUnreachable, match="sign-in page: no connection") as error:
        await tokens.token()
    tells_nothing(error.value)


async def test_a_certificate_of_somebody_else(tells_nothing: Prove) -> None:
    """Without Tandem's certificate nothing is sent."""
    tandem = SimulatedTandem(region="us", demands_browser=True)
    async with internet_of(tandem, trusting=False) as session:
        with pytest.raises(TandemUnreachable, match="no secure connection") as error:
            await TokenProvider(session, regions()["us"], EMAIL, PASSWORD).token()
    tells_nothing(error.value)
    assert tandem.requests == []


async def test_an_unknown_name(tells_nothing: Prove) -> None:
    """Name resolution fails, as when the internet connection is down."""
    tandem = SimulatedTandem(region="us", demands_browser=True)
    async with internet_of(tandem, names=()) as session:
        with pytest.raises(TandemUnreachable, match="cannot be resolved") as error:
            await TokenProvider(session, regions()["us"], EMAIL, PASSWORD).token()
    tells_nothing(error.value)


@pytest.mark.parametrize(
    "change",
    [
        without_field("access_token"),
        without_field("id_token"),
        without_field("expires_in"),
        with_field("access_token", value="two\r\nlines"),
        with_field("access_token", value=""),
        with_field("access_token", value=None),
        with_field("id_token", value=7),
        with_field("expires_in", value="soon"),
        with_field("expires_in", value=0),
        with_field("expires_in", value=float("nan")),
        lambda _: [],
    ],
)
async def test_a_token_answer_of_another_shape(
    tandem: SimulatedTandem,
    tokens: TokenProvider,
    tells_nothing: Prove,
    change: Callable[[Any], Any],
) -> None:
    """A token answer of another shape is a change of the service."""
    tandem.faults.add(Fault(path="/token", change=change))
    with pytest.raises(
        TandemChanged, match="token: the answer holds no token"
    ) as error:
        await tokens.token()
    tells_nothing(error.value)


@pytest.mark.parametrize("step", ["token", "keys"])
async def test_a_page_instead_of_json(
    tandem: SimulatedTandem, tokens: TokenProvider, tells_nothing: Prove, step: str
) -> None:
    """A page instead of JSON is a change of the service."""
    tandem.faults.add(Fault(path=STEPS[step], status=200, body="<html>Hello</html>"))
    with pytest.raises(TandemChanged, match="other than JSON") as error:
        await tokens.token()
    tells_nothing(error.value)


@pytest.mark.parametrize(
    ("claimed", "taken"),
    [(60, 600), (28800.5, 28800.5), (1e300, 86400)],
)
async def test_absurd_validity(
    tandem: SimulatedTandem, tokens: TokenProvider, claimed: float, taken: float
) -> None:
    """A token is tried for at least ten minutes and never believed for more than a day."""
    tandem.faults.add(
        Fault(path="/token", change=with_field("expires_in", value=claimed))
    )
    left = (await tokens.token()).expires_at - datetime.now(UTC)
    assert taken - 5 < left.total_seconds() <= taken


def redirect(path: str, location: str, **fault: Any) -> Fault:
    """Return a fault that redirects."""
    return Fault(path=path, status=302, headers={"Location": location}, **fault)


async def test_redirects_among_its_own_hosts(
    tandem: SimulatedTandem, tokens: TokenProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redirects, relative ones included, are followed up to the callback, which is not loaded."""
    tandem.faults.add(redirect("/", "/welcome"))
    tandem.faults.add(Fault(path="/welcome", status=200))
    tandem.faults.add(
        Fault(path="/login", status=200, body='{"status": "SUCCESS"}'),
    )
    tandem.faults.add(redirect("/authorize", "../connect/authorize/callback?step=2"))
    monkeypatch.setattr("secrets.token_urlsafe", lambda size: "s" * 43)
    callback = f"{tandem.url}/auth/callback?code=7&state={'s' * 43}#end"
    tandem.faults.add(redirect("/authorize", callback))
    with pytest.raises(TandemBusy, match="token: answered 400"):
        await tokens.token()
    assert [seen.path.rpartition("/")[2] for seen in tandem.requests] == [
        "",
        "welcome",
        "login",
        "authorize",
        "callback",
        "token",
    ]
    assert tandem.requests[4].path == "/accounts/api/connect/authorize/callback"


@pytest.mark.parametrize("path", ["/", "/authorize"])
@pytest.mark.parametrize(
    "location",
    [
        "https://attacker.example/auth/callback?code=1",
        "//attacker.example/",
        "http://localhost:1/auth/callback?code=1",
        "mailto:nobody",
        "http://[",
        "http://localhost:99999999/",
    ],
)
async def test_a_redirect_to_anywhere_else(
    tandem: SimulatedTandem,
    tokens: TokenProvider,
    tells_nothing: Prove,
    path: str,
    location: str,
) -> None:
    """A redirect to a host that is not Tandem's is not followed."""
    tandem.faults.add(redirect(path, location))
    with pytest.raises(TandemChanged, match="redirects elsewhere") as error:
        await tokens.token()
    tells_nothing(error.value)


@pytest.mark.parametrize("headers", [{}, {"Location": "/again"}])
async def test_redirects_without_end(
    tandem: SimulatedTandem,
    tokens: TokenProvider,
    tells_nothing: Prove,
    headers: dict[str, str],
) -> None:
    """A loop is left after ten rounds."""
    tandem.faults.add(Fault(path="/", status=302, headers=headers, times=None))
    with pytest.raises(TandemChanged, match="redirects without end") as error:
        await tokens.token()
    assert len(tandem.requests) == 10
    tells_nothing(error.value)


async def test_a_sign_in_that_does_not_hold(
    tandem: SimulatedTandem, tokens: TokenProvider, tells_nothing: Prove
) -> None:
    """Tandem redirects to the sign-in page instead of giving a code."""
    tandem.faults.add(Fault(path="/login", status=200, body='{"status": "SUCCESS"}'))
    with pytest.raises(TandemBusy, match="authorize: answered") as error:
        await tokens.token()
    tells_nothing(error.value)


async def test_a_code_for_another_request(
    tandem: SimulatedTandem, tokens: TokenProvider, tells_nothing: Prove
) -> None:
    """A code with another state is refused."""
    tandem.faults.add(redirect("/authorize", "/auth/callback?code=7&state=other"))
    with pytest.raises(TandemChanged, match="answers another request") as error:
        await tokens.token()
    tells_nothing(error.value)


@pytest.mark.parametrize("said", ["server_error", "temporarily_unavailable"])
async def test_a_callback_that_says_to_come_again(
    tandem: SimulatedTandem, tokens: TokenProvider, said: str
) -> None:
    """The callback reports a temporary error of the service; the password is not sent again for it."""
    await tokens.token()
    tandem.faults.add(redirect("/authorize", f"/auth/callback?error={said}"))
    tandem.sign_in.expire_tokens()
    tokens.invalidate(await tokens.token())
    with pytest.raises(TandemBusy, match=f"authorize: answered {said}"):
        await tokens.token()
    assert tandem.count("/login") == 1


async def test_a_callback_without_a_code(
    tandem: SimulatedTandem, tokens: TokenProvider, tells_nothing: Prove
) -> None:
    """Tandem redirects to the callback with an error."""
    tandem.faults.add(redirect("/authorize", "/auth/callback?error=login_required"))
    with pytest.raises(TandemBusy, match="authorize: answered 302") as error:
        await tokens.token()
    tells_nothing(error.value)
