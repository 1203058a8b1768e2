"""Treatments of the simulated Nightscout, by version."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from .nightscout_site import BOTH_VERSIONS, ago, nightscout_site, treatment


async def test_newest_version_replaces_by_identifier() -> None:
    """15.0.7 moves a document in place when its time and type change."""
    async with nightscout_site(version="15.0.7") as site:
        (created,) = await site.post(
            "treatments", treatment(ago(hours=2), identifier="a")
        )
        await site.post(
            "treatments", treatment(ago(hours=1), identifier="a", eventType="Exercise")
        )
        (stored,) = site.server.documents("treatments")
    assert stored["eventType"] == "Exercise"
    assert stored["_id"] == created["_id"]


async def test_newest_version_keeps_two_identifiers_at_one_moment() -> None:
    """15.0.7 keeps documents with the same time and type apart if their identifiers differ."""
    moment = ago(hours=1)
    async with nightscout_site(version="15.0.7") as site:
        await site.post(
            "treatments", [treatment(moment, identifier=name) for name in "ab"]
        )
        assert len(site.server.documents("treatments")) == 2


async def test_newest_version_replaces_by_id_without_identifier() -> None:
    """15.0.7 uses the `_id` if there is no identifier."""
    async with nightscout_site(version="15.0.7") as site:
        (created,) = await site.post("treatments", treatment(ago(hours=2)))
        await site.post(
            "treatments", treatment(ago(hours=1), _id=created["_id"], notes="moved")
        )
        (stored,) = site.server.documents("treatments")
    assert stored["notes"] == "moved"


async def test_older_version_replaces_by_time_and_type_only() -> None:
    """15.0.6 doubles a document whose time moved, with any identifier."""
    moment = ago(hours=2)
    async with nightscout_site(version="15.0.6") as site:
        await site.post("treatments", treatment(moment, identifier="a", notes="first"))
        await site.post("treatments", treatment(moment, identifier="b", notes="second"))
        await site.post("treatments", treatment(ago(hours=1), identifier="b"))
        first, second = site.server.documents("treatments")
    assert (first["notes"], first["identifier"]) == ("second", "b")
    assert second["identifier"] == "b"


async def test_older_version_refuses_another_id_at_the_same_moment() -> None:
    """15.0.6 cannot change the `_id` of the document it replaces."""
    moment = ago(hours=1)
    async with nightscout_site(version="15.0.6") as site:
        await site.post("treatments", treatment(moment))
        status, answer = await site.ask(
            "POST", "/api/v1/treatments", json=treatment(moment, _id="0" * 24)
        )
    assert (status, answer["message"]) == (500, "Mongo Error")


@pytest.mark.parametrize("identity", [7, {"$oid": "0" * 24}, "0" * 24])
async def test_an_id_is_a_text_and_used_once(identity: Any) -> None:
    """The database accepts no other kind of `_id`, and none twice."""
    async with nightscout_site() as site:
        await site.post("devicestatus", {"_id": "0" * 24})
        status, answer = await site.ask(
            "POST", "/api/v1/devicestatus", json={"_id": identity}
        )
        assert (status, answer["message"]) == (500, "Mongo Error")
        assert len(site.server.documents("devicestatus")) == 1


@BOTH_VERSIONS
async def test_the_whole_document_is_replaced(version: str) -> None:
    """A key that is no longer posted is removed."""
    moment = ago(hours=1)
    async with nightscout_site(version=version) as site:
        await site.post("treatments", treatment(moment, notes="first", duration=30))
        await site.post("treatments", treatment(moment))
        (stored,) = site.server.documents("treatments")
    assert "notes" not in stored
    assert "duration" not in stored
    assert site.server.counters == {"treatments created": 1, "treatments replaced": 1}


@settings(max_examples=25)
@given(
    moments=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    batch=st.integers(1, 5),
)
async def test_repeats_add_nothing(moments: list[int], batch: int) -> None:
    """A set of documents posted repeatedly in any batches is stored once."""
    base = datetime.now(UTC) - timedelta(hours=1)
    documents = [
        treatment(
            (base + timedelta(minutes=minute)).isoformat(), identifier=f"note:{minute}"
        )
        for minute in moments
    ]
    for version in ("15.0.6", "15.0.7"):
        async with nightscout_site(version=version) as site:
            for start in range(0, len(documents), batch):
                await site.post("treatments", documents[start : start + batch])
            stored = site.server.documents("treatments")
        assert len(stored) == len(set(moments))


@pytest.mark.parametrize(
    ("given_as", "stored_as", "offset"),
    [
        ("2026-11-20T10:00:00+02:00", "2026-11-20T08:00:00.000Z", 120),
        ("2026-11-20T10:00:00.123-05:30", "2026-11-20T15:30:00.123Z", -330),
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000Z", 0),
        ("2026-11-20T10:00:00", "2026-11-20T10:00:00.000Z", 0),
        (1795169645123, "2026-11-20T10:14:05.123Z", 0),
        ("soon", "2026-11-21T12:00:00.000Z", 0),
        (None, "2026-11-21T12:00:00.000Z", 0),
        (True, "2026-11-21T12:00:00.000Z", 0),
    ],
)
async def test_times_are_stored_in_utc(
    given_as: Any, stored_as: str, offset: int
) -> None:
    """created_at is converted to UTC, the offset is stored separately, and an unreadable date becomes now."""
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    async with nightscout_site(now=lambda: noon) as site:
        (stored,) = await site.post(
            "treatments", treatment() | {"created_at": given_as}
        )
    assert (stored["created_at"], stored["utcOffset"]) == (stored_as, offset)


@pytest.mark.parametrize(
    ("given_as", "stored_as"),
    [
        ({"absolute": None, "duration": None}, {"absolute": 0, "duration": 0}),
        ({"absolute": 0, "duration": 4.75}, {"absolute": 0, "duration": 4.75}),
        ({"insulin": 0, "carbs": 0, "relative": 0, "notes": ""}, {}),
        ({"insulin": "1.25", "carbs": "12"}, {"insulin": 1.25, "carbs": 12}),
        ({"insulin": "much", "duration": {}}, {}),
        (
            {"glucose": 120, "glucoseType": "Sensor", "units": "mg/dl"},
            {"glucose": 120, "glucoseType": "Sensor", "units": "mg/dl"},
        ),
        ({"glucoseType": "Sensor", "units": "mg/dl"}, {}),
        (
            {"eventType": "Announcement"},
            {"eventType": "Announcement", "isAnnouncement": True},
        ),
    ],
)
async def test_amounts_are_cleaned(
    given_as: dict[str, Any], stored_as: dict[str, Any]
) -> None:
    """Null becomes 0; amounts of 0, and units without glucose, are dropped."""
    plain = {"eventType", "created_at", "enteredBy", "utcOffset", "_id"}
    async with nightscout_site() as site:
        (stored,) = await site.post("treatments", treatment(**given_as))
    extra = {
        name: value
        for name, value in stored.items()
        if name not in plain - given_as.keys()
    }
    assert extra == stored_as


@pytest.mark.parametrize(
    ("given_as", "stored_as"),
    [
        ("Bolus & carbs", "Bolus &amp; carbs"),
        ("Bolus &amp; carbs", "Bolus &amp; carbs"),
        ("glucose < 70", "glucose &lt; 70"),
        ("<script>alert(1)</script>Low <b>now</b>", "Low now"),
        ('"quoted" & it\'s', '"quoted" &amp; it\'s'),
    ],
)
async def test_texts_are_escaped(given_as: str, stored_as: str) -> None:
    """Texts are stored escaped, once however often they are posted."""
    async with nightscout_site() as site:
        (stored,) = await site.post(
            "treatments", treatment(notes=given_as, nested={"list": [given_as]})
        )
        await site.post("treatments", stored)
        (again,) = site.server.documents("treatments")
    assert stored["notes"] == again["notes"] == stored_as
    assert again["nested"] == {"list": [stored_as]}


async def test_answers_to_a_post_name_only_new_ids() -> None:
    """A POST answers with the stored documents; only new ones have an `_id`."""
    moment = ago(hours=1)
    async with nightscout_site() as site:
        (created,) = await site.post("treatments", treatment(moment))
        (replaced,) = await site.post("treatments", treatment(moment))
        assert await site.post("treatments", []) == []
    assert len(created["_id"]) == 24
    assert "_id" not in replaced


async def test_documents_are_put_at_their_id() -> None:
    """PUT replaces the document with that `_id`, adds it otherwise, and refuses another kind of id."""
    async with nightscout_site() as site:
        (created,) = await site.post("treatments", treatment())
        status, _ = await site.ask(
            "PUT", "/api/v1/treatments", json=created | {"notes": "changed"}
        )
        (stored,) = site.server.documents("treatments")
        assert (status, stored["notes"]) == (200, "changed")
        async with site.session.put(
            "/api/v1/treatments", json=treatment(_id="x")
        ) as refused:
            assert refused.status == 500
        await site.ask("PUT", "/api/v1/treatments", json=treatment(_id="a" * 24))
        assert len(site.server.documents("treatments")) == 2


async def test_documents_are_deleted_by_id() -> None:
    """DELETE /treatments/<_id> deletes one document of any age, or none."""
    async with nightscout_site() as site:
        old, kept = await site.post(
            "treatments", [treatment(ago(days=30)), treatment(ago(days=29))]
        )
        path = f"/api/v1/treatments/{old['_id']}"
        assert await site.ask("DELETE", path) == (200, {"n": 1, "ok": 1})
        assert await site.ask("DELETE", path) == (200, {"n": 0, "ok": 1})
        async with site.session.delete("/api/v1/treatments/what") as refused:
            assert refused.status == 500
        assert [one["_id"] for one in site.server.documents("treatments")] == [
            kept["_id"]
        ]


@pytest.mark.parametrize("path", ["treatments", "treatments/*"])
async def test_an_open_delete_reaches_four_days(path: str) -> None:
    """DELETE without a date removes everything of four days, more than the site would show."""
    async with nightscout_site() as site:
        await site.post(
            "treatments", [treatment(ago(minutes=minute)) for minute in range(150)]
        )
        await site.post("treatments", treatment(ago(days=5), notes="old"))
        assert await site.ask("DELETE", f"/api/v1/{path}") == (200, {"n": 150, "ok": 1})
        (left,) = site.server.documents("treatments")
    assert left["notes"] == "old"


async def test_delete_takes_what_find_finds() -> None:
    """DELETE with find removes the matches in the last four days."""
    async with nightscout_site() as site:
        await site.post(
            "treatments",
            [
                treatment(ago(days=days), eventType=kind)
                for days in (1, 2, 5)
                for kind in ("Note", "Exercise")
            ],
        )
        query = {"find[eventType]": "Note"}
        status, answer = await site.ask("DELETE", "/api/v1/treatments", params=query)
        assert (status, answer["n"]) == (200, 2)
        unreadable = {"find[created_at]": ago(days=1)}
        async with site.session.delete(
            "/api/v1/treatments", params=unreadable
        ) as refused:
            assert refused.status == 500
        assert len(site.server.documents("treatments")) == 4
