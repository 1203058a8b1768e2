"""Requests to Nightscout over real HTTP, and its errors."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, override

import aiohttp
import pytest

from custom_components.tconnectsync import http_request
from custom_components.tconnectsync.http_request import seconds_from_now
from custom_components.tconnectsync.nightscout import client as client_module, http
from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.errors import (
    NightscoutBlocked,
    NightscoutBusy,
    NightscoutError,
    NightscoutForbidden,
    NightscoutFull,
    NightscoutMoved,
    NightscoutNotSecure,
    NightscoutRefused,
    NightscoutRejected,
    NightscoutTooLarge,
    NightscoutUnreachable,
    NotNightscout,
)
from custom_components.tconnectsync.nightscout.identifiers import Collection
from custom_components.tconnectsync.nightscout.secret import secret_header
from custom_components.tconnectsync.nightscout.site_status import Access, Site
from demo.nightscout import CAREPORTAL, SimulatedNightscout
from demo.nightscout.faults import (
    Fault,
    database_full,
    lost_answer,
    lost_request,
    null_answer,
    proxy_error,
    redirect,
    too_large,
)
from demo.nightscout.kinds import Version

from .site import EVERYTHING, SECRET

NOON = datetime(2025, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTE = {"eventType": "Note", "created_at": "2025-11-20T12:00:00.000Z", "notes": "x"}


@pytest.fixture
def version() -> Version:
    """Both versions answer alike in these tests."""
    return "15.0.7"


async def read(client: NightscoutClient) -> list[dict[str, Any]]:
    """Read an hour around noon."""
    return await client.read(Collection.TREATMENTS, NOON - HOUR, NOON + HOUR, {})


class TestCheck:
    """The check of a site and of a secret's permissions."""

    async def test_the_api_secret_may_do_everything(
        self, client: NightscoutClient, version: str
    ) -> None:
        """The check returns version, unit and permissions."""
        assert await client.check(EVERYTHING) == Access(
            site=Site(version=version, units="mg/dl", careportal=True), missing=()
        )

    async def test_units_and_careportal(self, session: aiohttp.ClientSession) -> None:
        """The check finds a site in mmol/L with the careportal switched off."""
        server = SimulatedNightscout(
            api_secret=SECRET, units="mmol", careportal=False, refusal_delay=0
        )
        await server.start()
        client = NightscoutClient(session, server.url, SECRET)
        assert (await client.check(EVERYTHING)).site == Site(
            version="15.0.7", units="mmol", careportal=False
        )
        with pytest.raises(NightscoutForbidden, match="careportal"):
            await client.write(Collection.TREATMENTS, [NOTE])
        await server.stop()

    @pytest.mark.parametrize("secret", ["wrong", "", "nobody-0123456789abcdef"])
    async def test_a_wrong_secret_is_refused_at_once(
        self,
        server: SimulatedNightscout,
        session: aiohttp.ClientSession,
        secret: str,
    ) -> None:
        """A refused secret is not sent again, and no text contains it."""
        with pytest.raises(NightscoutRefused) as raised:
            await NightscoutClient(session, server.url, secret).check(EVERYTHING)
        assert server.count("/") <= 2
        assert not secret or secret not in repr(raised.value)

    async def test_a_visitor_without_a_secret_is_no_writer(
        self, server: SimulatedNightscout, session: aiohttp.ClientSession
    ) -> None:
        """A wrong secret is refused on a site that everybody may read, too."""
        server.faults.add(
            Fault(
                path="verifyauth",
                status=200,
                body='{"message": {"message": "UNAUTHORIZED", "rolefound": "NOTFOUND"}}',
            )
        )
        with pytest.raises(NightscoutRefused):
            await NightscoutClient(session, server.url, SECRET).check(EVERYTHING)

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("status", "<html>a router</html>"),
            ("status", "[]"),
            ("status", '{"version": "1"}'),
            ("status", '{"settings": {}}'),
            ("verifyauth", '{"message": "yes"}'),
            ("verifyauth", "null"),
        ],
    )
    async def test_other_servers_are_not_nightscout(
        self,
        server: SimulatedNightscout,
        client: NightscoutClient,
        path: str,
        body: str,
    ) -> None:
        """A server that answers 200 need not be Nightscout."""
        server.faults.add(Fault(path=path, status=200, body=body, times=None))
        with pytest.raises(NotNightscout):
            await client.check(EVERYTHING)


