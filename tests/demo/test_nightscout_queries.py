"""Queries of the simulated Nightscout, including unreadable ones."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, strategies as st
import pytest

from demo.nightscout.queries import parse

from .nightscout_site import ago, nightscout_site, treatment

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query_string", "query"),
    [
        ("", {}),
        ("count=3", {"count": "3"}),
        (
            "find[a][$gte]=1&find[a][$lte]=2",
            {"find": {"a": {"$gte": "1", "$lte": "2"}}},
        ),
        ("find%5Ba%5D=x%20y+z%2B1", {"find": {"a": "x y z+1"}}),
        ("find[a][$in][]=1&find[a][$in][]=2", {"find": {"a": {"$in": ["1", "2"]}}}),
        ("find[a][$in][0]=1&find[a][$in][1]=2", {"find": {"a": {"$in": ["1", "2"]}}}),
        ("find[a]=1&find[a]=2&find[a]=3", {"find": {"a": ["1", "2", "3"]}}),
        ("flag&&other=", {"flag": "", "other": ""}),
    ],
)
def test_query_strings_are_read(query_string: str, query: dict[str, Any]) -> None:
    """Brackets nest, repeated names make lists, and a plus is a blank."""
    assert parse(query_string) == query


async def test_default_window_and_counts() -> None:
    """Without a date four days are searched; the answer has 100 documents, or 1000 with find."""
    async with nightscout_site() as site:
        await site.post(
            "treatments",
            [treatment(ago(minutes=minute, seconds=1)) for minute in range(1100)],
        )
        await site.post("treatments", treatment(ago(days=4, minutes=1), notes="old"))
        assert len(await site.get("treatments")) == 100
        assert len(await site.get("treatments", count="0")) == 1100
        assert len(await site.get("treatments", count="7")) == 7
        assert len(await site.find("treatments", eventType="Note")) == 1000
        assert len(await site.find("treatments", notes="old")) == 0
        found = await site.find(
            "treatments", notes="old", **{"created_at][$gte": ago(days=5)}
        )
        assert len(found) == 1


async def test_newest_come_first() -> None:
    """A count returns the newest documents."""
    async with nightscout_site() as site:
        await site.post(
            "treatments",
            [treatment(ago(minutes=m), notes=f"{m}") for m in (30, 10, 20)],
        )
        found = await site.get("treatments", count="2")
    assert [one["notes"] for one in found] == ["10", "20"]


@given(
    minutes=st.lists(st.integers(0, 5000), min_size=1, max_size=20, unique=True),
    first=st.integers(0, 5000),
    last=st.integers(0, 5000),
    offset=st.integers(-12, 14),
)
async def test_a_range_finds_what_lies_in_it(
    minutes: list[int], first: int, last: int, offset: int
) -> None:
    """A range with both ends returns exactly the documents in it, with any offset."""
    start = NOON - timedelta(minutes=5000)
    zone = timezone(timedelta(hours=offset))
    ends = [
        (start + timedelta(minutes=minute)).astimezone(zone).isoformat()
        for minute in (first, last)
    ]
    async with nightscout_site(now=lambda: NOON) as site:
        await site.post(
            "treatments",
            [
                treatment((start + timedelta(minutes=m)).isoformat(), minute=m)
                for m in minutes
            ],
        )
        found = await site.find(
            "treatments", **{"created_at][$gte": ends[0], "created_at][$lte": ends[1]}
        )
    assert [one["minute"] for one in found] == sorted(
        (minute for minute in minutes if first <= minute <= last), reverse=True
    )


async def test_an_unescaped_plus_is_understood() -> None:
    """A plus that arrived as a blank is restored in dates of the collection's own field."""
    async with nightscout_site(now=lambda: NOON) as site:
        await site.post("treatments", treatment("2026-11-21T10:00:00Z"))
        query = "find[created_at][$gte]=2026-11-21T11:59:00+02:00"
        status, found = await site.ask("GET", f"/api/v1/treatments?{query}")
    assert (status, len(found)) == (200, 1)


