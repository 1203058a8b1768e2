"""Moving over from the tconnectsync command line doubles and removes nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.identifiers import Collection
from custom_components.tconnectsync.therapy.records import Bolus, BolusKind, Delivery

from .records import DAY, PUMP, alarm, bolus, history, reading, segment, session, utc
from .site import EVERYTHING, Writer

NEXT_DAY = DAY + timedelta(days=1)
WRITTEN: dict[str, Any] = {
    "enteredBy": "Pump (tconnectsync)",
    "carbs": None,
    "insulin": None,
}


def documents_of(**records: Any) -> list[Document]:
    """Return every document of these records."""
    return documents(history(**records), PUMP, EVERYTHING)


def by_tconnectsync(
    clock: str, event_type: str, numbers: str, **other: Any
) -> dict[str, Any]:
    """Return a treatment in tconnectsync's form."""
    return WRITTEN | {
        "eventType": event_type,
        "created_at": f"2025-11-20 {clock}+01:00",
        "pump_event_id": numbers,
        **other,
    }


async def already_there(writer: Writer, *written: dict[str, Any]) -> None:
    """Store treatments of tconnectsync on the site."""
    await writer.client.write(Collection.TREATMENTS, written)


async def sync_for_good(writer: Writer, wanted: list[Document]) -> None:
    """Sync several times and after a restart; only the first sync may write."""
    result = await writer.hold(wanted, days=[DAY])
    assert (result.pending, result.error) == (0, None)
    writes = writer.server.counters.total()
    await writer.hold(wanted, days=[DAY])
    writer.restart()
    await writer.hold(wanted, days=[DAY])
    writer.files.texts.clear()
    await writer.hold(wanted, days=[DAY])
    assert writer.server.counters.total() == writes


async def test_boluses_it_wrote_are_not_written_again(writer: Writer) -> None:
    """Its boluses are dated by their end and name their events."""
    await already_there(
        writer, by_tconnectsync("08:02:00", "Combo Bolus", "41,40", insulin=2)
    )
    await sync_for_good(writer, documents_of(boluses=[bolus("08:00:00", 2.0, 40)]))
    assert writer.held() == []


async def test_boluses_it_did_not_live_to_see_are_sent(writer: Writer) -> None:
    """A bolus that starts after its newest document is not covered."""
    await already_there(
        writer, by_tconnectsync("08:02:00", "Combo Bolus", "40", insulin=2)
    )
    await sync_for_good(
        writer,
        documents_of(boluses=[bolus("08:00:00", 2.0, 40), bolus("09:00:00", 1.0, 60)]),
    )
    assert writer.names() == ["tconnectsync:12345678:bolus:0-60-20251120"]


def extended(**other: Any) -> Bolus:
    """Return 1 U at once from 08:00, and 3 U over two hours."""
    parts = {
        "extended_requested": 3.0,
        "extended_delivered": 3.0,
        "extended_start": utc("08:00:30"),
        "extended_minutes": 120,
        "carbs": 40,
        "kind": BolusKind.EXTENDED,
        "end": None,
    }
    return bolus("08:00:00", 4.0, 40, **(parts | other))


def extended_part() -> dict[str, Any]:
    """Return tconnectsync's document of the 3 U after they were delivered."""
    return by_tconnectsync(
        "10:00:30", "Combo Bolus", "42", insulin=3, notes="Extended Bolus"
    )


async def test_of_an_extended_bolus_it_wrote_half_of_the_other_half_is_sent(
    writer: Writer,
) -> None:
    """The tool adds a second document when the extended part ends, if it still runs then."""
    await already_there(
        writer,
        by_tconnectsync(
            "08:00:30", "Combo Bolus", "41,40", insulin=1, notes="Extended Bolus"
        ),
    )
    await sync_for_good(writer, documents_of(boluses=[extended()]))
    held = writer.held()
    assert {one["eventType"] for one in held} == {"SMB"}
    assert sum(one["insulin"] for one in held) == pytest.approx(3)
    assert all("carbs" not in one for one in held)
    stopped = extended(extended_delivered=0.5, delivered=1.5, end=utc("08:20:30"))
    part = Delivery(0.5, utc("08:00:30"), utc("08:20:30"))
    stopped = replace(stopped, extended_minutes=20, extended_deliveries=(part,))
    await sync_for_good(writer, documents_of(boluses=[stopped]))
    assert sum(one["insulin"] for one in writer.held()) == pytest.approx(0.5)


