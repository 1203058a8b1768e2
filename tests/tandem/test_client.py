"""Reading pumps and their logs from Tandem Source, and the errors that can stop it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.tandem import (
    Pump,
    Pumper,
    PumpLog,
    Region,
    SignInRefused,
    TandemBusy,
    TandemChanged,
    TandemClient,
    TandemError,
    TandemUnreachable,
    TokenProvider,
    regions,
)
from custom_components.tconnectsync.tandem.requested_codes import WEB_PAGE_CODES
from demo.tandem.account import ListedPump
from demo.tandem.faults import (
    FIREWALL,
    GATEWAY,
    Fault,
    padded,
    with_field,
    without_field,
)
from demo.tandem.server import RegionName, SimulatedTandem
from tests.held import Late

from .conftest import EMAIL, PASSWORD, SERIAL_NUMBER, LoggedPump
from .internet import internet_of

type Prove = Callable[[TandemError], None]
type Read = Callable[[str], Awaitable[Pumper | PumpLog]]

DAY = date(2026, 5, 15)
ONE_DAY = timedelta(days=1)
CLIENT = "custom_components.tconnectsync.tandem.client"
PACE = "custom_components.tconnectsync.tandem.rate_limit"


@pytest.fixture
def listed(tandem: SimulatedTandem, logged: LoggedPump) -> ListedPump:
    """The account's pump after its first upload."""
    for hour in range(24):
        logged.log(f"2026-05-15T{hour:02}:00:00", commandedRate=1000)
    listed = tandem.accounts[EMAIL.lower()].pumps[0]
    listed.upload()
    return listed


@pytest.fixture
async def pump(client: TandemClient, listed: ListedPump) -> Pump:
    """The pump as Tandem Source lists it."""
    return (await client.pumper()).pumps[0]


@pytest.fixture
def read(client: TandemClient, pump: Pump) -> Read:
    """Read one of the two addresses that provide data."""

    async def ask(path: str) -> Pumper | PumpLog:
        if path == "pumper":
            return await client.pumper()
        return await client.pump_log(pump, DAY, DAY)

    return ask


def pages(client: TandemClient, pump: Pump, number: int) -> AsyncIterator[PumpLog]:
    """Read this many pages."""
    return client.pump_logs(pump, DAY, DAY + (3 * number - 1) * ONE_DAY)


def numbers(log: PumpLog) -> list[int]:
    """Return the sequence numbers of the events in a log."""
    return [event["sequenceNumber"] for event in log.events]


async def test_pumper(client: TandemClient, listed: ListedPump) -> None:
    """The person's limits and pumps."""
    pumper = await client.pumper()
    assert (pumper.low_glucose, pumper.high_glucose) == (70, 180)
    assert [pump.serial_number for pump in pumper.pumps] == [SERIAL_NUMBER]
    assert pumper.pumps[0].model == "t:slim X2"
    assert pumper.skipped == 0


@pytest.mark.parametrize("name", ["us", "eu"])
async def test_each_region(name: RegionName, logged: LoggedPump) -> None:
    """Each region is read under Tandem's own host names, with the headers that its firewall demands."""
    tandem = SimulatedTandem(region=name, demands_browser=True)
    listed = tandem.add_account(EMAIL, PASSWORD).add_pump(logged)
    logged.log("2026-05-15T08:00:00")
    listed.upload()
    async with internet_of(tandem) as session:
        tokens = TokenProvider(session, regions()[name], EMAIL, PASSWORD)
        client = TandemClient(session, tokens)
        pumper = await client.pumper()
        log = await client.pump_log(pumper.pumps[0], DAY, DAY)
    assert numbers(log) == [1]


async def test_pump_log(client: TandemClient, pump: Pump) -> None:
    """All events of a span of days are returned as sent, without a list of codes in the request."""
    log = await client.pump_log(pump, DAY, DAY)
    assert numbers(log) == list(range(1, 25))
    assert log.events[0]["eventProperties"] == {"commandedRate": 1000}
    assert log.skipped == 0
    assert client.asks_with_codes is False