@pytest.mark.parametrize(
    "query",
    [
        {"find[created_at]": "2026-11-21T10:00:00.000Z"},
        {"find[created_at][$gte]": "lately"},
        {"find[enteredBy]": "loop://tconnectsync"},
        {"find[enteredBy]": "/(/"},
        {"find[_id]": "x"},
        {"find[notes][$soundsLike]": "x"},
        {"find[notes][$in]": "x"},
        {"find": "x"},
        {"count": "many"},
    ],
)
async def test_what_cannot_be_read_is_null(query: dict[str, str]) -> None:
    """A query that makes Nightscout fail is answered 200 with null."""
    async with nightscout_site(now=lambda: NOON) as site:
        await site.post("treatments", treatment("2026-11-21T10:00:00Z"))
        assert await site.get("treatments", **query) is None


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"app": "tconnectsync"}, "ab"),
        ({"identifier": "b"}, "b"),
        ({"created_at][$eq": "2026-11-21T11:00:00+01:00"}, "a"),
        ({"enteredBy": "/^loop:\\/\\/tconn/"}, "b"),
        ({"enteredBy": "/^LOOP/i"}, "b"),
        ({"enteredBy][$regex": "^someone"}, "ac"),
        ({"enteredBy][$regex": "^SOME", "enteredBy][$options": "i"}, "ac"),
        ({"enteredBy": "loop://i"}, "abc"),
        ({"eventType": "Temp Basal"}, "b"),
        ({"eventType][$ne": "Note"}, "b"),
        ({"insulin][$gte": "2.9"}, "c"),
        ({"insulin": "1"}, "a"),
        ({"duration": "30"}, ""),
        ({"duration][$gte": "1"}, ""),
        ({"absolute][$exists": "true"}, "b"),
        ({"pump.model": "Mobi"}, "c"),
        ({"identifier][$in][": "a", "identifier][$in][1": "c"}, "ac"),
        ({"identifier][$nin][": "a"}, "bc"),
        (
            {
                "created_at][$gt": "2026-11-21T10:00:00Z",
                "created_at][$lt": "2026-11-21T12:00Z",
            },
            "b",
        ),
    ],
)
async def test_conditions(conditions: dict[str, str], found: str) -> None:
    """Numbers are compared only in fields known to be numeric, texts in all."""
    async with nightscout_site(now=lambda: NOON) as site:
        await site.post(
            "treatments",
            [
                treatment(
                    "2026-11-21T10:00:00Z",
                    identifier="a",
                    app="tconnectsync",
                    enteredBy="someone",
                    insulin=1,
                    duration=30,
                ),
                treatment(
                    "2026-11-21T11:00:00Z",
                    identifier="b",
                    app="tconnectsync",
                    enteredBy="loop://tconnectsync",
                    eventType="Temp Basal",
                    absolute=0.5,
                ),
                treatment(
                    "2026-11-21T12:00:00Z",
                    identifier="c",
                    enteredBy="someone else",
                    insulin=3,
                    pump={"model": "Mobi"},
                ),
            ],
        )
        answer = await site.find("treatments", **conditions)
    assert sorted(one["identifier"] for one in answer) == list(found)


async def test_an_id_needs_no_window() -> None:
    """A document is found by its `_id` at any age; an identifier only within the window."""
    async with nightscout_site() as site:
        (old,) = await site.post("treatments", treatment(ago(days=30), identifier="a"))
        assert len(await site.find("treatments", _id=old["_id"])) == 1
        assert await site.find("treatments", identifier="a") == []
        since = {"created_at][$gte": ago(days=31)}
        assert len(await site.find("treatments", identifier="a", **since)) == 1


async def test_the_last_upload_is_found_as_tconnectsync_asks() -> None:
    """Queries of other uploaders work: their name is plain text, and the range has offsets."""
    async with nightscout_site() as site:
        await site.post(
            "treatments",
            [
                treatment(
                    ago(hours=hours),
                    eventType="Temp Basal",
                    enteredBy="Pump (tconnectsync)",
                )
                for hours in (3, 1, 2)
            ],
        )
        (last,) = await site.get(
            "treatments",
            count="1",
            ts="1795169645.1",
            **{
                "find[enteredBy]": "Pump (tconnectsync)",
                "find[eventType]": "Temp Basal",
                "find[created_at][$gte]": (NOON - timedelta(days=400)).isoformat(),
            },
        )
        newest = site.server.documents("treatments")[-1]
    assert last["created_at"] == newest["created_at"]
