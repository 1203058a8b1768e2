"""With any split and delay of a phone's uploads, everything arrives once."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from hypothesis import given, strategies as st

from demo.pump import SimulatedPump
from demo.tandem import Account, keep_uploading

from .pump_days import BERLIN, START, lively_pump, quiet_pump

DAY = lively_pump(1, seed=3)


def account() -> Account:
    """Return an account whose clock stands still."""
    return Account(email="a", password="b", now=lambda: START + timedelta(days=1))


@given(
    hours=st.lists(st.floats(0, 24), max_size=8),
    late=st.lists(st.integers(0, len(DAY.events) - 1), max_size=40),
    rounds=st.integers(0, 3),
)
def test_any_split_delivers_everything_once(
    hours: list[float], late: list[int], rounds: int
) -> None:
    """Parts arrive in any order of time, with some events delayed repeatedly."""
    listed = account().add_pump(DAY)
    held = {DAY.events[place]["sequenceNumber"] for place in late}
    delivered = []
    for hour in hours:
        delivered += listed.upload(
            START + timedelta(hours=hour),
            hold_back=lambda event: event["sequenceNumber"] in held,
        )
    for _ in range(rounds):
        delivered += listed.upload(
            hold_back=lambda event: event["sequenceNumber"] in held
        )
    delivered += listed.upload()
    assert sorted(event["sequenceNumber"] for event in delivered) == [
        event["sequenceNumber"] for event in DAY.events
    ]
    assert listed.between("2026-05-01", "2026-05-02") == DAY.events
    assert listed.max_date == DAY.events[-1]["pumpDateTime"]


def test_an_upload_shows_the_settings_of_its_moment() -> None:
    """A later change on the pump is visible with the next upload."""
    pump = quiet_pump()
    listed = account().add_pump(pump)
    listed.upload()
    pump.activate_profile(2)
    details = listed.listing()["settings"]["details"]
    assert details["profiles"]["activeIdp"] == 0
    listed.upload()
    details = listed.listing()["settings"]["details"]
    assert details["profiles"]["activeIdp"] == 2


def test_a_replacement_pump_is_listed_beside_the_old_one() -> None:
    """The old pump stays as at its last upload."""
    person = account()
    old, new = quiet_pump(), quiet_pump(serial_number="55667788", model="Mobi")
    first, second = person.add_pump(old), person.add_pump(new)
    first.upload(at=START)
    new.run_for(days=1)
    second.upload()
    one, other = person.pumper()["pumps"]
    assert one["serialNumber"] != other["serialNumber"]
    assert one["assignmentId"] != other["assignmentId"]
    assert one["maxDateOfEvents"] < other["maxDateOfEvents"]
    assert one["lastUploadDate"] < other["lastUploadDate"]


def test_a_clock_that_ran_ahead_leaves_its_mark() -> None:
    """The latest date stays, even after the clock was set right."""
    pump = quiet_pump()
    listed = account().add_pump(pump)
    pump.move_clock(timedelta(days=40))
    pump.run_for(minutes=5)
    pump.move_clock(timedelta(days=-40))
    pump.run_for(minutes=10)
    listed.upload()
    assert str(listed.max_date).startswith("2026-06-10")


async def test_a_live_pump_keeps_up_with_the_clock() -> None:
    """Each upload runs the pump until now."""
    now = START
    pump = SimulatedPump(start=START, time_zone=BERLIN)
    listed = account().add_pump(pump)
    uploading = asyncio.create_task(
        keep_uploading(pump, listed, timedelta(milliseconds=1), lambda: now)
    )
    now = START + timedelta(hours=2)
    async with asyncio.timeout(60):
        while not listed.between("2026-05-01", "2026-05-01") or pump.now < now:
            await asyncio.sleep(0.005)
    uploading.cancel()
    with suppress(asyncio.CancelledError):
        await uploading
    assert pump.now == now
