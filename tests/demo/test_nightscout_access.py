"""Permissions at the simulated Nightscout, and the delay after a refusal."""

from collections.abc import Sequence
from hashlib import sha512
from typing import Any

import pytest

from demo.nightscout import ADMIN, CAREPORTAL, READABLE
from demo.nightscout.access import covers

from .nightscout_site import SECRET, nightscout_site, secret_header, treatment

UNAUTHORIZED = {
    "status": 401,
    "message": "Unauthorized",
    "description": "Invalid/Missing",
}


@pytest.mark.parametrize(
    ("permission", "wanted", "covered"),
    [
        ("*", "api:treatments:read", True),
        ("*:*:read", "api:treatments:read", True),
        ("*:*:read", "api:treatments:create", False),
        ("api:treatments:create,update", "api:treatments:update", True),
        ("api:treatments:create,update", "api:treatments:delete", False),
        ("api:treatments", "api:treatments:delete", True),
        ("api:*:read", "*:*:read", False),
        ("api:treatments:create", "*:*:write", False),
        ("api:status:read:this", "api:status:read", False),
    ],
)
def test_permissions_cover_others(permission: str, wanted: str, covered: bool) -> None:
    """A permission covers another part by part; missing parts match everything."""
    assert covers(permission, wanted) is covered


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            secret_header(),
            {"canRead": True, "canWrite": True, "isAdmin": True, "message": "OK"},
        ),
        (
            {"api-secret": sha512(SECRET.encode()).hexdigest()},
            {"canRead": True, "canWrite": True, "isAdmin": True, "message": "OK"},
        ),
        (
            {},
            {
                "canRead": True,
                "canWrite": False,
                "isAdmin": False,
                "message": "UNAUTHORIZED",
                "permissions": "DEFAULT",
            },
        ),
        (
            secret_header("another secret"),
            {
                "canRead": False,
                "canWrite": False,
                "isAdmin": False,
                "message": "UNAUTHORIZED",
            },
        ),
        (
            {"api-secret": SECRET},
            {
                "canRead": False,
                "canWrite": False,
                "isAdmin": False,
                "message": "UNAUTHORIZED",
            },
        ),
    ],
)
async def test_verifyauth_always_answers(
    headers: dict[str, str], message: dict[str, Any]
) -> None:
    """Verifyauth answers 200 to everyone; only the message differs."""
    async with nightscout_site(headers=headers) as site:
        answer = await site.get("verifyauth")
    assert answer["status"] == 200
    assert answer["message"] == answer["message"] | message


async def test_verifyauth_denies_a_token_that_can_write() -> None:
    """A role token that may create treatments has canWrite false."""
    async with nightscout_site(headers={}) as site:
        token = site.server.add_token("Tandem pump", CAREPORTAL)
        site.session.headers["api-secret"] = token
        assert (await site.get("verifyauth"))["message"] == {
            "canRead": True,
            "canWrite": False,
            "isAdmin": False,
            "message": "OK",
            "rolefound": "FOUND",
            "permissions": "ROLE",
        }
        await site.post("treatments", treatment())


@pytest.mark.parametrize(
    ("permissions", "allowed"),
    [
        (READABLE, {"GET"}),
        (CAREPORTAL, {"GET", "POST"}),
        (("*:*:read", "api:treatments:create,update"), {"GET", "POST", "PUT"}),
        (ADMIN, {"GET", "POST", "PUT", "DELETE"}),
    ],
)
async def test_a_token_does_what_its_role_permits(
    permissions: Sequence[str], allowed: set[str]
) -> None:
    """Each action needs its own permission, and is answered with 401 without it."""
    async with nightscout_site(headers={}, default_roles=("denied",)) as site:
        token = site.server.add_token("someone", permissions)
        site.session.headers["api-secret"] = token
        for method in ("GET", "POST", "PUT", "DELETE"):
            body = None if method == "GET" else treatment()
            status, answer = await site.ask(method, "/api/v1/treatments", json=body)
            assert status == (200 if method in allowed else 401)
            assert method in allowed or answer == UNAUTHORIZED


async def test_a_token_tells_its_permissions() -> None:
    """The authorization request gives a JWT and permission groups, and the JWT signs in."""
    async with nightscout_site(headers={}, default_roles=("denied",)) as site:
        token = site.server.add_token("Tandem pump", CAREPORTAL)
        assert token.startswith("tandempump-")
        assert len(token.rpartition("-")[2]) == 16
        path = "/api/v2/authorization/request"
        status, answer = await site.ask("GET", f"{path}/{token}")
        assert status == 200
        assert answer["sub"] == "Tandem pump"
        assert answer["permissionGroups"] == [list(CAREPORTAL), []]
        assert answer["exp"] - answer["iat"] == 8 * 3600
        assert await site.ask("GET", f"{path}/nobody-0123456789abcdef") == (
            401,
            UNAUTHORIZED,
        )
        site.session.headers["Authorization"] = f"Bearer {answer['token']}"
        await site.post("treatments", treatment())


