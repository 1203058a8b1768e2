"""Missing permissions of a token for the enabled features, found without writing."""

from collections.abc import AsyncIterator, Iterable
from itertools import combinations

import aiohttp
import pytest

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.errors import NightscoutBusy
from custom_components.tconnectsync.nightscout.features import DEFAULT_FEATURES, Feature
from custom_components.tconnectsync.nightscout.needed_rights import (
    allows,
    needed_rights,
    needs_careportal,
    with_role,
)
from demo.nightscout import ADMIN, CAREPORTAL, READABLE, SimulatedNightscout
from demo.nightscout.access import ROLES, covers
from demo.nightscout.faults import Fault, proxy_error

from .records import PUMP, alarm, bolus, history, insulin_on_board, reading, segment
from .site import EVERYTHING, SECRET, Writer

EVERY_RIGHT = (
    "api:status:read",
    *(
        f"api:{collection}:{action}"
        for collection in ("treatments", "entries", "devicestatus")
        for action in ("read", "create", "delete")
    ),
    "api:profile:read",
    "api:profile:update",
)
UNTRIABLE = {"api:entries:create", "api:devicestatus:create", "api:profile:update"}
WRITTEN_AS = {
    "bolus": {"treatments"},
    "cgm": {"entries"},
    "device_status": {"devicestatus"},
    "profiles": {"profile"},
}


@pytest.fixture
async def server() -> AsyncIterator[SimulatedNightscout]:
    """A site without public permissions, so that a token has those of its roles only."""
    server = SimulatedNightscout(
        api_secret=SECRET, default_roles=("denied",), refusal_delay=0
    )
    await server.start()
    yield server
    await server.stop()


async def missing(
    server: SimulatedNightscout,
    session: aiohttp.ClientSession,
    permissions: Iterable[str],
    features: Iterable[Feature] = EVERYTHING,
) -> set[str]:
    """Return the missing permissions of a token; the check changes nothing."""
    token = server.add_token("uploader", permissions)
    access = await NightscoutClient(session, server.url, token).check(features)
    assert server.counters.total() == 0
    assert len(access.missing) == len(set(access.missing))
    return set(access.missing)


@pytest.mark.parametrize("lacking", EVERY_RIGHT)
async def test_each_missing_right_is_named(
    server: SimulatedNightscout, session: aiohttp.ClientSession, lacking: str
) -> None:
    """Each permission that is missing alone is named."""
    others = [right for right in EVERY_RIGHT if right != lacking]
    assert await missing(server, session, others) == {lacking}


async def test_these_rights_are_enough(
    server: SimulatedNightscout, session: aiohttp.ClientSession
) -> None:
    """With exactly the checked permissions every document can be written and deleted."""
    assert await missing(server, session, EVERY_RIGHT) == set()
    token = server.add_token("uploader", EVERY_RIGHT)
    client = NightscoutClient(session, server.url, token)
    writer = Writer(server, client)
    wanted = documents(
        history(
            basal=[segment("08:00:00", "09:00:00", 0.8, 3)],
            boluses=[bolus("08:00:00", 2.0, 5)],
            alarms=[alarm("08:00:00", 6)],
            readings=[reading("08:00:00", 7, 100)],
            insulin_on_board=[insulin_on_board("08:00:00", 8, 1.0)],
        ),
        PUMP,
        EVERYTHING,
    )
    result = await writer.hold(wanted)
    assert (result.created, result.pending, result.error) == (5, 0, None)
    result = await writer.hold([], days=[document.day for document in wanted])
    assert (result.removed, result.pending, result.error) == (5, 0, None)
    await client.write_profile({"_id": "0" * 24, "store": {}})
    assert len(await client.profiles(1)) == 1


@pytest.mark.parametrize(
    "features",
    [set(chosen) for number in range(5) for chosen in combinations(WRITTEN_AS, number)],
)
async def test_only_what_is_written_needs_a_right(
    server: SimulatedNightscout, session: aiohttp.ClientSession, features: set[str]
) -> None:
    """A disabled feature needs no permission."""
    chosen = [Feature(feature) for feature in features]
    lacking = await missing(server, session, ["api:status:read"], chosen)
    collections = {right.split(":")[1] for right in lacking}
    assert collections == {one for name in features for one in WRITTEN_AS[name]}
    assert needs_careportal(chosen) == ("bolus" in features)


