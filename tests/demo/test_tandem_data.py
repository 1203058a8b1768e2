"""The simulated pumper and pump-logs answers are as strict as the real ones."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from demo.pump import RecordedPump, SimulatedPump
from demo.tandem import (
    Account,
    ListedPump,
    SimulatedTandem,
    live_through_uploads,
    upload_instants,
)

from .conftest import EMAIL, PASSWORD
from .pump_days import BERLIN, START, of, quiet_pump
from .web_application import WebApplication

FIXTURES = Path(__file__).parent.parent / "fixtures" / "tandem"


@pytest.fixture
async def tandem() -> AsyncIterator[SimulatedTandem]:
    """A service whose clock stands at noon of the pumps' first day."""
    service = SimulatedTandem(now=lambda: START + timedelta(hours=6))
    service.add_account(EMAIL, PASSWORD)
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def account(tandem: SimulatedTandem) -> Account:
    """The only account."""
    return tandem.accounts[EMAIL]


@pytest.fixture
def pump() -> SimulatedPump:
    """A pump that ran for three days, two of them uploaded."""
    pump = SimulatedPump(start=START, time_zone=BERLIN)
    pump.run_for(days=3)
    return pump


@pytest.fixture
def listed(account: Account, pump: SimulatedPump) -> ListedPump:
    """That pump in the account."""
    listed = account.add_pump(pump)
    listed.upload(START + timedelta(days=2))
    return listed


def query(
    account: Account,
    first: str = "2026-05-01",
    last: str = "2026-05-04",
    **changes: str,
) -> dict[str, str]:
    """Return a query as the web application writes it."""
    dates = {"startDate": f"{first}T00:00:00Z", "endDate": f"{last}T23:59:59Z"}
    return {"pumperId": account.pumper_id} | dates | changes


async def test_pumper_lists_what_the_captured_answer_lists(
    browser: WebApplication, account: Account
) -> None:
    """The keys of person and pumps are those of the captured answer, with null for an unused pump."""
    captured = json.loads((FIXTURES / "pumper.json").read_text(encoding="utf-8"))
    used = quiet_pump()
    account.add_pump(used).upload()
    account.add_pump(RecordedPump(serial_number="514387"))
    answer = await browser.pumper(account.pumper_id)
    assert answer.keys() == captured.keys()
    for pump, real in zip(answer["pumps"], captured["pumps"], strict=True):
        assert pump.keys() >= real.keys()
    first, second = answer["pumps"]
    assert first["lastUploadDate"] == "2026-05-01T12:00:00Z"
    assert first["maxDateOfEvents"] == "2026-05-01T08:00:00"
    assert first["settings"]["details"] == used.settings
    assert second["availableDataRange"] == {"start": None, "end": None}
    assert [
        second[key] for key in ("lastUploadDate", "maxDateOfEvents", "settings")
    ] == [None] * 3


async def test_a_listing_can_be_changed(
    browser: WebApplication, account: Account
) -> None:
    """A test can set any field, such as a placeholder date in the future or a missing algorithm."""
    account.add_pump(
        RecordedPump(serial_number="1"),
        maxDateOfEvents="2099-12-31T00:00:00",
        algorithm=None,
    )
    (pump,) = (await browser.pumper(account.pumper_id))["pumps"]
    assert (pump["maxDateOfEvents"], pump["algorithm"]) == ("2099-12-31T00:00:00", None)


async def test_an_account_can_be_without_pumps(
    browser: WebApplication, account: Account
) -> None:
    """The list is empty."""
    assert (await browser.pumper(account.pumper_id))["pumps"] == []


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://elsewhere.example"},
        {"Referer": ""},
        {"User-Agent": "python"},
    ],
)
async def test_what_does_not_look_like_the_web_application_is_blocked(
    browser: WebApplication, account: Account, header: dict[str, str]
) -> None:
    """The firewall answers 403 with a page."""
    status, page = await browser.get(f"pumper/{account.pumper_id}", **header)
    assert status == 403
    assert "The request is blocked" in page


async def test_nobody_reads_without_a_token(
    browser: WebApplication, account: Account
) -> None:
    """Requests without a token, or with an invented one, are answered with 401."""
    for authorization in ("", "Bearer made-up"):
        status, _ = await browser.get(
            f"pumper/{account.pumper_id}", Authorization=authorization
        )
        assert status == 401


