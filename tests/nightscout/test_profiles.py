"""The pump's profiles among a site's own profiles."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.errors import NightscoutUnreachable
from custom_components.tconnectsync.nightscout.profiles import (
    profile_document,
    update_profiles,
)
from custom_components.tconnectsync.tandem.settings import PumpSettings
from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import lost_answer

from .records import PUMP

UPLOAD = datetime(2025, 11, 20, 9, 30, tzinfo=UTC)
ZONE = "Europe/Berlin"


def part(start: int, basal: int, **other: int) -> dict[str, Any]:
    """Return a segment in Tandem's form: minute of the day, mU/h."""
    ratios = {"isf": 30, "carbRatio": 6000, "targetBg": 110}
    return {"startTime": start, "basalRate": basal} | ratios | other


def nothing(start: int = 0) -> dict[str, Any]:
    """Return an unused segment."""
    return part(start, 0, isf=0, carbRatio=0, targetBg=0)


def profile(
    idp: int, name: str, *segments: dict[str, Any], **other: Any
) -> dict[str, Any]:
    """Return a profile in Tandem's form."""
    basics = {"idp": idp, "name": name, "insulinDuration": 300}
    return basics | {"timeDependentSegments": list(segments)} | other


DAILY = profile(0, "Daily", part(0, 800), part(480, 1200, isf=36))
ILL = profile(1, "Ill", part(0, 1000))


def settings(*profiles: dict[str, Any], active: int = 0) -> PumpSettings:
    """Return settings read from Tandem's answer."""
    return PumpSettings.from_details(
        {"profiles": {"activeIdp": active, "profile": list(profiles)}}
    )


def written(
    *profiles: dict[str, Any],
    active: int = 0,
    current: list[dict[str, Any]] | None = None,
    units: str = "mg/dl",
    start: datetime = UPLOAD,
    pump: PumpIdentity = PUMP,
    predecessors: tuple[str, ...] = (),
) -> dict[str, Any] | None:
    """Return the document to write, if any."""
    return profile_document(
        settings(*profiles, active=active),
        pump,
        current or [],
        units=units,
        zone=ZONE,
        start=start,
        predecessors=predecessors,
    )