async def test_an_extended_bolus_it_wrote_is_not_written_again(writer: Writer) -> None:
    """Neither the complete bolus nor a part of it is sent again."""
    await already_there(
        writer,
        by_tconnectsync("08:00:30", "Combo Bolus", "41", insulin=1, carbs=40),
        extended_part(),
    )
    await sync_for_good(writer, documents_of(boluses=[extended(end=utc("10:00:30"))]))
    assert writer.held() == []


async def test_of_a_bolus_it_wrote_the_extended_part_of_nothing_is_sent(
    writer: Writer,
) -> None:
    """The immediate part may have been too late for tconnectsync, which cannot be detected."""
    await already_there(
        writer,
        extended_part(),
    )
    await sync_for_good(writer, documents_of(boluses=[extended(end=utc("10:00:30"))]))
    assert writer.held() == []


async def test_an_extended_bolus_stopped_before_its_extended_part_is_whole(
    writer: Writer,
) -> None:
    """It has no second document."""
    await already_there(
        writer, by_tconnectsync("08:00:20", "Combo Bolus", "41", insulin=0.7)
    )
    stopped = extended(
        delivered=0.7,
        extended_delivered=0.0,
        extended_start=None,
        extended_minutes=0,
        end=utc("08:00:20"),
    )
    await sync_for_good(writer, documents_of(boluses=[stopped]))
    assert writer.held() == []


async def test_a_bolus_it_missed_while_another_ended_is_sent(writer: Writer) -> None:
    """It ended after tconnectsync's newest document and is named by none."""
    await already_there(
        writer, by_tconnectsync("08:01:00", "Combo Bolus", "7", insulin=1)
    )
    await sync_for_good(writer, documents_of(boluses=[bolus("08:00:00", 4.0, 40)]))
    assert len(writer.held()) == 1


async def test_a_basal_reaching_past_its_newest_is_sent_from_there_on(
    writer: Writer,
) -> None:
    """Its last temporary basal extends far into the future; this one ends it."""
    await already_there(
        writer,
        by_tconnectsync("08:00:00", "Temp Basal", "100", absolute=1, duration=5),
        by_tconnectsync("08:05:00", "Temp Basal", "101", absolute=1, duration=5),
        by_tconnectsync("08:10:00", "Temp Basal", "102", absolute=1, duration=900),
    )
    before = segment("07:00:00", "08:00:00", 0.5, 90)
    through = replace(
        segment("08:00:00", "09:00:00", 1.0, 100), numbers=(100, 101, 102, 103)
    )
    after = segment("09:00:00", "09:30:00", 1.2, 110)
    await sync_for_good(writer, documents_of(basal=[before, through, after]))
    sent = [
        (one["identifier"].rpartition(":")[2], one["created_at"], one["duration"])
        for one in writer.held()
    ]
    assert sent == [
        ("0-100", "2025-11-20T07:10:00.101Z", 50),
        ("0-110", "2025-11-20T08:00:00.111Z", 30),
    ]


async def test_the_rest_of_a_basal_grows(writer: Writer) -> None:
    """The running segment continues from the end of tconnectsync's."""
    await already_there(
        writer, by_tconnectsync("08:10:00", "Temp Basal", "102", duration=900)
    )
    running = segment("08:00:00", "09:00:00", 1.0, 100, running=True)
    await writer.hold(documents_of(basal=[running]), days=[DAY])
    longer = replace(running, end=utc("09:30:00"))
    result = await writer.hold(documents_of(basal=[longer]), days=[DAY])
    assert (result.created, result.replaced, result.removed) == (0, 1, 0)
    assert [one["duration"] for one in writer.held()] == [80]


async def test_each_feature_is_covered_for_itself(writer: Writer) -> None:
    """If tconnectsync only wrote boluses, the basal of the complete day is sent."""
    await already_there(
        writer,
        by_tconnectsync("12:00:00", "Combo Bolus", "40", insulin=2),
        by_tconnectsync("11:00:00", "CGM Alert", "33"),
    )
    await sync_for_good(
        writer,
        documents_of(
            basal=[segment("08:00:00", "09:00:00", 1.0, 100)],
            boluses=[bolus("10:00:00", 1.0, 20)],
            alarms=[alarm("10:00:00", 25)],
        ),
    )
    assert [one["eventType"] for one in writer.held()] == ["Temp Basal", "Announcement"]


