"""The simulated Nightscout as a server: paths, bodies, restarts and its page."""

from pathlib import Path

import pytest

from .nightscout_site import ago, nightscout_site, treatment


@pytest.mark.parametrize("path", ["treatments", "treatments/", "treatments.json"])
async def test_paths_have_three_spellings(path: str) -> None:
    """A collection answers with and without `.json`."""
    async with nightscout_site() as site:
        await site.post(path, treatment())
        (found,) = await site.get(path)
    assert (found["carbs"], found["insulin"]) == (None, None)


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        ("[{", "application/json", 400),
        ("NaN", "application/json", 400),
        ('"text"', "application/json", 400),
        ("[1]", "application/json", 500),
        ("[]", "application/json", 200),
        ("eventType=Note&notes=form", "application/x-www-form-urlencoded", 200),
    ],
)
async def test_bodies_are_json_or_a_form(
    data: str, content_type: str, status: int
) -> None:
    """What is no JSON is refused, what is no document cannot be stored."""
    async with (
        nightscout_site() as site,
        site.session.post(
            "/api/v1/treatments", data=data, headers={"Content-Type": content_type}
        ) as response,
    ):
        assert response.status == status


async def test_a_restart_keeps_the_documents(tmp_path: Path) -> None:
    """What was stored, replaced and deleted is so after a restart, a torn last line included."""
    file = tmp_path / "nightscout.jsonl"
    moment = ago(hours=1)
    async with nightscout_site(data_file=file) as site:
        await site.post("treatments", treatment(moment, notes="first"))
        await site.post("treatments", treatment(moment, notes="second"))
        (gone,) = await site.post("treatments", treatment(ago(hours=2)))
        await site.ask("DELETE", f"/api/v1/treatments/{gone['_id']}")
        await site.post("profile", {"defaultProfile": "Day", "startDate": moment})
        before = {
            name: site.server.documents(name) for name in ("treatments", "profile")
        }
    with file.open("a") as torn:
        torn.write('{"collection": "treatments", "_id"')
    async with nightscout_site(data_file=file) as site:
        assert {name: site.server.documents(name) for name in before} == before
        await site.post("treatments", treatment(moment, notes="third"))
        (stored,) = site.server.documents("treatments")
    assert stored["notes"] == "third"
    assert len(file.read_text().splitlines()) == 3


async def test_a_stopped_server_comes_back_at_its_address() -> None:
    """Stop and start again is an outage: same address, same documents."""
    async with nightscout_site() as site:
        address = site.server.url
        await site.post("treatments", treatment())
        await site.server.stop()
        with pytest.raises(OSError, match="Cannot connect"):
            await site.get("treatments")
        await site.server.start()
        assert site.server.url == address
        assert len(await site.get("treatments")) == 1


async def test_the_page_shows_the_newest_treatments() -> None:
    """The page at / has a row for each treatment, its texts neither raw nor escaped twice."""
    async with nightscout_site() as site:
        await site.post(
            "treatments",
            [
                treatment(
                    ago(minutes=2), eventType="Meal Bolus", insulin=2.5, carbs=30
                ),
                treatment(ago(minutes=1), notes="Bolus & <carbs>"),
            ],
        )
        async with site.session.get("/") as response:
            text = await response.text()
    assert response.content_type == "text/html"
    assert "2.5 U · 30 g" in text
    assert "Bolus &amp; " in text
    assert "&amp;amp;" not in text
    assert text.index("Bolus &amp;") < text.index("Meal Bolus")
    assert text.count("<tr>") == 3
