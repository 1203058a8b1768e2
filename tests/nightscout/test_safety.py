"""No document of the pump's own actions may snooze Nightscout's alarms."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.tandem.enums import AlarmKind, Completion, UserMode
from custom_components.tconnectsync.therapy.history import derive
from custom_components.tconnectsync.therapy.records import BolusKind, FillKind
from demo.nightscout.alarms import snoozes
from demo.pump import SimulatedPump

from .records import (
    PUMP,
    alarm,
    bolus,
    fill,
    history,
    mode,
    segment,
    session,
    session_end,
    suspension,
    utc,
)
from .site import EVERYTHING, Writer

ALONE = history(
    basal=[segment("08:00:00", "08:05:00", 1.0, 10)],
    suspensions=[suspension("08:00:00", "08:05:00", 20)],
    boluses=[
        bolus("08:00:00", 0.5, 30, kind=BolusKind.AUTOMATIC),
        bolus("08:00:00", 2, 40, delivered=0, completion=Completion.REJECTED),
        bolus("08:00:00", 2, 50, delivered=0, kind=BolusKind.AUTOMATIC),
    ],
    alarms=[
        alarm("08:00:00", 60),
        alarm("08:00:00", 61, 6, AlarmKind.MALFUNCTION),
        alarm("08:00:00", 62, 0, AlarmKind.ALERT),
        alarm("08:00:00", 63, 1, AlarmKind.CGM_ALERT),
    ],
    fills=[
        fill("08:00:00", 70, FillKind.CARTRIDGE),
        fill("08:00:00", 71, FillKind.CANNULA),
    ],
    activities=[mode("08:00:00", 80, UserMode.SLEEP, by_schedule=True)],
    session_starts=[session("08:00:00", 90)],
    session_ends=[session_end("08:00:00", 91)],
)
ASKED_FOR = {"Meal Bolus", "Correction Bolus"}


@pytest.mark.parametrize("features", [EVERYTHING, {Feature.PUMP_EVENTS}])
async def test_the_pump_by_itself_snoozes_nothing(
    writer: Writer, features: frozenset[Feature]
) -> None:
    """An urgent low must stay audible, however recent these documents are."""
    wanted = documents(ALONE, PUMP, features)
    result = await writer.hold(wanted)
    assert result.created == len(wanted) > 5
    assert writer.server.snoozed_alarms(utc("08:00:30")) == []


async def test_what_a_person_asked_for_may_snooze(writer: Writer) -> None:
    """The rule of the simulated site distinguishes the two."""
    meal = bolus("08:00:00", 2, 40, kind=BolusKind.MEAL, carbs=20)
    await writer.hold(documents(history(boluses=[meal]), PUMP, EVERYTHING))
    assert len(writer.server.snoozed_alarms(utc("08:00:30"))) == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_in_whole_days_only_boluses_of_a_person_snooze(seed: int) -> None:
    """Every document of a week is checked in its first minute."""
    zone = ZoneInfo("Europe/Berlin")
    pump = SimulatedPump(start=utc("00:00:00"), time_zone=zone, seed=seed)
    pump.run_for(days=7)
    events = decode_events(dict(event) for event in pump.events).events
    lived = derive(events, [], zone, None)
    identity = PumpIdentity(serial_number="11223344", model="t:slim X2")
    treatments = [
        one for one in documents(lived, identity, EVERYTHING) if one.event_type
    ]
    snoozing = [
        one
        for one in treatments
        if snoozes(one.body, one.created_at + timedelta(seconds=30))
    ]
    assert {one.event_type for one in snoozing} == ASKED_FOR
    by_hand = {
        bolus.identity
        for bolus in lived.boluses
        if bolus.kind in (BolusKind.MEAL, BolusKind.CORRECTION)
    }
    assert {one.identifier.partition("11223344:")[2] for one in snoozing} <= by_hand
