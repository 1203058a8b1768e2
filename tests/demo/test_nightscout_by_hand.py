"""Edits of treatments by hand on the pages of the simulated Nightscout."""

from datetime import UTC, datetime
from typing import Any

from .nightscout_site import BOTH_VERSIONS, Asker, nightscout_site, treatment

AT = "2025-11-20T20:00:17.101-08:00"
LATER = datetime(2025, 11, 21, 5, 30, tzinfo=UTC)


async def meal(site: Asker) -> dict[str, Any]:
    """Post a bolus with carbs; return the stored document."""
    whole = treatment(
        AT, eventType="Meal Bolus", insulin=4, carbs=40, identifier="a", hash="h"
    )
    await site.post("treatments", whole)
    [held] = site.server.documents("treatments")
    return held


@BOTH_VERSIONS
async def test_the_reports_save_the_whole_of_it(version: str) -> None:
    """The form sends times to the minute with the server's offset, and numbers as text."""
    async with nightscout_site(version=version) as site:
        held = await meal(site)
        site.server.by_hand.save(held["_id"], insulin="3.5", notes="pizza")
        changed = {
            "insulin": 3.5,
            "notes": "pizza",
            "created_at": "2025-11-21T04:00:00.000Z",
            "utcOffset": 0,
        }
        assert site.server.documents("treatments") == [held | changed]


@BOTH_VERSIONS
async def test_a_dot_is_dragged(version: str) -> None:
    """Only its time changes."""
    async with nightscout_site(version=version) as site:
        held = await meal(site)
        site.server.by_hand.move(held["_id"], LATER)
        moved = {"created_at": "2025-11-21T05:30:00.000Z"}
        assert site.server.documents("treatments") == [held | moved]


@BOTH_VERSIONS
async def test_carbs_or_insulin_are_dragged_alone(version: str) -> None:
    """Two documents then share one name."""
    async with nightscout_site(version=version) as site:
        held = await meal(site)
        site.server.by_hand.move_part(held["_id"], "carbs", LATER)
        behind, moved = site.server.documents("treatments")
        del held["insulin"], moved["_id"]
        carbs = held.pop("carbs")
        assert behind == held | {"insulin": 4}
        del held["_id"]
        later = {"created_at": "2025-11-21T05:30:00.000Z"}
        assert moved == held | {"carbs": carbs} | later


@BOTH_VERSIONS
async def test_it_is_deleted(version: str) -> None:
    """A treatment is deleted by its `_id`."""
    async with nightscout_site(version=version) as site:
        held = await meal(site)
        site.server.by_hand.delete(held["_id"])
        assert site.server.documents("treatments") == []
        assert site.server.counters["treatments deleted"] == 1
