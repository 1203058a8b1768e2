"""The pumps of an account, and which of them is in use."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
import json
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.tandem import (
    Pump,
    Pumper,
    PumpSettings,
    TandemChanged,
    choose_pump,
)
from custom_components.tconnectsync.tandem.pumper import read_pumper

NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

FIXTURES = Path(__file__).parent.parent / "fixtures" / "tandem"
ANSWER: dict[str, Any] = json.loads((FIXTURES / "pumper.json").read_text("utf-8"))


def clock(time: str) -> datetime:
    """A time on a pump's clock, without a zone."""
    return datetime.fromisoformat(time)


def one_pump(**listed: Any) -> Pump:
    """A pump that is listed with other values."""
    return read_pumper({"pumps": [ANSWER["pumps"][0] | listed]}).pumps[0]


def pumper(**newest_events: datetime | None) -> Pumper:
    """Return an account with pumps that have these serial numbers and newest events."""
    pumps = tuple(
        replace(one_pump(), serial_number=serial_number, newest_event=newest_event)
        for serial_number, newest_event in newest_events.items()
    )
    return Pumper(low_glucose=70, high_glucose=180, pumps=pumps)


def test_a_used_and_an_unused_pump() -> None:
    """Both pumps of a real account are read."""
    pumper = read_pumper(ANSWER)
    assert (pumper.low_glucose, pumper.high_glucose, pumper.skipped) == (70, 180, 0)
    used, unused = pumper.pumps
    assert used == Pump(
        assignment_id="1b493210-9336-4901-a329-a352775738c5",
        serial_number="90556643",
        model="t:slim X2",
        model_number="1000354",
        part_number="1011979",
        software_version="7.8.0.0",
        algorithm="Control-IQ",
        glucose_unit=None,
        last_upload=datetime(2022, 9, 20, 5, 50, 12, tzinfo=UTC),
        newest_event=clock("2022-02-16T22:45:58"),
        available_from=clock("2021-05-06T12:31:19"),
        available_to=clock("2022-02-16T22:45:58"),
        settings=PumpSettings.from_details({}),
    )
    assert unused.serial_number == "514387"
    assert unused.algorithm == "Basal-IQ"
    assert unused.last_upload is None
    assert unused.newest_event is None
    assert unused.available_from is None
    assert unused.settings is None


def test_nothing_that_names_the_person_is_kept() -> None:
    """Name, birthday and country are dropped, and no log contains a serial number."""
    pumper = read_pumper(ANSWER)
    kept = str({field.name: getattr(pumper, field.name) for field in fields(pumper)})
    kept += str(pumper.answer)
    for personal in ("Test", "User", "1990-01-01", "country"):
        assert personal not in kept
    for hidden in ("90556643", "1b493210", "numberOfProfiles"):
        assert hidden not in repr(pumper)


def test_after_a_restart() -> None:
    """A stored answer gives the same pumps again."""
    pumper = read_pumper(ANSWER)
    assert read_pumper(json.loads(json.dumps(pumper.answer))) == pumper


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("t:slim X2™ Insulin Pump", "t:slim X2"),
        ("T:SLIM X2", "t:slim X2"),
        ("Tandem Mobi™ System", "Mobi"),
        ("t:flex® Insulin Pump", "t:flex® Insulin Pump"),
        ("", "Insulin pump"),
        (None, "Insulin pump"),
        (["t:slim X2"], "Insulin pump"),
    ],
)
def test_model(name: Any, model: str) -> None:
    """Known models have a short name; others keep Tandem's name."""
    assert one_pump(modelName=name).model == model


def test_numbers_where_texts_are_expected() -> None:
    """A serial number without quotes is read as text."""
    assert one_pump(serialNumber=90556643).serial_number == "90556643"


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "pump",
        [],
        {},
        {"serialNumber": "1"},
        {"assignmentId": "a", "serialNumber": None},
        {"assignmentId": "", "serialNumber": "1"},
        {"assignmentId": True, "serialNumber": "1"},
    ],
)
def test_an_unreadable_pump_is_skipped_and_counted(odd: Any) -> None:
    """One odd pump does not affect the others."""
    pumper = read_pumper({"pumps": [odd, ANSWER["pumps"][0]]})
    assert [pump.serial_number for pump in pumper.pumps] == ["90556643"]
    assert pumper.skipped == 1
    with pytest.raises(TandemChanged, match="none of the pumps"):
        read_pumper({"pumps": [odd]})


@pytest.mark.parametrize("limit", [None, "70", True, 0, 65535, float("inf"), [70]])
def test_absurd_limits_are_not_taken(limit: Any) -> None:
    """Limits must be possible glucose values (mg/dL)."""
    answer = ANSWER | {"lowGlucoseThreshold": limit, "highGlucoseThreshold": limit}
    assert read_pumper(answer).low_glucose is None
    assert read_pumper(answer).high_glucose is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-05-15T12:00:00Z", NOW),
        ("2026-05-15T12:00:00", NOW),
        ("2026-05-15T14:00:00+02:00", NOW),
        ("2026-05-15T12:00:00.1234567Z", NOW + timedelta(microseconds=123456)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-10:00", None),
        ("yesterday", None),
        ("", None),
        (1778846400, None),
    ],
)
def test_last_upload(value: Any, read: datetime | None) -> None:
    """The time is UTC with or without a zone."""
    assert one_pump(lastUploadDate=value).last_upload == read