class TestSecrets:
    """Secrets are sent in a header only."""

    def test_the_header(self) -> None:
        """A token is sent as it is, an API secret as its SHA-1."""
        token = "phone-0123456789abcdef"
        assert secret_header(f" {token} ") == {"api-secret": token}
        assert secret_header("abc") == {
            "api-secret": "a9993e364706816aba3e25717850c26c9cd0d89d"
        }

    async def test_no_address_holds_it(
        self, server: SimulatedNightscout, client: NightscoutClient
    ) -> None:
        """Neither path nor query contains the secret or its hash."""
        await client.check(EVERYTHING)
        await client.write(Collection.TREATMENTS, [NOTE])
        hashed = secret_header(SECRET)["api-secret"]
        assert all(one.credentials for one in server.requests)
        for one in server.requests:
            assert SECRET not in f"{one.path}{one.query}"
            assert hashed not in f"{one.path}{one.query}"


class TestReading:
    """Reading documents of a range."""

    async def test_a_range_with_conditions(self, client: NightscoutClient) -> None:
        """Only documents in the range with these fields are returned."""
        mine = NOTE | {"app": "tconnectsync"}
        late = mine | {"created_at": "2025-11-20T14:00:00.000Z"}
        await client.write(Collection.TREATMENTS, [mine, late])
        await client.write(
            Collection.TREATMENTS, [NOTE | {"created_at": "2025-11-20T12:30:00.000Z"}]
        )
        assert len(await read(client)) == 2
        [found] = await client.read(
            Collection.TREATMENTS, NOON - HOUR, NOON + HOUR, {"app": "tconnectsync"}
        )
        assert found["created_at"] == "2025-11-20T12:00:00.000Z"

    async def test_entries_are_found_by_their_date(
        self, client: NightscoutClient
    ) -> None:
        """The date of an entry is a number."""
        at = round(NOON.timestamp() * 1000)
        entry = {
            "type": "sgv",
            "sgv": 100,
            "date": at,
            "dateString": "2025-11-20T12:00:00.000Z",
        }
        await client.write(Collection.ENTRIES, [entry])
        found = await client.read(Collection.ENTRIES, NOON - HOUR, NOON + HOUR, {})
        assert [one["sgv"] for one in found] == [100]
        assert await client.read(Collection.ENTRIES, NOON + HOUR, NOON + HOUR, {}) == []

    async def test_more_than_one_answer_holds(
        self,
        server: SimulatedNightscout,
        client: NightscoutClient,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A full answer may be truncated, so each half of the range is requested."""
        monkeypatch.setattr(client_module, "DOCUMENTS_PER_REQUEST", 10)
        notes = [
            NOTE | {"created_at": (NOON + n * timedelta(seconds=37)).isoformat()}
            for n in range(60)
        ]
        await client.write(Collection.TREATMENTS, notes)
        found = await read(client)
        assert len({one["_id"] for one in found}) == len(found) == 60
        asked = [one.query for one in server.requests if one.method == "GET"]
        assert all("count=10" in query for query in asked)
        assert all("gte" in query and "lte" in query for query in asked)

    async def test_null_is_an_error(
        self, server: SimulatedNightscout, client: NightscoutClient
    ) -> None:
        """A query that Nightscout did not understand is not an empty result."""
        server.faults.add(null_answer(times=2))
        with pytest.raises(NotNightscout):
            await read(client)
        with pytest.raises(NotNightscout):
            await client.profiles(5)

    async def test_a_missing_right_to_read(
        self, session: aiohttp.ClientSession
    ) -> None:
        """A valid token without permission to read is not a wrong one."""
        server = SimulatedNightscout(
            api_secret=SECRET, default_roles=(), refusal_delay=0
        )
        await server.start()
        token = server.add_token("uploader", ("api:treatments:create",))
        client = NightscoutClient(session, server.url, token)
        with pytest.raises(NightscoutForbidden) as raised:
            await read(client)
        assert raised.value.missing == "api:treatments:read"
        await server.stop()


class TestWriting:
    """Creating and deleting documents."""

    async def test_rights_are_told_apart_from_secrets(
        self, server: SimulatedNightscout, session: aiohttp.ClientSession
    ) -> None:
        """Nightscout answers both with 401."""
        token = server.add_token("uploader", CAREPORTAL)
        client = NightscoutClient(session, server.url, token)
        await client.write(Collection.TREATMENTS, [NOTE])
        with pytest.raises(NightscoutForbidden) as raised:
            await client.delete(Collection.TREATMENTS, "0" * 24)
        assert raised.value.missing == "api:treatments:delete"
        with pytest.raises(NightscoutForbidden) as raised:
            await client.write(Collection.ENTRIES, [])
        assert raised.value.missing == "api:entries:create"
        server.api_secret = "another"
        with pytest.raises(NightscoutRefused):
            await client.write(Collection.TREATMENTS, [NOTE])

    @pytest.mark.parametrize("object_id", ["", "*", "abc", "g" * 24, "0" * 23])
    async def test_only_ids_are_deleted(
        self, server: SimulatedNightscout, client: NightscoutClient, object_id: str
    ) -> None:
        """Any other value would be a query that matches more than one document."""
        await client.write(Collection.TREATMENTS, [NOTE])
        with pytest.raises(NotNightscout):
            await client.delete(Collection.TREATMENTS, object_id)
        assert server.count("/", method="DELETE") == 0

    @pytest.mark.parametrize("body", ["<html>please sign in</html>", "null"])
    @pytest.mark.parametrize(
        "write",
        [
            lambda client: client.write(Collection.TREATMENTS, [NOTE]),
            lambda client: client.delete(Collection.TREATMENTS, "0" * 24),
            lambda client: client.write_profile({"_id": "0" * 24, "store": {}}),
        ],
        ids=["stored", "deleted", "profile"],
    )
    async def test_a_write_must_say_what_it_did(
        self,
        server: SimulatedNightscout,
        client: NightscoutClient,
        write: Callable[[NightscoutClient], Awaitable[None]],
        body: str,
    ) -> None:
        """A page of a proxy with status 200 has changed nothing."""
        await write(client)
        server.faults.add(Fault(status=200, body=body))
        with pytest.raises(NotNightscout):
            await write(client)

    async def test_a_profile_needs_an_id(self, client: NightscoutClient) -> None:
        """Without an id each write would add a document."""
        with pytest.raises(ValueError, match="id"):
            await client.write_profile({"store": {}})


class TestErrors:
    """Each failure has its own type, and no message contains addresses or secrets."""

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (lost_answer(), NightscoutUnreachable),
            (lost_request(), NightscoutUnreachable),
            (proxy_error(), NightscoutBusy),
            (proxy_error(status=503), NightscoutBusy),
            (Fault(status=429), NightscoutBusy),
            (Fault(status=408), NightscoutBusy),
            (too_large(), NightscoutTooLarge),
            (Fault(status=400, body="SyntaxError"), NightscoutRejected),
            (Fault(status=401, body="<html>password?</html>"), NightscoutBlocked),
            (Fault(status=401, body='"no"'), NightscoutBlocked),
            (Fault(status=403, body="blocked"), NightscoutBlocked),
            (Fault(status=404, path="entries"), NotNightscout),
            (Fault(status=418), NotNightscout),
            (database_full(), NightscoutFull),
            (redirect("https://elsewhere.invalid"), NightscoutMoved),
            (Fault(status=307), NightscoutMoved),
        ],
    )
    async def test_every_failure_of_a_write_has_its_name(
        self,
        server: SimulatedNightscout,
        client: NightscoutClient,
        fault: Fault,
        error: type[NightscoutError],
    ) -> None:
        """The type is enough for the user and for the next try."""
        server.faults.add(replace(fault))
        entry = {"type": "sgv", "date": 1, "dateString": "2025-11-20T12:00:00Z"}
        with pytest.raises(error) as raised:
            await client.write(Collection.ENTRIES, [entry])
        assert type(raised.value) is error
        text = f"{raised.value!r}{raised.value.__cause__!r}{raised.value.__context__!r}"
        assert server.url not in text
        assert "127.0.0.1" not in text
        assert secret_header(SECRET)["api-secret"] not in text
        server.faults.clear()

    async def test_nobody_answers(
        self, server: SimulatedNightscout, client: NightscoutClient
    ) -> None:
        """A request that was never sent cannot have been carried out."""
        await server.stop()
        with pytest.raises(NightscoutUnreachable) as raised:
            await client.check(EVERYTHING)
        assert not raised.value.sent
        assert raised.value.__context__ is None

    async def test_a_closed_session(
        self, session: aiohttp.ClientSession, client: NightscoutClient
    ) -> None:
        """A client of a closed session sends no request."""
        await session.close()
        with pytest.raises(NightscoutUnreachable, match="is closed") as raised:
            await client.check(EVERYTHING)
        assert not raised.value.sent

    async def test_a_name_that_leads_nowhere(
        self, session: aiohttp.ClientSession
    ) -> None:
        """The address is misspelt."""

        class Nowhere(aiohttp.abc.AbstractResolver):
            @override
            async def resolve(self, *args: Any, **kwargs: Any) -> Any:
                raise OSError("no such name")

            @override
            async def close(self) -> None:
                """Do nothing, as there is nothing to close."""

        connector = aiohttp.TCPConnector(resolver=Nowhere())
        async with aiohttp.ClientSession(connector=connector) as lost:
            with pytest.raises(NightscoutUnreachable, match="name") as raised:
                await NightscoutClient(lost, "https://misspelt.example", "x").check(
                    EVERYTHING
                )
        assert "misspelt" not in str(raised.value)

    async def test_too_slow(
        self,
        server: SimulatedNightscout,
        client: NightscoutClient,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A request that was sent may have been carried out."""
        await read(
            client
        )  # over a connection that is there a busy machine sends in time
        monkeypatch.setattr(http, "REQUEST_TIMEOUT_SECONDS", 0.1)
        server.latency = 0.5
        with pytest.raises(NightscoutUnreachable, match="in time") as raised:
            await read(client)
        assert raised.value.sent

    async def test_no_connection_in_time(
        self, monkeypatch: pytest.MonkeyPatch, session: aiohttp.ClientSession
    ) -> None:
        """A host that drops everything did not receive the request."""

        async def never(*args: Any, **kwargs: Any) -> None:
            raise aiohttp.ConnectionTimeoutError

        monkeypatch.setattr(session.connector, "connect", never)
        with pytest.raises(NightscoutUnreachable, match="connection") as raised:
            await NightscoutClient(session, "http://127.0.0.1:1", "x").check(EVERYTHING)
        assert not raised.value.sent

    async def test_a_server_without_tls(
        self, server: SimulatedNightscout, session: aiohttp.ClientSession
    ) -> None:
        """The address has https and the site only http."""
        address = server.url.replace("http", "https")
        with pytest.raises(NightscoutNotSecure):
            await NightscoutClient(session, address, SECRET).check(EVERYTHING)

    async def test_an_endless_answer(
        self,
        server: SimulatedNightscout,
        client: NightscoutClient,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """An answer larger than any valid one is not read to its end."""
        monkeypatch.setattr(http_request, "LARGEST_RESPONSE", 1000)
        server.faults.add(Fault(status=200, body="x" * 2000))
        with pytest.raises(NotNightscout):
            await read(client)

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [("120", 120), ("9999999", 3600), ("soon", None), ("", None), ("-5", None)],
    )
    def test_retry_after(self, header: str, seconds: float | None) -> None:
        """Seconds are used as they are, up to an hour."""
        assert seconds_from_now(header) == seconds

    def test_retry_after_a_date(self) -> None:
        """A date counts from now; a past one is ignored."""
        ahead = format_datetime(datetime.now(UTC) + timedelta(minutes=2))
        assert 100 < (seconds_from_now(ahead) or 0) <= 120
        assert seconds_from_now("Wed, 21 Oct 2015 07:28:00 GMT") == 0


class TestRedirects:
    """The secret is only sent on to https on the same host."""

    @pytest.fixture
    async def guarded(
        self, own_certificate: Any
    ) -> AsyncIterator[tuple[SimulatedNightscout, SimulatedNightscout]]:
        """A site with TLS, and one with http that redirects to it."""
        secure = SimulatedNightscout(api_secret=SECRET, refusal_delay=0)
        await secure.start(ssl_context=own_certificate)
        plain = SimulatedNightscout(api_secret="never asked", refusal_delay=0)
        await plain.start()
        yield secure, plain
        await plain.stop()
        await secure.stop()

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    async def test_a_write_stays_a_write(
        self,
        guarded: tuple[SimulatedNightscout, SimulatedNightscout],
        session: aiohttp.ClientSession,
        status: int,
    ) -> None:
        """Other clients turn a redirected POST into a GET, which loses the data."""
        secure, plain = guarded
        plain.faults.add(redirect(secure.url, status=status))
        client = NightscoutClient(session, plain.url, SECRET, verify_tls=False)
        await client.write(Collection.TREATMENTS, [NOTE])
        await client.write(Collection.TREATMENTS, [NOTE | {"eventType": "Exercise"}])
        assert len(secure.documents("treatments")) == 2
        assert len(plain.requests) == 1
        assert client.address == secure.url

    async def test_not_to_another_host(
        self, server: SimulatedNightscout, client: NightscoutClient
    ) -> None:
        """The secret would be sent there as well."""
        for elsewhere in ("https://localhost.example", "http://localhost:1", "//["):
            server.faults.clear()
            server.faults.add(redirect(elsewhere))
            with pytest.raises(NightscoutMoved):
                await read(client)

    async def test_a_certificate_of_its_own(
        self,
        guarded: tuple[SimulatedNightscout, SimulatedNightscout],
        session: aiohttp.ClientSession,
    ) -> None:
        """Such a server is only accepted if the user switched the check off."""
        secure, _ = guarded
        with pytest.raises(NightscoutNotSecure):
            await NightscoutClient(session, secure.url, SECRET).check(EVERYTHING)
        client = NightscoutClient(session, secure.url, SECRET, verify_tls=False)
        assert (await client.check(EVERYTHING)).missing == ()
