"""The demo's phone uploads, and stops for a while on request."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from demo.commands import UnknownCommandError
from demo.phone import Phone
from demo.pump import SimulatedPump
from demo.tandem import ListedPump

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVERY = timedelta(minutes=5)


@pytest.fixture
def pump() -> SimulatedPump:
    """A pump that ran for an hour, until noon."""
    pump = SimulatedPump(
        start=NOON - timedelta(hours=1), time_zone=ZoneInfo("UTC"), quiet=True
    )
    pump.run_until(NOON)
    return pump


@pytest.fixture
def phone(
    tmp_path: Path, pump: SimulatedPump
) -> Callable[[], tuple[Phone, ListedPump]]:
    """A function that starts the phone, or starts it again."""

    def start() -> tuple[Phone, ListedPump]:
        listed = ListedPump(pump=pump, now=lambda: pump.now)
        return Phone(tmp_path / "phone.json", listed, lambda: pump.now), listed

    return start


def test_it_uploads_when_asked(
    phone: Callable[[], tuple[Phone, ListedPump]], pump: SimulatedPump
) -> None:
    """The phone uploads at once on request."""
    uploading, listed = phone()
    assert listed.last_upload == NOON
    assert uploading.until_next(EVERY) == EVERY
    pump.run_for(minutes=5)
    assert uploading.upload()
    assert listed.last_upload == pump.now


@pytest.mark.parametrize("restarted", [False, True])
def test_it_is_offline_for_a_while(
    phone: Callable[[], tuple[Phone, ListedPump]],
    pump: SimulatedPump,
    *,
    restarted: bool,
) -> None:
    """Events of that time are uploaded together at the end, and not earlier after a restart."""
    uploading, listed = phone()
    uploading.go_offline("90")
    newest = listed.max_date
    pump.run_for(minutes=88)
    if restarted:
        uploading, listed = phone()
    assert not uploading.upload()
    assert (listed.last_upload, listed.max_date) == (NOON, newest)
    assert uploading.until_next(EVERY) == timedelta(minutes=2)
    pump.run_for(minutes=2)
    assert uploading.upload()
    assert listed.last_upload == NOON + timedelta(minutes=90)
    assert listed.max_date == pump.events[-1]["pumpDateTime"]
    assert uploading.until_next(EVERY) == EVERY


def test_it_can_stay_away_longer_and_come_back_earlier(
    phone: Callable[[], tuple[Phone, ListedPump]], pump: SimulatedPump
) -> None:
    """A new request counts from then, and 0 uploads at once."""
    uploading, listed = phone()
    uploading.go_offline("10")
    pump.run_for(minutes=9)
    uploading.go_offline("10")
    pump.run_for(minutes=9)
    assert not phone()[0].upload()
    assert listed.last_upload == NOON
    assert uploading.go_offline("0") == "The phone uploads again."
    assert listed.last_upload == pump.now


@pytest.mark.parametrize("minutes", ["soon", "-1", "1441", "1.5"])
def test_nonsense_is_refused(
    phone: Callable[[], tuple[Phone, ListedPump]], minutes: str
) -> None:
    """The phone continues to upload."""
    uploading, _ = phone()
    with pytest.raises(UnknownCommandError):
        uploading.go_offline(minutes)
    assert uploading.upload()