async def test_alarms_it_wrote_are_not_written_again(writer: Writer) -> None:
    """This holds for any of tconnectsync's names for them."""
    await already_there(writer, by_tconnectsync("10:00:00", "Alarm", "25"))
    wanted = documents_of(alarms=[alarm("10:00:00", 25), alarm("11:00:00", 35)])
    await sync_for_good(writer, wanted)
    assert writer.names() == ["tconnectsync:12345678:alarm:0-35"]


def glucose_by_tconnectsync(clock: str, number: str) -> dict[str, Any]:
    """Return an entry in tconnectsync's form."""
    return {
        "type": "sgv",
        "sgv": 100,
        "date": round(utc(clock).timestamp() * 1000),
        "dateString": f"2025-11-20T{clock}+0100",
        "device": "Pump (tconnectsync)",
        "pump_event_id": number,
    }


async def test_glucose_it_wrote_is_not_written_again(writer: Writer) -> None:
    """Two sources would double every dot."""
    entry = glucose_by_tconnectsync("08:00:00", "7")
    await writer.client.write(Collection.ENTRIES, [entry])
    wanted = documents_of(
        readings=[reading("08:00:00", 7, 100), reading("08:05:00", 9, 105)]
    )
    await sync_for_good(writer, wanted)
    assert writer.names() == ["tconnectsync:12345678:glucose:0-9"]


async def test_nor_where_glucose_is_forwarded_later_than_the_rest(
    writer: Writer,
) -> None:
    """A ledger that started with treatments has no information about entries."""
    entry = glucose_by_tconnectsync("08:00:00", "7")
    await writer.client.write(Collection.ENTRIES, [entry])
    boluses = documents_of(boluses=[bolus("08:00:00", 2.0, 40)])
    await writer.hold(boluses, features={Feature.BOLUS})
    wanted = documents_of(
        readings=[reading("08:00:00", 7, 100), reading("08:05:00", 9, 105)]
    )
    await sync_for_good(writer, [*boluses, *wanted])
    assert writer.names() == [
        "tconnectsync:12345678:bolus:0-40-20251120",
        "tconnectsync:12345678:glucose:0-9",
    ]


async def test_sending_one_feature_again_forgets_nothing_of_others(
    writer: Writer,
) -> None:
    """Documents that are no longer wanted are still removed."""
    boluses = documents_of(boluses=[bolus("08:00:00", 2.0, 40)])
    glucose = documents_of(readings=[reading("08:00:00", 7, 100)])
    await writer.hold([*boluses, *glucose])
    await writer.hold(boluses, features={Feature.BOLUS}, resend=True)
    await writer.hold(boluses, days=[DAY])
    assert writer.names() == ["tconnectsync:12345678:bolus:0-40-20251120"]


async def test_a_bolus_over_midnight_is_known_by_its_numbers(writer: Writer) -> None:
    """The tool dates a bolus by its end, on the next day."""
    await already_there(
        writer,
        by_tconnectsync("22:00:00", "Combo Bolus", "30", insulin=1),
        by_tconnectsync(
            "", "Combo Bolus", "42,40", insulin=4, created_at=f"{NEXT_DAY} 00:01+01:00"
        ),
    )
    late = bolus("23:59:00", 4.0, 40, end=utc("00:01:00", NEXT_DAY))
    await sync_for_good(writer, documents_of(boluses=[late]))
    assert writer.held() == []


async def test_equal_numbers_days_apart_are_of_another_pump(writer: Writer) -> None:
    """A replacement pump has its own numbers."""
    await already_there(
        writer,
        by_tconnectsync(
            "", "Combo Bolus", "42,40", insulin=4, created_at="2025-11-23 08:00+01:00"
        ),
    )
    days = [DAY + timedelta(days=number) for number in range(4)]
    await writer.hold(documents_of(boluses=[bolus("08:00:00", 4.0, 40)]), days=days)
    assert len(writer.held()) == 1


