"""Alarms, fills, modes and sensor sessions."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.enums import AlarmKind, CgmType, UserMode
from custom_components.tconnectsync.therapy.records import FillKind
from tests.nightscout.records import (
    alarm,
    fill,
    mode,
    session,
    session_end,
    suspension,
    utc,
)

from . import documents_of, fields, only


def base(number: int, kind: str, clock: str = "08:00:00") -> dict[str, Any]:
    """Return what documents about one event share."""
    return {
        "identifier": f"tconnectsync:12345678:{kind}:0-{number}",
        "pump_event_id": f"{number}",
        "created_at": f"2025-11-20T{clock}.{number + 1:03}+01:00",
        "enteredBy": "loop://tconnectsync",
    }


class TestAlarms:
    """Loud ones are announced, the others are silent notes."""

    def test_an_alarm_is_announced(self) -> None:
        """An orange dot; a notification while it is young."""
        assert only(alarms=[alarm("08:00:00", 7)]) == base(7, "alarm") | {
            "eventType": "Announcement",
            "enteredBy": "tconnectsync",
            "isAnnouncement": True,
            "notes": "Alarm: Occlusion",
        }

    @pytest.mark.parametrize(
        ("kind", "number", "event_type", "words"),
        [
            (AlarmKind.MALFUNCTION, 6, "Announcement", "Pump malfunction 6"),
            (AlarmKind.ALERT, 0, "Note", "Alert: Insulin low"),
            (AlarmKind.ALERT, 999, "Note", "Alert: Alert 999"),
            (AlarmKind.CGM_ALERT, 1, "Note", "CGM alert: Urgent low glucose"),
        ],
    )
    def test_the_others(
        self, kind: AlarmKind, number: int, event_type: str, words: str
    ) -> None:
        """Each in plain words."""
        treatment = only(alarms=[alarm("08:00:00", 7, number, kind)])
        assert (treatment["eventType"], treatment["notes"]) == (event_type, words)
        loud = event_type == "Announcement"
        assert treatment["enteredBy"] == (
            "tconnectsync" if loud else "loop://tconnectsync"
        )
        assert ("isAnnouncement" in treatment) is loud

    def test_cgm_alerts_are_a_feature_of_their_own(self) -> None:
        """They are frequent."""
        warning = alarm("08:00:00", 7, 1, AlarmKind.CGM_ALERT)
        assert documents_of(Feature.PUMP_EVENTS, alarms=[warning]) == []
        assert len(documents_of(Feature.CGM_ALERTS, alarms=[warning])) == 1

    def test_reminders_come_once_per_suspension(self) -> None:
        """The pump repeats that delivery is still off every few minutes."""
        reminders = [
            alarm("08:15:00", 1, 18),
            alarm("08:18:00", 2, 23),
            alarm("08:21:00", 3, 18),
            alarm("10:15:00", 4, 23),
            alarm("10:18:00", 5, 18),
        ]
        off = [
            suspension("08:00:00", "08:30:00", 90),
            suspension("10:00:00", "10:30:00", 91),
        ]
        documents = documents_of(Feature.PUMP_EVENTS, alarms=reminders, suspensions=off)
        assert [
            one.numbers for one in documents if one.event_type == "Announcement"
        ] == [(1,), (4,)]

    def test_reminders_of_an_unknown_suspension_come_once_a_day(self) -> None:
        """Its beginning may lie before everything that is held."""
        reminders = [alarm(f"08:{minute}:00", minute, 18) for minute in (10, 20, 30)]
        assert [one.numbers for one in documents_of(alarms=reminders)] == [(10,)]


class TestFills:
    """What Nightscout counts the age of insulin and site from."""

    def test_a_cartridge(self) -> None:
        """A change of insulin."""
        change = fill("08:00:00", 7, FillKind.CARTRIDGE, amount=240)
        assert only(fills=[change]) == base(7, "cartridge") | {
            "eventType": "Insulin Change",
            "notes": "240 U filled",
        }

    def test_a_cartridge_without_a_cannula_fill(self) -> None:
        """A change of the site as well, under a name of its own."""
        change = fill(
            "08:00:00", 7, FillKind.CARTRIDGE, amount=None, is_site_change=True
        )
        insulin, site = map(fields, documents_of(fills=[change]))
        assert insulin == base(7, "cartridge") | {
            "eventType": "Insulin Change",
            "notes": "Cartridge filled",
        }
        assert site == base(7, "site_change") | {
            "eventType": "Site Change",
            "notes": "Cartridge changed, no cannula fill recorded",
        }

    def test_a_cannula(self) -> None:
        """A change of the site."""
        change = fill("08:00:00", 7, FillKind.CANNULA)
        assert only(fills=[change]) == base(7, "site_change") | {
            "eventType": "Site Change",
            "notes": "Cannula filled with 0.30 U",
        }

    @pytest.mark.parametrize(
        ("kind", "amount", "words"),
        [
            (FillKind.TUBING, 15.84, "Tubing filled with 15.8 U"),
            (FillKind.TUBING, None, "Tubing filled"),
            (FillKind.CANNULA, 0.1, "Cannula fill not completed"),
        ],
    )
    def test_what_changes_no_site(
        self, kind: FillKind, amount: float | None, words: str
    ) -> None:
        """A note."""
        change = fill("08:00:00", 7, kind, amount=amount, is_site_change=False)
        note = only(fills=[change])
        assert note == base(7, "fill") | {"eventType": "Note", "notes": words}


class TestModes:
    """Bars of their length."""

    @pytest.mark.parametrize(
        ("kind", "event_type", "words"),
        [
            (UserMode.SLEEP, "Sleep", "Sleep"),
            (UserMode.EXERCISE, "Exercise", "Exercise"),
            (UserMode.EATING_SOON, "Note", "Eating soon"),
        ],
    )
    def test_each(self, kind: UserMode, event_type: str, words: str) -> None:
        """From start to end."""
        change = mode("08:00:00", 7, kind, end=utc("09:30:00"))
        assert only(activities=[change]) == base(7, "mode") | {
            "eventType": event_type,
            "duration": 90,
            "notes": words,
        }

    def test_by_schedule(self) -> None:
        """Nobody pressed a button."""
        change = mode("08:00:00", 7, UserMode.SLEEP, by_schedule=True)
        assert only(activities=[change])["notes"] == "Sleep, by schedule"

    def test_running(self) -> None:
        """As long as planned, else up to the newest event."""
        planned = mode("08:00:00", 7, UserMode.EXERCISE, planned_minutes=60)
        open_ended = mode("08:00:00", 7, UserMode.SLEEP)
        newest = utc("08:25:00")
        assert only(activities=[planned], newest=newest)["duration"] == 60
        assert only(activities=[open_ended], newest=newest)["duration"] == 25
        assert only(activities=[open_ended])["duration"] == 0


class TestSensors:
    """What Nightscout counts the age of the sensor from."""

    def test_a_start(self) -> None:
        """Where the log tells nothing else, the session began with its event."""
        assert only(session_starts=[session("08:00:00", 7)]) == base(
            7, "sensor_start"
        ) | {
            "eventType": "Sensor Start",
            "notes": "Dexcom G7 started",
        }

    def test_a_session_that_began_before_the_pump_joined(self) -> None:
        """The age counts from the true start, also on an earlier day."""
        joined = session(
            "08:00:00",
            7,
            joined=True,
            session_start=utc("07:10:20") - timedelta(days=2),
        )
        [document] = documents_of(session_starts=[joined])
        assert document.body["created_at"] == "2025-11-18T07:10:20.008+01:00"
        assert f"{document.day}" == "2025-11-18"

    def test_one_session_however_often_it_is_joined(self) -> None:
        """The pump joins again after every loss of the signal."""
        began = utc("07:10:20")
        joins = [
            session("08:00:00", 7, joined=True, session_start=began),
            session(
                "12:00:00", 9, joined=True, session_start=began + timedelta(seconds=40)
            ),
            session("13:00:00", 11, CgmType.LIBRE_3, joined=True, session_start=began),
        ]
        assert [one.numbers for one in documents_of(session_starts=joins)] == [
            (7,),
            (11,),
        ]

    @pytest.mark.parametrize("ago", [timedelta(days=30), -timedelta(hours=1), None])
    def test_a_session_of_unknown_age(self, ago: timedelta | None) -> None:
        """No age is made up from a clock that cannot be right."""
        reported_start = utc("08:00:00") - ago if ago else None
        joined = session("08:00:00", 7, joined=True, session_start=reported_start)
        assert only(session_starts=[joined]) == base(7, "sensor_start") | {
            "eventType": "Note",
            "notes": "Dexcom G7 joined",
        }

    def test_an_end(self) -> None:
        """Whatever ended it."""
        stop = only(session_ends=[session_end("08:00:00", 7)])
        assert stop == base(7, "sensor_stop") | {
            "eventType": "Sensor Stop",
            "notes": "Dexcom G7 ended",
        }