async def test_nobody_reads_somebody_else(
    tandem: SimulatedTandem, browser: WebApplication
) -> None:
    """A token gives access to its own account only."""
    other = tandem.add_account("other@example.com", "other")
    listed = other.add_pump(quiet_pump())
    assert (await browser.get(f"pumper/{other.pumper_id}"))[0] == 403
    key = listed.pump.assignment_id
    assert (await browser.get(f"pump-logs/{key}", query(other)))[0] == 404


async def test_only_what_was_uploaded_is_seen(
    browser: WebApplication, account: Account, pump: SimulatedPump, listed: ListedPump
) -> None:
    """Two of three days are returned, in order and as logged."""
    answer = (await browser.get(f"pump-logs/{pump.assignment_id}", query(account)))[1]
    until = START + timedelta(days=2)
    expected = [
        event
        for event, instant in zip(pump.events, pump.instants, strict=True)
        if instant <= until
    ]
    assert answer == {"events": expected, "clockChanges": []}
    listed.upload()
    answer = (await browser.get(f"pump-logs/{pump.assignment_id}", query(account)))[1]
    assert len(answer["events"]) == len(pump.events)


@pytest.mark.usefixtures("listed")
async def test_days_are_those_of_the_pump_clock(
    browser: WebApplication, account: Account, pump: SimulatedPump
) -> None:
    """The window is compared with pumpDateTime, both ends included."""
    answer = await browser.logs(
        pump.assignment_id, account.pumper_id, "2026-05-02", "2026-05-02"
    )
    days = {event["pumpDateTime"][:10] for event in answer["events"]}
    assert days == {"2026-05-02"}
    assert len(answer["events"]) == sum(
        event["pumpDateTime"][:10] == "2026-05-02" for event in pump.events
    )


@pytest.mark.usefixtures("listed")
async def test_codes_choose(
    browser: WebApplication, account: Account, pump: SimulatedPump
) -> None:
    """One comma-separated value selects; empty or missing means all; repeated keys return nothing."""
    path = f"pump-logs/{pump.assignment_id}"
    some = (await browser.get(path, query(account, eventCodes="279,20")))[1]["events"]
    assert {event["eventCode"] for event in some} == {279, 20}
    everything = (await browser.get(path, query(account)))[1]
    assert (await browser.get(path, query(account, eventCodes="")))[1] == everything
    repeated = [*query(account).items(), ("eventCodes", "279"), ("eventCodes", "20")]
    assert (await browser.get(path, repeated))[1]["events"] == []


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("changes", "issue"),
    [
        ({"eventIds": "279"}, "unrecognized_keys"),
        ({"startDate": "2026-05-01"}, "invalid_string"),
        ({"startDate": "2026-05-01T01:00:00Z"}, "invalid_string"),
        ({"endDate": "2026-05-04T23:59:59"}, "invalid_string"),
        ({"endDate": "2026-05-40T23:59:59Z"}, "invalid_string"),
        ({"endDate": "2026-05-29T23:59:59Z"}, "custom"),
        ({"endDate": "2026-04-30T23:59:59Z"}, "custom"),
        ({"eventCodes": "279;20"}, "custom"),
    ],
)
async def test_a_query_that_is_not_understood_is_refused(
    browser: WebApplication,
    account: Account,
    pump: SimulatedPump,
    changes: dict[str, str],
    issue: str,
) -> None:
    """The answer is 400 with the body of the schema library."""
    status, answer = await browser.get(
        f"pump-logs/{pump.assignment_id}", query(account, **changes)
    )
    assert status == 400
    assert answer["error"]["name"] == "ZodError"
    assert answer["error"]["issues"][0]["code"] == issue


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize("missing", ["pumperId", "startDate", "endDate"])
async def test_a_query_must_be_complete(
    browser: WebApplication, account: Account, pump: SimulatedPump, missing: str
) -> None:
    """Only eventCodes may be left out."""
    incomplete = query(account)
    del incomplete[missing]
    status, answer = await browser.get(f"pump-logs/{pump.assignment_id}", incomplete)
    assert status == 400
    assert answer["error"]["issues"][0]["path"] == [missing]


@pytest.mark.usefixtures("listed")
async def test_twenty_eight_days_are_the_most(
    browser: WebApplication, account: Account, pump: SimulatedPump
) -> None:
    """28 days are accepted, 29 are not."""
    path = f"pump-logs/{pump.assignment_id}"
    assert (await browser.get(path, query(account, last="2026-05-28")))[0] == 200
    assert (await browser.get(path, query(account, last="2026-05-29")))[0] == 400