@pytest.mark.parametrize(
    ("permissions", "lacking"),
    [
        (ADMIN, set()),
        (READABLE, {"create", "delete", "update"}),
        (CAREPORTAL, {"delete", "update"}),
        (("*:*:read", "api:*:create,delete", "api:profile:*"), set()),
        (("*:*:*",), set()),
        (("api",), set()),
    ],
)
async def test_roles_are_read_as_nightscout_reads_them(
    server: SimulatedNightscout,
    session: aiohttp.ClientSession,
    permissions: tuple[str, ...],
    lacking: set[str],
) -> None:
    """Wildcards and lists match several permissions."""
    found = await missing(server, session, permissions, DEFAULT_FEATURES)
    assert {right.rpartition(":")[2] for right in found} == lacking


@pytest.mark.parametrize(
    "permission",
    [*EVERY_RIGHT, "*", "*:*:*", "api:*:read", "api,x:treatments,entries:*", "a:b:c:d"]
    + [one for role in ROLES.values() for one in role],
)
def test_permissions_cover_what_nightscout_says_they_cover(permission: str) -> None:
    """The result equals that of the simulated site."""
    for right in EVERY_RIGHT:
        assert allows(permission, right) == covers(permission, right)


async def test_what_the_default_roles_give_is_not_missing(
    session: aiohttp.ClientSession,
) -> None:
    """Most sites let everybody read."""
    server = SimulatedNightscout(api_secret=SECRET, refusal_delay=0)
    await server.start()
    found = await missing(server, session, ["api:treatments:create"], [Feature.BASAL])
    assert found == {"api:treatments:delete"}
    await server.stop()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, ""),
        (401, ""),
        (502, ""),
        (200, "<html>"),
        (200, "[]"),
        (200, '{"permissionGroups": 1}'),
    ],
)
@pytest.mark.parametrize("lacking", EVERY_RIGHT)
async def test_a_site_that_does_not_tell_is_tried(
    server: SimulatedNightscout,
    session: aiohttp.ClientSession,
    status: int,
    body: str,
    lacking: str,
) -> None:
    """A permission that cannot be tried without writing counts as present."""
    silent = Fault(path="authorization", times=None, status=status, body=body)
    server.faults.add(silent)
    others = [right for right in EVERY_RIGHT if right != lacking]
    assert await missing(server, session, others) == {lacking} - UNTRIABLE


async def test_what_is_answered_wrongly_is_tried(
    server: SimulatedNightscout, session: aiohttp.ClientSession
) -> None:
    """Permission groups that leave something out do not forbid it."""
    odd_groups = Fault(
        path="authorization", status=200, body='{"permissionGroups": [[1], 2]}'
    )
    server.faults.add(odd_groups)
    assert await missing(server, session, EVERY_RIGHT) == UNTRIABLE


async def test_the_api_secret_is_asked_nothing(
    server: SimulatedNightscout, session: aiohttp.ClientSession
) -> None:
    """It may do everything, and it is in no address."""
    access = await NightscoutClient(session, server.url, SECRET).check(EVERYTHING)
    assert access.missing == ()
    assert [one.path for one in server.requests] == [
        "/api/v1/verifyauth",
        "/api/v1/status.json",
    ]


async def test_error_while_trying_a_right_is_raised(
    server: SimulatedNightscout, session: aiohttp.ClientSession
) -> None:
    """An error of the server says nothing about permissions."""
    token = server.add_token("uploader", CAREPORTAL)
    server.faults.add(proxy_error("treatments", times=None)).method = "DELETE"
    with pytest.raises(NightscoutBusy):
        await NightscoutClient(session, server.url, token).check(EVERYTHING)


async def test_a_site_that_stumbles_over_nothing_has_let_it_pass(
    server: SimulatedNightscout, session: aiohttp.ClientSession
) -> None:
    """A server error for an empty list counts as permission, because no client normally stores an empty list."""
    server.faults.add(Fault(path="authorization", status=404))
    server.faults.add(Fault(path="treatments", method="POST", status=500))
    found = await missing(server, session, CAREPORTAL, [Feature.BOLUS])
    assert found == {"api:treatments:delete"}


def test_each_right_has_a_role() -> None:
    """It is the smallest of Nightscout's own roles that has the permission."""
    for right in needed_rights(EVERYTHING):
        named, _, role = with_role(right).partition(" → ")
        assert named == right
        assert any(covers(permission, right) for permission in ROLES[role])
    assert with_role("api:treatments:create").endswith(" → careportal")
    assert with_role("api:devicestatus:create").endswith(" → devicestatus-upload")
    assert with_role("api:entries:read").endswith(" → readable")
    assert with_role("api:entries:create").endswith(" → admin")
    assert with_role("careportal") == "careportal"