async def test_exact_query(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """Complete days are requested in the same way as by Tandem's own page."""
    await client.pump_log(pump, DAY, DAY + timedelta(days=2))
    assert (
        tandem.requests[-1].path == f"/api/reports/bff/pump-logs/{pump.assignment_id}"
    )
    assert tandem.requests[-1].query == {
        "pumperId": tandem.accounts[EMAIL.lower()].pumper_id,
        "startDate": "2026-05-15T00:00:00Z",
        "endDate": "2026-05-17T23:59:59Z",
    }


async def test_clock_changes(
    tandem: SimulatedTandem, client: TandemClient, logged: LoggedPump, pump: Pump
) -> None:
    """The full history of clock moves is returned for any requested days."""
    logged.log("2025-01-01T00:00:00", 13, timePrior=0, timeAfter=3600000)
    tandem.accounts[EMAIL.lower()].pumps[0].upload()
    log = await client.pump_log(pump, DAY, DAY)
    assert [change["eventCode"] for change in log.clock_changes] == [13]


async def test_many_days_are_asked_for_in_pages(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """Each request covers at most three days, oldest first, without gap or overlap."""
    before, after = timedelta(days=4), timedelta(days=3)
    logs = [log async for log in client.pump_logs(pump, DAY - before, DAY + after)]
    asked = [
        (seen.query["startDate"][5:10], seen.query["endDate"][5:10])
        for seen in tandem.requests
        if "pump-logs" in seen.path
    ]
    assert asked == [("05-11", "05-13"), ("05-14", "05-16"), ("05-17", "05-18")]
    assert [len(log.events) for log in logs] == [0, 24, 0]


async def test_pages_of_a_long_read_are_paced(
    tandem: SimulatedTandem, session: aiohttp.ClientSession, tokens: TokenProvider
) -> None:
    """Twelve pages are read without a pause; after that the client pauses after each answer."""
    pauses_before: list[int] = []

    async def sleep(seconds: float) -> None:
        pauses_before.append(tandem.count("/pump-logs/"))

    client = TandemClient(session, tokens, sleep=sleep)
    pump = (await client.pumper()).pumps[0]
    with patch(f"{PACE}.PAUSE_SECONDS", 600):
        days = pages(client, pump, 15)
        assert len([page async for page in days]) == 15
    assert pauses_before == [12, 13, 14]


async def test_after_an_error_every_page_waits(
    tandem: SimulatedTandem, session: aiohttp.ClientSession, tokens: TokenProvider
) -> None:
    """After an error the client pauses before each page, whether Tandem refused a page or did not answer."""
    pauses_before: list[int] = []

    async def sleep(seconds: float) -> None:
        pauses_before.append(tandem.count("/pump-logs/"))

    client = TandemClient(session, tokens, sleep=sleep)
    pump = (await client.pumper()).pumps[0]
    tandem.faults.add(Fault(path="/pump-logs/", status=503))
    with patch(f"{PACE}.PAUSE_SECONDS", 600):
        with pytest.raises(TandemBusy):
            await client.pump_log(pump, DAY, DAY)
        assert len([page async for page in pages(client, pump, 3)]) == 3
    assert pauses_before == [1, 2, 3]


class TestRetryAfter:
    """Tandem is not asked again before the time in Retry-After."""

    @pytest.mark.parametrize("path", ["pumper", "pump-logs"])
    async def test_nothing_is_asked_meanwhile(
        self,
        tandem: SimulatedTandem,
        read: Read,
        freezer: FrozenDateTimeFactory,
        path: str,
    ) -> None:
        """Every request is refused meanwhile, and the error states the remaining time."""
        tandem.faults.add(
            Fault(path=f"/{path}/", status=503, headers={"Retry-After": "600"})
        )
        with pytest.raises(TandemBusy):
            await read(path)
        tandem.requests.clear()
        freezer.tick(400)
        for other in ("pumper", "pump-logs"):
            with pytest.raises(TandemBusy, match=f"{path}: answered 503") as error:
                await read(other)
            assert error.value.retry_after == pytest.approx(200, abs=1)
        assert tandem.requests == []
        freezer.tick(200)
        await read(path)

    async def test_a_day_is_an_hour(
        self,
        tandem: SimulatedTandem,
        client: TandemClient,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """A Retry-After of a day is cut to an hour, so that one answer does not block data for a day."""
        tandem.faults.add(
            Fault(path="/pumper/", status=503, headers={"Retry-After": "86400"})
        )
        with pytest.raises(TandemBusy):
            await client.pumper()
        freezer.tick(3599)
        with pytest.raises(TandemBusy):
            await client.pumper()
        freezer.tick(1)
        assert (await client.pumper()).pumps
        assert tandem.count("/pumper/") == 2

    @pytest.mark.parametrize("path", ["/pumper/", "/login"])
    async def test_a_person_may_try_once(
        self,
        tandem: SimulatedTandem,
        client: TandemClient,
        freezer: FrozenDateTimeFactory,
        path: str,
    ) -> None:
        """The user may retry at once and then every five minutes, at sign-in as well."""
        tandem.faults.add(
            Fault(path=path, status=503, headers={"Retry-After": "3600"}, times=None)
        )
        client.try_again()
        with pytest.raises(TandemBusy):
            await client.pumper()
        for tries in (2, 3):
            for _ in range(3):
                client.try_again()
                with pytest.raises(TandemBusy):
                    await client.pumper()
            assert tandem.count(path) == tries
            freezer.tick(301)
        tandem.faults.clear()
        client.try_again()
        assert (await client.pumper()).pumps is not None

    async def test_nobody_may_try_a_refused_password_again(
        self, tandem: SimulatedTandem, session: aiohttp.ClientSession, region: Region
    ) -> None:
        """Another try with a refused password could lock the account."""
        client = TandemClient(session, TokenProvider(session, region, EMAIL, "wrong"))
        for _ in range(2):
            client.try_again()
            with pytest.raises(SignInRefused):
                await client.pumper()
        assert tandem.sign_in.refused == 1


async def test_pages_read_before_error_are_not_lost(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """Each page is returned as soon as it is read."""
    tandem.faults.add(Fault(path="pump-logs", status=500, skip=1))
    pages = aiter(client.pump_logs(pump, DAY, DAY + timedelta(days=3)))
    assert len((await anext(pages)).events) == 24
    with pytest.raises(TandemBusy):
        await anext(pages)


async def test_no_days(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """An empty span causes no request."""
    logs = [log async for log in client.pump_logs(pump, DAY, DAY - timedelta(days=1))]
    assert logs == []
    assert tandem.count("pump-logs") == 0


@pytest.mark.parametrize("days", [-1, 3, 27])
async def test_too_many_days_at_once(
    client: TandemClient, pump: Pump, days: int
) -> None:
    """One request covers one to three days."""
    with pytest.raises(ValueError, match="1 to 3 days"):
        await client.pump_log(pump, DAY, DAY + timedelta(days=days))


async def test_repeats_are_dropped(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """Group and number identify an event; numbers start again in a new group."""

    def repeat(answer: Any) -> Any:
        events = answer["events"][:3]
        regrouped = [event | {"sequenceGroup": 1} for event in events]
        return {"events": events + regrouped + events, "clockChanges": events[:1] * 2}

    tandem.faults.add(Fault(path="pump-logs", change=repeat))
    log = await client.pump_log(pump, DAY, DAY)
    assert [
        (event["sequenceGroup"], event["sequenceNumber"]) for event in log.events
    ] == [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)]
    assert len(log.clock_changes) == 1
    assert log.skipped == 0


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "event",
        {},
        {"eventCode": "279"},
        {"eventCode": True},
        {"sequenceGroup": None},
        {"sequenceNumber": 1.5},
        {"pumpDateTime": 1747296000},
    ],
)
async def test_an_unreadable_event_is_skipped_and_counted(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump, event: Any
) -> None:
    """One odd event does not affect the others."""

    def spoil(answer: Any) -> Any:
        good = answer["events"][1]
        odd = good | event if isinstance(event, dict) and event else event
        return {"events": [odd, good], "clockChanges": [good, odd]}

    tandem.faults.add(Fault(path="pump-logs", change=spoil))
    log = await client.pump_log(pump, DAY, DAY)
    assert numbers(log) == [2]
    assert len(log.clock_changes) == 1
    assert log.skipped == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda _: [],
        lambda _: None,
        lambda _: {"message": "hello"},
        without_field("events"),
        without_field("clockChanges"),
        with_field("events", value=None),
        with_field("clockChanges", value=None),
        with_field("events", value={}),
        with_field("events", value=[{"type": 279}]),
        with_field("clockChanges", value=[{"type": 13}]),
    ],
)
async def test_a_log_of_another_shape(
    tandem: SimulatedTandem,
    client: TandemClient,
    pump: Pump,
    tells_nothing: Prove,
    change: Callable[[Any], Any],
) -> None:
    """A log of an unexpected shape is an error, not a day without events."""
    tandem.faults.add(Fault(path="pump-logs", change=change))
    with pytest.raises(TandemChanged, match="pump-logs") as error:
        await client.pump_log(pump, DAY, DAY)
    tells_nothing(error.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: [],
        lambda _: "pumps",
        without_field("pumps"),
        with_field("pumps", value=None),
        with_field("pumps", value={"0": {}}),
        with_field("pumps", value=[{"serial": "90556643"}]),
    ],
)
async def test_pumps_of_another_shape(
    tandem: SimulatedTandem,
    client: TandemClient,
    listed: ListedPump,
    tells_nothing: Prove,
    change: Callable[[Any], Any],
) -> None:
    """A list of an unexpected shape is an error, not an account without pumps."""
    tandem.faults.add(Fault(path="pumper", change=change))
    with pytest.raises(TandemChanged, match="pumper") as error:
        await client.pumper()
    tells_nothing(error.value)