@pytest.mark.parametrize(
    "value",
    ["2026-05-15T12:00:00", "2026-05-15T12:00:00Z", "2026-05-15T12:00:00+02:00"],
)
def test_newest_event(value: str) -> None:
    """The digits are those of the pump's clock; a zone after them is ignored."""
    assert one_pump(maxDateOfEvents=value).newest_event == clock("2026-05-15T12:00:00")


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_a_time_that_no_clock_shows(value: str) -> None:
    """A time outside the range of every zone is unknown."""
    pump = one_pump(
        maxDateOfEvents=value, availableDataRange={"start": value, "end": value}
    )
    assert pump.newest_event is None
    assert (pump.available_from, pump.available_to) == (None, None)


def test_odd_texts_are_made_safe() -> None:
    """Control characters and excess length, which registries and states reject, are removed."""
    profile = {"idp": 1, "name": f" night\n{'y' * 300}"}
    pump = one_pump(
        serialNumber=f"90:55\n{'6' * 300}",
        modelName="x" * 300,
        softwareVersion="\0",
        settings={"details": {"profiles": {"profile": [profile]}}},
    )
    assert pump.serial_number == f"90-55 {'6' * 249}"
    assert pump.model == "x" * 255
    assert pump.software_version is None
    assert pump.settings
    assert pump.settings.profiles[0].name == f"night {'y' * 249}"


@pytest.mark.parametrize("range_", [None, [], "2021", {"start": 7}])
def test_an_odd_range_of_data(range_: Any) -> None:
    """An unreadable range is unknown."""
    pump = one_pump(availableDataRange=range_)
    assert (pump.available_from, pump.available_to) == (None, None)


@pytest.mark.parametrize("settings", [None, [], {}, {"details": None}, {"details": 7}])
def test_no_settings(settings: Any) -> None:
    """Missing or empty settings are None."""
    assert one_pump(settings=settings).settings is None


TEXTS = st.text(st.characters(), max_size=20)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(ANSWER["pumps"][0])), parts)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(sorted(ANSWER["pumps"][0])), ANYTHING))
def test_odd_values_do_no_harm(odd: dict[str, Any]) -> None:
    """Any value in a field leads to a pump or to none, never to an error."""
    read_pumper({"pumps": [ANSWER["pumps"][0] | odd, ANSWER["pumps"][1]]})


def test_the_pump_in_use_is_the_one_with_the_newest_event() -> None:
    """A replacement pump takes over automatically."""
    account = pumper(old=clock("2026-05-01"), new=clock("2026-05-15"), unused=None)
    chosen = choose_pump(account, None, NOW)
    assert chosen is not None
    assert chosen.serial_number == "new"


@pytest.mark.parametrize(
    ("ahead", "chosen"),
    [
        (timedelta(days=1), "ahead"),
        (timedelta(days=1, seconds=1), "in_use"),
        (timedelta(days=20000), "in_use"),
    ],
)
def test_a_placeholder_in_the_future_is_no_event(ahead: timedelta, chosen: str) -> None:
    """A clock that is more than a day ahead cannot be right."""
    now = NOW.replace(tzinfo=None)
    account = pumper(in_use=now - timedelta(hours=1), ahead=now + ahead)
    for zone in (UTC, timezone(timedelta(hours=-11))):
        pump = choose_pump(account, None, NOW.astimezone(zone))
        assert pump is not None
        assert pump.serial_number == chosen


def test_a_clock_far_ahead_is_followed_by_its_uploads() -> None:
    """A pump that uploads now is in use, even if its clock is far ahead; one with a placeholder has not uploaded since."""
    now = NOW.replace(tzinfo=None)
    in_use, ahead = pumper(in_use=now - HOUR, ahead=now + 3 * DAY).pumps
    for uploaded, chosen in (
        (None, "in_use"),
        (NOW - 3 * HOUR, "in_use"),
        (NOW - 2 * HOUR, "in_use"),
        (NOW - HOUR, "ahead"),
        (NOW + 2 * DAY, "in_use"),
    ):
        pumps = (
            replace(in_use, last_upload=NOW - 2 * HOUR),
            replace(ahead, last_upload=uploaded),
        )
        account = Pumper(low_glucose=None, high_glucose=None, pumps=pumps)
        pump = choose_pump(account, None, NOW)
        assert pump
        assert pump.serial_number == chosen
    alone = Pumper(
        low_glucose=None,
        high_glucose=None,
        pumps=(
            replace(ahead, last_upload=NOW - HOUR),
            replace(ahead, last_upload=None),
        ),
    )
    assert choose_pump(alone, None, NOW) == alone.pumps[0]


def test_a_placeholder_in_the_past_is_no_event() -> None:
    """No pump logged an event before 2008."""
    assert choose_pump(pumper(unused=clock("0001-01-01")), None, NOW) is None


def test_of_two_equal_pumps_the_one_that_uploaded_last() -> None:
    """The choice does not depend on the order of the list."""
    event = clock("2026-05-15")
    never, early, late = pumper(never=event, early=event, late=event).pumps
    pumps = (
        replace(never, last_upload=None),
        replace(early, last_upload=NOW - timedelta(hours=2)),
        replace(late, last_upload=NOW - timedelta(hours=1)),
    )
    for order in (pumps, pumps[::-1]):
        account = Pumper(low_glucose=None, high_glucose=None, pumps=order)
        assert choose_pump(account, None, NOW) == pumps[2]


def test_a_pinned_pump() -> None:
    """A pinned pump is the only choice, even before its first upload."""
    account = pumper(old=None, new=clock("2026-05-15"))
    chosen = choose_pump(account, "old", NOW)
    assert chosen is not None
    assert chosen.serial_number == "old"
    assert choose_pump(account, "gone", NOW) is None


@pytest.mark.parametrize("account", [pumper(), pumper(unused=None)])
def test_no_pump_in_use(account: Pumper) -> None:
    """Without a pump, or without any upload, no pump is in use."""
    assert choose_pump(account, None, NOW) is None