@pytest.mark.parametrize("roles", [("readable",), ("denied",)])
async def test_strangers_read_if_they_may(roles: tuple[str, ...]) -> None:
    """Without secret or token the default roles apply; a wrong secret may not even read."""
    async with nightscout_site(headers={}, default_roles=roles) as site:
        expected = 200 if roles == ("readable",) else 401
        for path in ("/api/v1/status.json", "/api/v1/treatments"):
            assert (await site.ask("GET", path))[0] == expected
            status, answer = await site.ask(
                "GET", path, headers=secret_header("wrong secret")
            )
            assert (status, answer) == (401, UNAUTHORIZED)
        status, _ = await site.ask("POST", "/api/v1/treatments", json=treatment())
        assert status == 401


async def test_secrets_and_tokens_work_in_the_address_too() -> None:
    """Nightscout accepts `secret` and `token` in the query, and the log shows their presence."""
    async with nightscout_site(headers={}, default_roles=("denied",)) as site:
        token = site.server.add_token("someone", READABLE)
        assert await site.get("treatments", token=token) == []
        assert await site.get("treatments", secret=secret_header()["api-secret"]) == []
        first, second = site.server.requests
    assert token in first.query
    assert "secret=" in second.query
    assert not first.credentials


class Waiting:
    """A clock that only advances while a caller waits."""

    def __init__(self) -> None:
        """Start at an arbitrary time."""
        self.waits: list[float] = []

    def monotonic(self) -> float:
        """Return the seconds waited so far."""
        return sum(self.waits)

    async def sleep(self, seconds: float) -> None:
        """Advance the clock without yielding."""
        self.waits.append(seconds)


async def test_a_refusal_delays_what_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a wrong secret the address has to wait, until the right one is used."""
    waiting = Waiting()
    monkeypatch.setattr("demo.nightscout.access.time", waiting)
    monkeypatch.setattr("demo.nightscout.access.asyncio", waiting)
    async with nightscout_site(refusal_delay=5) as site:
        wrong = secret_header("wrong secret")
        await site.ask("GET", "/api/v1/status.json", headers=wrong)
        assert waiting.waits == []
        await site.ask("GET", "/api/v1/status.json", headers=wrong)
        assert waiting.waits == [5]
        await site.get("status.json")
        assert waiting.waits == [5, 5]
        await site.get("status.json")
        assert waiting.waits == [5, 5]


async def test_a_changed_secret_refuses_the_old_one() -> None:
    """When API_SECRET changes, the old secret and all tokens are refused."""
    async with nightscout_site() as site:
        token = site.server.add_token("someone", ADMIN)
        site.server.api_secret = "a later secret"
        for headers in (secret_header(), {"api-secret": token}):
            status, _ = await site.ask("GET", "/api/v1/treatments", headers=headers)
            assert status == 401
        later = {"api-secret": site.server.add_token("someone", ADMIN)}
        for headers in (secret_header("a later secret"), later):
            status, _ = await site.ask("GET", "/api/v1/treatments", headers=headers)
            assert status == 200


async def test_without_careportal_nothing_is_written() -> None:
    """Treatments cannot be posted where the careportal feature is off."""
    async with nightscout_site(careportal=False) as site:
        status = await site.get("status.json")
        async with site.session.post("/api/v1/treatments", json=treatment()) as refused:
            assert refused.status == 404
        assert await site.get("treatments") == []
    assert status["careportalEnabled"] is False
    assert "careportal" not in status["settings"]["enable"]


@pytest.mark.parametrize("version", ["15.0.6", "15.0.7"])
@pytest.mark.parametrize("units", ["mg/dl", "mmol"])
async def test_status_tells_version_and_units(version: str, units: str) -> None:
    """The answer of status.json has the chosen version and units."""
    async with nightscout_site(version=version, units=units) as site:
        status = await site.get("status.json")
    assert (status["status"], status["version"]) == ("ok", version)
    assert status["settings"]["units"] == units
    assert status["settings"]["authDefaultRoles"] == "readable"


@pytest.mark.parametrize(
    ("path", "accept", "content_type", "text"),
    [
        ("status", "*/*", "text/html", "<h1>STATUS OK</h1>"),
        ("status", "application/json", "application/json", '{"status": "ok"'),
        ("status.txt", "*/*", "text/plain", "STATUS OK"),
        ("status.html", "application/json", "text/html", "<h1>STATUS OK</h1>"),
        ("status.js", "*/*", "application/javascript", "this.serverSettings ="),
    ],
)
async def test_status_has_forms(
    path: str, accept: str, content_type: str, text: str
) -> None:
    """The status is JSON only if requested."""
    async with (
        nightscout_site() as site,
        site.session.get(f"/api/v1/{path}", headers={"Accept": accept}) as response,
    ):
        assert response.content_type == content_type
        assert (await response.text()).startswith(text)


async def test_the_status_badge_is_elsewhere() -> None:
    """status.png redirects to a badge of another site."""
    async with (
        nightscout_site() as site,
        site.session.get("/api/v1/status.png", allow_redirects=False) as response,
    ):
        assert response.status == 302
        assert response.headers["Location"].endswith("Nightscout-OK-green.png")


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v3/version", "/nothing", "/api/v1"]
)
async def test_other_paths_are_not_served(path: str) -> None:
    """Other paths of Nightscout answer 404 with a page."""
    async with nightscout_site() as site, site.session.get(path) as response:
        assert (response.status, response.content_type) == (404, "text/html")