def document(*profiles: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Return the document, which must exist."""
    found = written(*profiles, **other)
    assert found is not None
    return found


def own(name: str, **fields: Any) -> dict[str, Any]:
    """Return a document written by a person."""
    store = {name: {"dia": "3", "basal": [{"time": "00:00", "value": "0.5"}]}}
    return {
        "_id": "0" * 23 + "1",
        "defaultProfile": name,
        "startDate": "2025-01-01T00:00:00.000Z",
        "store": store,
    } | fields


def test_a_profile() -> None:
    """Rates are in U/h, ratios in g/U, factors and targets in mg/dL, and the active profile is the default."""
    profiles_sent = document(DAILY, ILL)
    assert profiles_sent["defaultProfile"] == "Daily"
    assert list(profiles_sent["store"]) == ["Daily", "Ill"]
    assert profiles_sent["store"]["Daily"] == {
        "basal": [
            {"time": "00:00", "timeAsSeconds": 0, "value": 0.8},
            {"time": "08:00", "timeAsSeconds": 28800, "value": 1.2},
        ],
        "carbratio": [
            {"time": "00:00", "timeAsSeconds": 0, "value": 6},
            {"time": "08:00", "timeAsSeconds": 28800, "value": 6},
        ],
        "sens": [
            {"time": "00:00", "timeAsSeconds": 0, "value": 30},
            {"time": "08:00", "timeAsSeconds": 28800, "value": 36},
        ],
        "target_low": [
            {"time": "00:00", "timeAsSeconds": 0, "value": 110},
            {"time": "08:00", "timeAsSeconds": 28800, "value": 110},
        ],
        "target_high": [
            {"time": "00:00", "timeAsSeconds": 0, "value": 110},
            {"time": "08:00", "timeAsSeconds": 28800, "value": 110},
        ],
        "dia": "5",
        "carbs_hr": "20",
        "delay": "20",
        "timezone": "Europe/Berlin",
        "units": "mg/dl",
        "startDate": "2025-11-20T09:30:00.000Z",
    }
    assert (
        profiles_sent["startDate"]
        == profiles_sent["created_at"]
        == "2025-11-20T09:30:00.000Z"
    )
    assert profiles_sent["mills"] == 1763631000000
    assert profiles_sent["units"] == "mg/dl"
    assert len(profiles_sent["_id"]) == 24


def test_in_mmol() -> None:
    """A site in mmol/L gets factors and targets that convert back to the same mg/dL."""
    daily = document(DAILY, units="mmol")["store"]["Daily"]
    assert [one["value"] for one in daily["sens"]] == [1.67, 2.0]
    assert [one["value"] for one in daily["target_low"]] == [6.11, 6.11]
    assert [one["value"] for one in daily["carbratio"]] == [6, 6]
    assert daily["units"] == "mmol"


def test_the_active_profile_is_the_default() -> None:
    """The default stays while Tandem does not report the active profile."""
    assert document(DAILY, ILL, active=1)["defaultProfile"] == "Ill"
    assert document(DAILY, ILL, active=7)["defaultProfile"] == "Daily"
    mine = own("Mine")
    assert document(DAILY, active=7, current=[mine])["defaultProfile"] == "Mine"
    lost = own("Mine", defaultProfile="Gone")
    assert document(DAILY, active=7, current=[lost])["defaultProfile"] == "Daily"


def test_a_day_that_begins_later_is_filled_up() -> None:
    """Before the first segment there is no basal, and the next ratio, factor and target apply."""
    profiles_sent = document(profile(0, "Late", nothing(), part(720, 500, isf=45)))
    late = profiles_sent["store"]["Late"]
    assert [(one["time"], one["value"]) for one in late["basal"]] == [
        ("00:00", 0),
        ("12:00", 0.5),
    ]
    assert [(one["time"], one["value"]) for one in late["sens"]] == [
        ("00:00", 45),
        ("12:00", 45),
    ]


def test_what_is_not_known_is_left_out() -> None:
    """A pump without carbs has no ratio, and none is invented."""
    profiles_sent = document(
        profile(0, "A", part(0, 500, carbRatio=0), insulinDuration=None)
    )
    assert not {"carbratio", "dia"} & set(profiles_sent["store"]["A"])


def test_nothing_without_profiles() -> None:
    """A pump without profiles removes none from the site."""
    assert written() is None
    assert written(profile(0, "Empty", nothing())) is None


class TestOtherPeoplesProfiles:
    """A site may have profiles that are not on the pump."""

    def test_they_are_kept(self) -> None:
        """They stay unchanged."""
        mine = own("Mine")
        profiles_sent = document(DAILY, current=[mine])
        assert profiles_sent["store"]["Mine"] == mine["store"]["Mine"]
        assert list(profiles_sent["store"]) == ["Mine", "Daily"]
        assert mine == own("Mine")

    def test_one_of_the_same_name_is_kept(self) -> None:
        """The pump's profile gets another name."""
        profiles_sent = document(DAILY, current=[own("Daily")])
        assert profiles_sent["store"]["Daily"]["dia"] == "3"
        assert profiles_sent["store"]["Daily (pump)"]["dia"] == "5"
        assert profiles_sent["defaultProfile"] == "Daily (pump)"

    def test_what_tconnectsync_wrote_is_taken_over(self) -> None:
        """Profiles by tconnectsync had the pump's own names."""
        old = own("Daily", enteredBy="Pump (tconnectsync)")
        old["store"]["Mine"] = {"dia": "4"}
        profiles_sent = document(DAILY, current=[old])
        assert list(profiles_sent["store"]) == ["Mine", "Daily"]
        assert profiles_sent["store"]["Daily"]["dia"] == "5"

    def test_a_profile_gone_from_the_pump_goes(self) -> None:
        """Only a profile of this integration is removed."""
        first = document(DAILY, ILL, current=[own("Mine")])
        later = document(DAILY, current=[first], start=UPLOAD + timedelta(days=1))
        assert list(later["store"]) == ["Mine", "Daily"]

    def test_names_are_kept_as_a_database_can(self) -> None:
        """Characters that a page would escape or a database refuse are removed."""
        profiles_sent = document(
            profile(0, "A & B <1.5>", part(0, 500)),
            profile(1, "", part(0, 500)),
            profile(2, "A  B 1 5", part(0, 500)),
        )
        assert list(profiles_sent["store"]) == ["A B 1 5", "Profile 2", "A B 1 5 3"]

    @pytest.mark.parametrize("broken", [{}, {"store": []}, {"startDate": "never"}])
    def test_a_broken_document_is_no_hindrance(self, broken: dict[str, Any]) -> None:
        """The document may have been written by hand."""
        assert list(document(DAILY, current=[broken])["store"]) == ["Daily"]


class TestChanges:
    """A document is written only after a change, dated by the upload that showed it."""

    def test_nothing_changed(self) -> None:
        """Other changes on the site do not matter."""
        first = document(DAILY)
        assert written(DAILY, current=[first], start=UPLOAD + timedelta(days=1)) is None
        theirs = own("Theirs", startDate="2025-11-21T00:00:00.000Z")
        assert written(DAILY, current=[theirs, first]) is None

    @pytest.mark.parametrize(
        "change",
        [
            {"active": 1},
            {"units": "mmol"},
        ],
    )
    def test_something_changed(self, change: dict[str, Any]) -> None:
        """The new document does not replace the old one, which stays valid for its time."""
        first = document(DAILY, ILL)
        later = UPLOAD + timedelta(days=1)
        profiles_sent = document(DAILY, ILL, current=[first], start=later, **change)
        assert profiles_sent["_id"] != first["_id"]
        assert profiles_sent["startDate"] == "2025-11-21T09:30:00.000Z"

    def test_it_becomes_the_newest(self) -> None:
        """Nightscout shows the document with the latest start."""
        theirs = own("Theirs", startDate="2025-11-20T12:00:00.000Z")
        profiles_sent = document(DAILY, current=[theirs])
        assert profiles_sent["startDate"] == "2025-11-20T12:00:00.001Z"

    def test_a_replacement_pump_takes_over(self) -> None:
        """Its profiles replace those of its predecessor; with the same settings nothing changes."""
        first = document(DAILY, ILL)
        new: dict[str, Any] = {
            "pump": PumpIdentity(serial_number="87654321", model="Mobi"),
            "predecessors": (PUMP.serial_number,),
            "current": [first],
        }
        assert written(DAILY, ILL, **new) is None
        assert list(document(ILL, **new)["store"]) == ["Ill"]

    def test_another_persons_pump_is_another_persons(self) -> None:
        """Two accounts on one site do not keep removing each other's profiles."""
        first = document(DAILY)
        other = PumpIdentity(serial_number="87654321", model="Mobi")
        second = document(ILL, current=[first], pump=other)
        assert list(second["store"]) == ["Daily", "Ill"]
        assert written(DAILY, current=[second, first]) is None
        assert written(ILL, current=[second, first], pump=other) is None


async def update(client: NightscoutClient, *profiles: dict[str, Any]) -> bool:
    """Write the changes."""
    return await update_profiles(
        client,
        settings(*profiles),
        PUMP,
        units="mg/dl",
        zone=ZONE,
        start=UPLOAD,
    )


async def test_it_is_written_once(
    server: SimulatedNightscout, client: NightscoutClient
) -> None:
    """This holds when the answer is lost."""
    server.faults.add(lost_answer("profile", times=2)).method = "PUT"
    with pytest.raises(NightscoutUnreachable):
        await update(client, DAILY)
    assert await update(client, DAILY) is False
    assert len(server.documents("profile")) == 1
    assert await update(client, DAILY, ILL) is True
    assert await update(client, DAILY, ILL) is False
    [newest, _] = await client.profiles(5)
    assert list(newest["store"]) == ["Daily", "Ill"]
