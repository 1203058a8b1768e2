"""Entries, devicestatus, profiles and activity of the simulated Nightscout."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
import json
from typing import Any

import pytest

from .nightscout_site import ago, nightscout_site, treatment


def entry(minutes: int, **fields: Any) -> dict[str, Any]:
    """Return a glucose reading this many minutes ago."""
    moment = datetime.now(UTC) - timedelta(minutes=minutes)
    reading = {
        "type": "sgv",
        "sgv": 100 + minutes,
        "date": int(moment.timestamp() * 1000),
        "dateString": moment.astimezone().isoformat(timespec="milliseconds"),
        "device": "test",
    }
    return reading | fields


async def test_entries_replace_by_time_and_type() -> None:
    """An entry replaces the one with its time and type, from any device."""
    reading = entry(5)
    async with nightscout_site() as site:
        await site.post("entries", reading)
        await site.post("entries.json", [reading | {"device": "other", "sgv": 90}])
        await site.post("entries", reading | {"type": "mbg", "mbg": 95})
        stored = site.server.documents("entries")
    assert [(one["type"], one["device"]) for one in stored] == [
        ("sgv", "other"),
        ("mbg", "test"),
    ]
    assert stored[0]["dateString"] == stored[0]["sysTime"]


async def test_entries_without_type_replace_only_their_like() -> None:
    """Without a type only an identical entry is replaced."""
    reading = entry(5)
    del reading["type"]
    async with nightscout_site() as site:
        await site.post("entries", [reading, reading, reading | {"sgv": 90}])
        assert len(site.server.documents("entries")) == 2


async def test_an_entry_without_date_is_lost_unless_in_a_list() -> None:
    """A single entry without a date is dropped without an error."""
    reading = entry(5)
    del reading["date"]
    async with nightscout_site() as site:
        assert await site.post("entries", reading) == []
        assert len(await site.post("entries", [reading])) == 1
        assert len(site.server.documents("entries")) == 1


async def test_entries_are_asked_for_by_kind_id_and_time() -> None:
    """The answer has ten entries of four days, or those of a type, an `_id` or a time."""
    async with nightscout_site() as site:
        await site.post("entries", [entry(5 * number) for number in range(20)])
        (meter,) = await site.post("entries", entry(7, type="mbg"))
        await site.post("entries", entry(6000))
        assert [one["sgv"] for one in await site.get("entries.json")][:3] == [
            100,
            105,
            107,
        ]
        assert len(await site.get("entries")) == 10
        assert len(await site.get("entries", count="0")) == 21
        assert len(await site.get("entries/sgv.json", count="0")) == 20
        assert await site.get("entries/mbg") == [meter]
        assert await site.get(f"entries/{meter['_id']}") == [meter]
        assert [one["sgv"] for one in await site.get("entries/current.json")] == [100]
        since = {"find[date][$gte]": str(entry(12)["date"]), "find[sgv][$lte]": "106"}
        assert [one["sgv"] for one in await site.get("entries", **since)] == [100, 105]
        text = {"find[dateString][$gte]": ago(days=30), "count": "0"}
        assert len(await site.get("entries", **text)) == 22
        assert await site.get("entries", **{"find[date][$gte]": "lately"}) is None
        status, _ = await site.ask("GET", f"/api/v1/entries/{'0' * 24}")
        assert status == 500
        async with site.session.get("/api/v1/entries/sgv/more") as response:
            assert response.status == 404


async def test_entries_are_deleted_by_id_kind_and_time() -> None:
    """DELETE removes one `_id`, or the results of a query and a type."""
    async with nightscout_site() as site:
        await site.post("entries", [entry(5 * number) for number in range(20)])
        (meter,) = await site.post("entries", entry(7, type="mbg"))
        first = site.server.documents("entries")[0]
        assert await site.ask("DELETE", f"/api/v1/entries/{first['_id']}") == (
            200,
            {"n": 1, "ok": 1},
        )
        query = {"find[date][$lte]": str(entry(50)["date"])}
        _, answer = await site.ask("DELETE", "/api/v1/entries/sgv", params=query)
        assert answer["n"] == 9
        _, answer = await site.ask("DELETE", "/api/v1/entries/*")
        assert answer["n"] == 11
    assert meter["type"] == "mbg"


async def test_devicestatus_doubles() -> None:
    """A devicestatus posted twice is stored twice; the answer has ten."""
    status = {
        "device": "test",
        "created_at": "2026-11-20T10:00:00+02:00",
        "pump": {"iob": 1},
    }
    async with nightscout_site() as site:
        await site.post("devicestatus", status)
        await site.post("devicestatus", [status] * 11)
        stored = site.server.documents("devicestatus")
        since = {"find[created_at][$gte]": "2026-11-20T00:00:00Z"}
        assert len(await site.get("devicestatus", **since)) == 10
        gone = stored[0]["_id"]
        await site.ask("DELETE", f"/api/v1/devicestatus/{gone}")
        until = {
            "find[created_at][$lte]": "2026-11-20T09:00:00Z",
            "find[device]": "test",
        }
        _, answer = await site.ask("DELETE", "/api/v1/devicestatus", params=until)
    assert len(stored) == 12
    assert (stored[0]["created_at"], stored[0]["utcOffset"]) == (
        "2026-11-20T08:00:00.000Z",
        120,
    )
    assert answer["n"] == 11


async def test_profiles_put_at_an_id_stay_one() -> None:
    """PUT with a 24-hex `_id` is stored once however often; each POST adds one."""
    profile = {
        "_id": "0123456789abcdef01234567",
        "defaultProfile": "Day",
        "startDate": "2026-11-20T10:00:00.000Z",
        "store": {"Day": {"dia": 5}},
    }
    async with nightscout_site() as site:
        for _ in range(2):
            status, answer = await site.ask("PUT", "/api/v1/profile", json=profile)
            assert (status, answer["_id"]) == (200, profile["_id"])
        assert len(site.server.documents("profile")) == 1
        later = {"defaultProfile": "Night", "startDate": "2026-11-21T10:00:00.000Z"}
        for _ in range(2):
            await site.post("profile.json", later)
        assert [one["defaultProfile"] for one in await site.get("profile")] == [
            "Night",
            "Night",
            "Day",
        ]
        assert (await site.get("profile/current"))["defaultProfile"] == "Night"
        async with site.session.put(
            "/api/v1/profile", json=profile | {"_id": "Day"}
        ) as refused:
            assert refused.status == 500
        await site.ask("DELETE", f"/api/v1/profile/{profile['_id']}")
        assert len(await site.get("profile")) == 2


async def test_an_empty_profile_store_is_null() -> None:
    """Without profiles the current one is null."""
    async with nightscout_site() as site:
        assert await site.get("profile/current") is None
        assert await site.get("profile.json") == []


async def test_profiles_are_found_by_their_start() -> None:
    """The list under /profiles has the default window of four days by startDate."""
    async with nightscout_site() as site:
        for days in (1, 10):
            await site.post("profile", {"startDate": ago(days=days), "days": days})
        assert [one["days"] for one in await site.get("profiles")] == [1]
        since = {"find[startDate][$gte]": ago(days=20)}
        assert [one["days"] for one in await site.get("profiles.json", **since)] == [
            1,
            10,
        ]


async def test_activity_is_kept() -> None:
    """Activity is stored, found and deleted by `_id`."""
    async with nightscout_site() as site:
        (stored,) = await site.post(
            "activity", {"activityType": "Sleep", "enteredBy": "test"}
        )
        assert await site.get("activity", **{"find[activityType]": "Sleep"}) == [stored]
        await site.ask("DELETE", f"/api/v1/activity/{stored['_id']}")
        assert site.server.documents("activity") == []


@pytest.mark.parametrize(
    ("collection", "size", "status"),
    [
        ("devicestatus", 1_100_000, 413),
        ("profile", 1_100_000, 413),
        ("treatments", 1_100_000, 200),
        ("entries", 1_100_000, 200),
        ("devicestatus", 1_000_000, 200),
    ],
)
async def test_bodies_have_a_limit(collection: str, size: int, status: int) -> None:
    """Profiles and devicestatus stop at 1 MB; treatments and entries take far more."""
    document = json.dumps(treatment(notes="x" * size, date=1)).encode()
    async with (
        nightscout_site() as site,
        site.session.post(
            f"/api/v1/{collection}",
            data=BytesIO(document),
            headers={"Content-Type": "application/json"},
        ) as response,
    ):
        assert response.status == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "entries"),
        ("PUT", "devicestatus"),
        ("DELETE", "profile"),
        ("POST", "treatments/more"),
        ("PATCH", "treatments"),
    ],
)
async def test_some_ways_to_write_do_not_exist(method: str, path: str) -> None:
    """Methods without a route in Nightscout answer 404."""
    async with (
        nightscout_site() as site,
        site.session.request(method, f"/api/v1/{path}", json={}) as response,
    ):
        assert response.status == 404