async def test_a_sensor_the_pump_joined_days_later_is_not_started_again(
    writer: Writer,
) -> None:
    """The tool dates a session by the time the pump joined it."""
    joined = session("20:00:00", 60, joined=True, session_start=utc("09:00:00"))
    days = timedelta(days=3)
    later = replace(
        joined, start=joined.start + days, pump_time=joined.pump_time + days
    )
    await already_there(
        writer,
        by_tconnectsync("", "Sensor Start", "60", created_at="2025-11-23 20:00+01:00"),
    )
    wanted = documents_of(session_starts=[later])
    assert [document.day for document in wanted] == [DAY]
    await writer.hold(
        wanted, days=[DAY + timedelta(days=number) for number in range(4)]
    )
    await writer.hold(wanted, days=[DAY])
    assert writer.held() == []


async def test_a_day_it_covered_to_the_end_needs_no_rest_of_a_basal(
    writer: Writer,
) -> None:
    """Its last rate of a day applies until the first rate of the next."""
    await already_there(
        writer,
        by_tconnectsync("23:57:00", "Temp Basal", "100", absolute=1, duration=5),
        by_tconnectsync(
            "", "Temp Basal", "101", absolute=1, created_at=f"{NEXT_DAY} 00:02+01:00"
        ),
    )
    whole = segment("20:00:00", "20:00:00", 1.0, 90, end=utc("00:02:00", NEXT_DAY))
    await sync_for_good(writer, documents_of(basal=[whole]))
    assert writer.held() == []


async def test_a_basal_it_drew_for_hours_hides_nothing_that_came_late(
    writer: Writer,
) -> None:
    """Events that were uploaded too late for tconnectsync are sent."""
    await already_there(
        writer,
        by_tconnectsync("20:00:00", "Temp Basal", "100", absolute=1, duration=660),
        by_tconnectsync(
            "", "Temp Basal", "300", absolute=1, created_at=f"{NEXT_DAY} 07:00+01:00"
        ),
    )
    late = segment("20:05:00", "23:00:00", 0.0, 101)
    await sync_for_good(writer, documents_of(basal=[late]))
    assert len(writer.held()) == 1


async def test_what_it_wrote_stays(writer: Writer) -> None:
    """None of its documents is ever changed or removed."""
    await already_there(
        writer,
        by_tconnectsync("08:00:00", "Temp Basal", "100", duration=5),
        by_tconnectsync("08:02:00", "Combo Bolus", "40,41", insulin=2),
        by_tconnectsync("09:00:00", "Alarm", "50"),
    )
    before = writer.server.documents("treatments")
    await writer.hold(documents_of(basal=[segment("07:00:00", "12:00:00", 1.0, 90)]))
    await writer.hold([], days=[DAY])
    assert writer.server.documents("treatments") == before


async def test_both_side_by_side_lose_nothing_of_this_one(writer: Writer) -> None:
    """Starting tconnectsync later and losing the ledger removes nothing."""
    morning = documents_of(
        boluses=[bolus("08:00:00", 2.0, 40), bolus("09:00:00", 1.0, 60)]
    )
    await writer.hold(morning)
    await already_there(
        writer, by_tconnectsync("12:00:00", "Combo Bolus", "90", insulin=2)
    )
    writer.files.texts.clear()
    await writer.hold(morning)
    assert len(writer.held()) == 2


@pytest.mark.parametrize("numbers", ["", "None", "x,y"])
@pytest.mark.parametrize("clock", ["08:02:00", "12:00:00"])
async def test_documents_without_numbers_cover_all_the_same(
    writer: Writer, numbers: str, clock: str
) -> None:
    """Older versions named no events; records that end by its newest document are covered too."""
    await already_there(
        writer, by_tconnectsync(clock, "Combo Bolus", numbers, insulin=2)
    )
    await sync_for_good(writer, documents_of(boluses=[bolus("08:00:00", 2.0, 40)]))
    assert writer.held() == []


async def test_other_days_are_not_covered(writer: Writer) -> None:
    """Each pump day is checked on its own."""
    await already_there(
        writer, by_tconnectsync("12:00:00", "Combo Bolus", "40", insulin=2)
    )
    yesterday = bolus("08:00:00", 2.0, 10, day=DAY - timedelta(days=1))
    await writer.hold(
        documents_of(boluses=[yesterday]), days=[DAY], features={Feature.BOLUS}
    )
    assert len(writer.held()) == 1
