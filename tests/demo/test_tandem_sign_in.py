"""Signing in to the simulated Tandem Source follows the documented steps exactly."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import jwt
import pytest

from demo.tandem import SimulatedTandem

from .web_application import WebApplication

EMAIL, PASSWORD = "wearer@example.com", 'pä ss&w%rd"+/?#'


@pytest.fixture
async def tandem() -> AsyncIterator[SimulatedTandem]:
    """A service with one account."""
    service = SimulatedTandem()
    service.add_account(EMAIL, PASSWORD, first_name="Ada", last_name="Example")
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def browser(tandem: SimulatedTandem) -> AsyncIterator[WebApplication]:
    """A browser without cookies."""
    async with aiohttp.ClientSession() as session:
        yield WebApplication(session, tandem)


async def test_the_whole_way_leads_to_a_verifiable_id_token(
    tandem: SimulatedTandem, browser: WebApplication
) -> None:
    """Email and password give tokens whose signature matches the published keys."""
    await browser.sign_in(EMAIL, PASSWORD)
    region, id_token = tandem.region, browser.tokens["id_token"]
    async with browser.session.get(
        f"{region.accounts}/.well-known/openid-configuration/jwks"
    ) as response:
        keys = {
            key.key_id: key
            for key in jwt.PyJWKSet.from_dict(await response.json()).keys
        }
    key = keys[jwt.get_unverified_header(id_token)["kid"]]
    claims = jwt.decode(
        id_token, key, ["RS256"], audience=region.client_id, issuer=region.accounts
    )
    account = tandem.accounts[EMAIL]
    assert claims["pumperId"] == account.pumper_id
    assert claims["accountId"] == account.account_id
    assert (claims["name"], claims["email"]) == ("Ada Example", EMAIL)
    assert browser.tokens["expires_in"] == 8 * 3600
    assert tandem.sign_in.sign_ins == 1


async def test_a_wrong_password_is_refused_as_an_unknown_email_is(
    tandem: SimulatedTandem, browser: WebApplication
) -> None:
    """The two answers are equal, and neither allows the next step."""
    await browser.visit()
    wrong, unknown = (
        await browser.login(EMAIL, "wrong"),
        await browser.login("nobody@example.com", PASSWORD),
    )
    assert wrong == unknown
    assert wrong[0] == 401
    _, code = await browser.authorize()
    assert code is None
    assert tandem.sign_in.refused == 2


async def test_a_refusal_can_come_with_status_200(
    tandem: SimulatedTandem, browser: WebApplication
) -> None:
    """The other form of a refusal is JSON with status 200."""
    tandem.sign_in.refusal_status = 200
    await browser.visit()
    status, answer = await browser.login(EMAIL, "wrong")
    assert status == 200
    assert answer["status"] != "SUCCESS"


async def test_without_the_page_nobody_is_heard(browser: WebApplication) -> None:
    """The login needs the page's cookie, and its address as Referer."""
    assert (await browser.login(EMAIL, PASSWORD))[0] == 400
    await browser.visit()
    status, page = await browser.login(
        EMAIL, PASSWORD, referer="https://elsewhere.example/"
    )
    assert status == 403
    assert "The request is blocked" in page
    assert (await browser.login(EMAIL, PASSWORD))[0] == 200


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "other"},
        {"redirect_uri": "http://localhost/elsewhere"},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"scope": "openid"},
        {"response_type": "token"},
    ],
)
async def test_authorize_insists_on_every_parameter(
    browser: WebApplication, change: dict[str, str]
) -> None:
    """A request that differs from the web application's gets no code."""
    await browser.visit()
    await browser.login(EMAIL, PASSWORD)
    assert await browser.authorize(**change) == (400, None)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"redirect_uri": "http://localhost/elsewhere"}, "invalid_grant"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"client_id": "other"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_token_insists_on_the_verifier(
    browser: WebApplication, change: dict[str, str], error: str
) -> None:
    """A code is worthless without its verifier."""
    await browser.visit()
    await browser.login(EMAIL, PASSWORD)
    _, code = await browser.authorize()
    assert code is not None
    assert await browser.token(**({"code": code} | change)) == (400, {"error": error})


async def test_a_code_serves_once(browser: WebApplication) -> None:
    """The second use of a code is refused."""
    await browser.visit()
    await browser.login(EMAIL, PASSWORD)
    _, code = await browser.authorize()
    assert code is not None
    assert (await browser.token(code))[0] == 200
    assert await browser.token(code) == (400, {"error": "invalid_grant"})


async def test_tokens_expire(tandem: SimulatedTandem, browser: WebApplication) -> None:
    """An expired or withdrawn access token is refused with 401."""
    pumper = f"pumper/{tandem.accounts[EMAIL].pumper_id}"
    await browser.sign_in(EMAIL, PASSWORD)
    assert (await browser.get(pumper))[0] == 200
    tandem.token_clock = lambda: datetime.now(UTC) + timedelta(hours=8)
    assert (await browser.get(pumper))[0] == 401
    tandem.token_clock = lambda: datetime.now(UTC)
    assert (await browser.get(pumper))[0] == 200
    tandem.sign_in.expire_tokens()
    assert (await browser.get(pumper))[0] == 401


async def test_a_changed_password_counts_at_once(
    tandem: SimulatedTandem, browser: WebApplication
) -> None:
    """The old password is refused, the new one accepted."""
    tandem.accounts[EMAIL].password = "new"
    await browser.visit()
    assert (await browser.login(EMAIL, PASSWORD))[0] == 401
    assert (await browser.login(EMAIL, "new"))[0] == 200


async def test_keys_can_change(
    tandem: SimulatedTandem, browser: WebApplication
) -> None:
    """After a change of keys only the new one is published."""
    await browser.sign_in(EMAIL, PASSWORD)
    old = jwt.get_unverified_header(browser.tokens["id_token"])["kid"]
    tandem.sign_in.rotate_keys()
    async with browser.session.get(
        f"{tandem.region.accounts}/.well-known/openid-configuration/jwks"
    ) as response:
        assert old not in [key["kid"] for key in (await response.json())["keys"]]