async def test_clock_changes_are_always_whole(
    browser: WebApplication, account: Account, tandem: SimulatedTandem
) -> None:
    """Every clock move of the pump is in each answer, and among the events only if selected."""
    pump = quiet_pump()
    listed = account.add_pump(pump)
    for _ in range(3):
        pump.run_for(days=2)
        pump.move_clock(timedelta(hours=1))
    listed.upload()
    answer = await browser.logs(
        pump.assignment_id, account.pumper_id, "2026-05-02", "2026-05-03"
    )
    assert answer["clockChanges"] == pump.clock_changes
    assert len(pump.clock_changes) == 3
    assert not of(answer["events"], 13)
    tandem.clock_changes_among_events = True
    answer = await browser.logs(
        pump.assignment_id, account.pumper_id, "2026-05-02", "2026-05-03"
    )
    assert len(of(answer["events"], 13)) == 1


async def test_what_is_held_back_comes_later(
    browser: WebApplication, account: Account
) -> None:
    """Late events leave maxDateOfEvents unchanged, while lastUploadDate advances."""
    pump = quiet_pump()
    listed = account.add_pump(pump)
    pump.give_bolus(2.0)
    pump.run_for(hours=2)
    listed.upload(
        hold_back=lambda event: event["eventCode"] == 20, at=START + timedelta(hours=2)
    )
    before = (await browser.pumper(account.pumper_id))["pumps"][0]
    first = await browser.logs(
        pump.assignment_id, account.pumper_id, "2026-05-01", "2026-05-01"
    )
    assert [event["eventCode"] for event in listed.held_back] == [20]
    listed.upload(at=START + timedelta(hours=3))
    after = (await browser.pumper(account.pumper_id))["pumps"][0]
    second = await browser.logs(
        pump.assignment_id, account.pumper_id, "2026-05-01", "2026-05-01"
    )
    assert before["maxDateOfEvents"] == after["maxDateOfEvents"]
    assert before["lastUploadDate"] < after["lastUploadDate"]
    assert not of(first["events"], 20)
    assert second["events"] == pump.events


def test_uploads_come_about_once_an_hour() -> None:
    """Uploads are 60 to 80 minutes apart, with hours of a stalled phone."""
    end = START + timedelta(days=2)
    steady = [START, *upload_instants(START, end, stalls=0)]
    gaps = [after - before for before, after in pairwise(steady)]
    assert all(timedelta(minutes=60) <= gap <= timedelta(minutes=80) for gap in gaps)
    stalling = list(upload_instants(START, end, stalls=0.5))
    assert len(stalling) < len(steady) / 2


def test_uploads_on_the_way_date_themselves() -> None:
    """At the end of its uploads a pump has some minutes that are not uploaded yet."""
    account = Account(email="a", password="b", now=lambda: datetime.now(UTC))
    pump = SimulatedPump(start=START, time_zone=BERLIN)
    listed = account.add_pump(pump)
    end = START + timedelta(days=1)
    live_through_uploads(pump, listed, end)
    assert pump.now == end
    assert listed.last_upload is not None
    assert end - timedelta(hours=9) < listed.last_upload < end


async def test_captured_events_pass_through(
    browser: WebApplication, account: Account
) -> None:
    """Every captured event is returned unchanged."""
    capture: dict[str, Any] = json.loads(
        (FIXTURES / "samples.json").read_text(encoding="utf-8")
    )
    pump = RecordedPump(serial_number="90556643")
    captured = [event for group in capture["groups"] for event in group["events"]]
    captured += capture["misc"]["events"]
    pump.record(captured, ZoneInfo("America/New_York"))
    pump.record(capture["misc"]["clockChanges"], ZoneInfo("America/New_York"))
    account.add_pump(pump).upload()
    for event in captured:
        day = event["pumpDateTime"][:10]
        answer = await browser.logs(pump.assignment_id, account.pumper_id, day, day)
        (found,) = (
            got
            for got in answer["events"]
            if (got["sequenceGroup"], got["sequenceNumber"])
            == (event["sequenceGroup"], event["sequenceNumber"])
        )
        assert found == event | {
            "deviceAssignmentId": pump.assignment_id,
            "estimatedDateTime": f"{event['pumpDateTime']}Z",
        }
        assert len(answer["clockChanges"]) == 1