async def test_an_account_without_pumps(
    tandem: SimulatedTandem, client: TandemClient
) -> None:
    """An empty list of pumps is an answer, not an error."""
    tandem.accounts[EMAIL.lower()].pumps.clear()
    assert (await client.pumper()).pumps == ()


def insist(codes: bool) -> Fault:
    """Return a fault that refuses a query with, or without, a list of event codes."""
    issue = {"code": "invalid_type", "path": ["eventCodes"], "message": "Required"}
    if not codes:
        issue = {"code": "unrecognized_keys", "keys": ["eventCodes"], "path": []}
    return zod(issue)


def zod(issue: dict[str, Any], **fault: Any) -> Fault:
    """Return a refusal as Tandem's validation writes it."""
    body = f'{{"success": false, "error": {{"issues": [{issue}]}}}}'.replace("'", '"')
    kind = "application/json"
    return Fault(path="pump-logs", status=400, body=body, content_type=kind, **fault)


async def test_a_service_that_insists_on_codes(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """The client sends the list of Tandem's own page, and keeps sending it."""
    tandem.faults.add(insist(codes=True))
    assert len((await client.pump_log(pump, DAY, DAY)).events) == 24
    assert client.asks_with_codes is True
    codes = ",".join(map(str, WEB_PAGE_CODES))
    assert tandem.requests[-1].query["eventCodes"] == codes
    await client.pump_log(pump, DAY, DAY)
    assert tandem.requests[-1].query["eventCodes"] == codes
    assert tandem.count("pump-logs") == 3


async def test_a_service_that_no_longer_wants_codes(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """When the list of codes is refused later, the client drops it again."""
    client.asks_with_codes = True
    tandem.faults.add(insist(codes=False))
    assert len((await client.pump_log(pump, DAY, DAY)).events) == 24
    assert client.asks_with_codes is False
    assert "eventCodes" not in tandem.requests[-1].query


async def test_a_query_refused_either_way(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump, tells_nothing: Prove
) -> None:
    """The error names the keys that were refused, and the client remembers neither way."""
    tandem.faults.add(insist(codes=True))
    tandem.faults.add(zod({"code": "invalid_string", "path": ["startDate"]}))
    with pytest.raises(TandemChanged, match="answered 400 about eventCodes") as error:
        await client.pump_log(pump, DAY, DAY)
    assert client.asks_with_codes is False
    tells_nothing(error.value)


async def test_a_refusal_without_words(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """A 400 that names no key may be about the codes as well."""
    tandem.faults.add(Fault(path="pump-logs", status=400, body=GATEWAY))
    assert len((await client.pump_log(pump, DAY, DAY)).events) == 24
    assert client.asks_with_codes is True


async def test_error_while_trying_the_other_way(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """A temporary error of the second try is not reported as a change of the service."""
    tandem.faults.add(insist(codes=True))
    tandem.faults.add(Fault(path="pump-logs", status=503))
    with pytest.raises(TandemBusy, match="answered 503"):
        await client.pump_log(pump, DAY, DAY)
    assert client.asks_with_codes is False


async def test_a_refusal_of_something_else(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump, tells_nothing: Prove
) -> None:
    """A 400 about another key is not retried."""
    issue = {"code": "unrecognized_keys", "keys": ["startDate"], "path": []}
    tandem.faults.add(zod(issue))
    with pytest.raises(TandemChanged, match="400 about startDate") as error:
        await client.pump_log(pump, DAY, DAY)
    assert tandem.count("pump-logs") == 1
    tells_nothing(error.value)


@pytest.mark.parametrize("path", ["pumper", "pump-logs"])
@pytest.mark.parametrize("status", [204, 302, 403, 404, 429, 500, 502, 503])
async def test_error_with_data(
    tandem: SimulatedTandem,
    read: Read,
    tells_nothing: Prove,
    path: str,
    status: int,
) -> None:
    """A missing or redirected address is a change of the service; all other errors are temporary."""
    page = FIREWALL if status == 403 else GATEWAY
    headers = {"Retry-After": "90", "Location": "https://attacker.example/"}
    tandem.faults.add(Fault(path=path, status=status, body=page, headers=headers))
    with pytest.raises(TandemError, match=f"{path}: answered {status}") as raised:
        await read(path)
    changed = status in {204, 302, 404}
    assert type(raised.value) is (TandemChanged if changed else TandemBusy)
    assert raised.value.retry_after == (None if changed else 90)
    tells_nothing(raised.value)


@pytest.mark.parametrize("path", ["pumper", "pump-logs"])
@pytest.mark.parametrize(
    "failure",
    [
        ({"cut": 10}, "the connection broke off"),
        ({"truncate": 100}, "the answer breaks off"),
        ({"status": 200, "body": ""}, "the answer breaks off"),
        ({"delay": 300}, "no answer in time"),
        ({"trickle": 20}, "no answer in time"),
        (
            {"status": 200, "body": GATEWAY, "headers": {"Content-Encoding": "gzip"}},
            "the connection broke off",
        ),
    ],
    ids=["cut", "truncated", "empty", "silent", "trickling", "garbled"],
)
async def test_no_whole_answer(
    tandem: SimulatedTandem,
    read: Read,
    tells_nothing: Prove,
    *,
    freezer: FrozenDateTimeFactory,
    path: str,
    failure: tuple[dict[str, Any], str],
) -> None:
    """A missing or incomplete answer is reported as such, and the next answer is read."""
    fault, words = failure
    tandem.faults.add(Late(path=path, freezer=freezer, **fault))
    with pytest.raises(TandemUnreachable, match=f"{path}: {words}") as error:
        await read(path)
    tells_nothing(error.value)
    await read(path)


@pytest.mark.parametrize("step", ["sign-in page", "pumper"])
async def test_a_closed_session(
    tokens: TokenProvider,
    session: aiohttp.ClientSession,
    tells_nothing: Prove,
    step: str,
) -> None:
    """A client of a closed session sends no request."""
    if step == "pumper":
        await tokens.token()
    await session.close()
    with pytest.raises(TandemUnreachable, match="the session is closed") as error:
        await TandemClient(session, tokens).pumper()
    assert error.value.step == step
    tells_nothing(error.value)


@pytest.mark.parametrize("path", ["pumper", "pump-logs"])
async def test_a_page_instead_of_data(
    tandem: SimulatedTandem, read: Read, tells_nothing: Prove, path: str
) -> None:
    """A page with status 200 is a change of the service, not an empty day."""
    tandem.faults.add(Fault(path=path, status=200, body=GATEWAY))
    with pytest.raises(TandemChanged, match="other than JSON") as error:
        await read(path)
    tells_nothing(error.value)


async def test_a_large_answer(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """An answer of 20 MB is read."""
    tandem.faults.add(Fault(path="pump-logs", change=padded(20_000_000)))
    assert len((await client.pump_log(pump, DAY, DAY)).events) == 24


async def test_a_boundless_answer(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump, tells_nothing: Prove
) -> None:
    """An answer larger than any log is not read to its end."""
    tandem.faults.add(Fault(path="pump-logs", change=padded(20_000)))
    with (
        patch("custom_components.tconnectsync.http_request.LARGEST_RESPONSE", 10_000),
        pytest.raises(TandemChanged, match="too large") as error,
    ):
        await client.pump_log(pump, DAY, DAY)
    tells_nothing(error.value)


async def test_one_new_sign_in_on_401(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump
) -> None:
    """A token that expired early is replaced without an error."""
    tandem.sign_in.expire_tokens()
    assert len((await client.pump_log(pump, DAY, DAY)).events) == 24
    assert tandem.sign_in.sign_ins == 1
    tandem.sign_in.expire_tokens()
    tandem.sign_in.end_sessions()
    assert len((await client.pumper()).pumps) == 1
    assert tandem.sign_in.sign_ins == 2


@pytest.mark.parametrize("path", ["pumper", "pump-logs"])
async def test_a_second_401_is_error_and_no_refusal(
    tandem: SimulatedTandem, read: Read, tells_nothing: Prove, path: str
) -> None:
    """A second 401 does not make the user enter a password, and the client does not sign in again and again."""
    tandem.faults.add(Fault(path=path, status=401, times=None))
    for _ in range(3):
        with pytest.raises(TandemBusy, match="new tokens are not taken") as error:
            await read(path)
        tells_nothing(error.value)
    assert tandem.count("/authorize") == 2


async def test_a_password_changed_meanwhile(
    tandem: SimulatedTandem, client: TandemClient, pump: Pump, tells_nothing: Prove
) -> None:
    """When the new sign-in is refused, the refusal is reported."""
    tandem.accounts[EMAIL.lower()].password = "changed"
    tandem.sign_in.expire_tokens()
    tandem.sign_in.end_sessions()
    for _ in range(2):
        with pytest.raises(SignInRefused) as error:
            await client.pump_log(pump, DAY, DAY)
        tells_nothing(error.value)
    assert tandem.sign_in.refused == 1


async def test_headers_the_firewall_wants(
    tandem: SimulatedTandem, session: aiohttp.ClientSession, region: Region
) -> None:
    """A session with its own User-Agent sends the right headers too."""
    session.headers["User-Agent"] = "HomeAssistant"
    tokens = TokenProvider(session, region, EMAIL, PASSWORD)
    await TandemClient(session, tokens).pumper()
    assert tandem.requests[-1].status == 200
