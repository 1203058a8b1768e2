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
    """Return the fields that all documents of one event share."""
    return {
        "identifier": f"tconnectsync:12345678:{kind}:0-{number}",
        "pump_event_id": f"{number}",
        "created_at": f"2025-11-20T{clock}.{number + 1:03}+01:00",
        "enteredBy": "loop://tconnectsync",
    }


class TestAlarms:
    """Audible alarms are announcements, all others silent notes."""

    def test_an_alarm_is_announced(self) -> None:
        """An announcement is an orange dot, and a notification while it is recent."""
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
        """Each of them is described in plain words."""
        treatment = only(alarms=[alarm("08:00:00", 7, number, kind)])
        assert (treatment["eventType"], treatment["notes"]) == (event_type, words)
        loud = event_type == "Announcement"
        assert treatment["enteredBy"] == (
            "tconnectsync" if loud else "loop://tconnectsync"
        )
        assert ("isAnnouncement" in treatment) is loud

    def test_cgm_alerts_are_a_feature_of_their_own(self) -> None:
        """CGM alerts are frequent, so they can be switched off alone."""
        warning = alarm("08:00:00", 7, 1, AlarmKind.CGM_ALERT)
        assert documents_of(Feature.PUMP_EVENTS, alarms=[warning]) == []
        assert len(documents_of(Feature.CGM_ALERTS, alarms=[warning])) == 1

    def test_reminders_come_once_per_suspension(self) -> None:
        """The pump repeats the reminder every few minutes while delivery is off."""
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
        """Its start may lie before the stored events."""
        reminders = [alarm(f"08:{minute}:00", minute, 18) for minute in (10, 20, 30)]
        assert [one.numbers for one in documents_of(alarms=reminders)] == [(10,)]


class TestFills:
    """Nightscout counts the age of insulin and site from these."""

    def test_a_cartridge(self) -> None:
        """A cartridge fill is an insulin change."""
        change = fill("08:00:00", 7, FillKind.CARTRIDGE, amount=240)
        assert only(fills=[change]) == base(7, "cartridge") | {
            "eventType": "Insulin Change",
            "notes": "240 U filled",
        }

    def test_a_cartridge_without_a_cannula_fill(self) -> None:
        """It is a site change as well, with its own name."""
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
        """A cannula fill is a site change."""
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
        """Any other fill is a note."""
        change = fill("08:00:00", 7, kind, amount=amount, is_site_change=False)
        note = only(fills=[change])
        assert note == base(7, "fill") | {"eventType": "Note", "notes": words}


class TestModes:
    """Modes are bars with their duration."""

    @pytest.mark.parametrize(
        ("kind", "event_type", "words"),
        [
            (UserMode.SLEEP, "Sleep", "Sleep"),
            (UserMode.EXERCISE, "Exercise", "Exercise"),
            (UserMode.EATING_SOON, "Note", "Eating soon"),
        ],
    )
    def test_each(self, kind: UserMode, event_type: str, words: str) -> None:
        """The bar lasts from start to end."""
        change = mode("08:00:00", 7, kind, end=utc("09:30:00"))
        assert only(activities=[change]) == base(7, "mode") | {
            "eventType": event_type,
            "duration": 90,
            "notes": words,
        }

    def test_by_schedule(self) -> None:
        """The note says that the schedule started it."""
        change = mode("08:00:00", 7, UserMode.SLEEP, by_schedule=True)
        assert only(activities=[change])["notes"] == "Sleep, by schedule"

    def test_running(self) -> None:
        """The bar lasts as planned, else until the newest event."""
        planned = mode("08:00:00", 7, UserMode.EXERCISE, planned_minutes=60)
        open_ended = mode("08:00:00", 7, UserMode.SLEEP)
        newest = utc("08:25:00")
        assert only(activities=[planned], newest=newest)["duration"] == 60
        assert only(activities=[open_ended], newest=newest)["duration"] == 25
        assert only(activities=[open_ended])["duration"] == 0


class TestSensors:
    """Nightscout counts the age of the sensor from these."""

    def test_a_start(self) -> None:
        """Without other information the session started with its event."""
        assert only(session_starts=[session("08:00:00", 7)]) == base(
            7, "sensor_start"
        ) | {
            "eventType": "Sensor Start",
            "notes": "Dexcom G7 started",
        }

    def test_a_session_that_began_before_the_pump_joined(self) -> None:
        """The age counts from the true start, even on an earlier day."""
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
        """The pump joins again whenever the signal was lost."""
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
        """A clock that cannot be right gives no age."""
        reported_start = utc("08:00:00") - ago if ago else None
        joined = session("08:00:00", 7, joined=True, session_start=reported_start)
        assert only(session_starts=[joined]) == base(7, "sensor_start") | {
            "eventType": "Note",
            "notes": "Dexcom G7 joined",
        }

    def test_an_end(self) -> None:
        """The end is sent with any reason."""
        stop = only(session_ends=[session_end("08:00:00", 7)])
        assert stop == base(7, "sensor_stop") | {
            "eventType": "Sensor Stop",
            "notes": "Dexcom G7 ended",
        }
