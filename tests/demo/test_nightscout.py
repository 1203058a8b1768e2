"""The simulated Nightscout as a server: paths, bodies, restarts and its page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import sys

import aiohttp
import pytest

from .nightscout_site import SECRET, ago, nightscout_site, secret_header, treatment

ROOT = Path(__file__).parent.parent.parent


@asynccontextmanager
async def own_process(file: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """Run the server in its own process, send requests, and kill it without warning."""
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "demo.nightscout",
            "--port",
            "0",
            "--data-file",
            str(file),
        ),
        cwd=ROOT,
        env=os.environ | {"API_SECRET": SECRET},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        printed = (await process.stdout.readline()).decode().split()
        assert printed[:-2] == ["Simulated", "Nightscout", "15.0.7"]
        async with aiohttp.ClientSession(
            printed[-1], headers=secret_header()
        ) as session:
            yield session
    finally:
        process.kill()
        await process.wait()


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
    """Invalid JSON is refused, and values that are no documents cannot be stored."""
    async with (
        nightscout_site() as site,
        site.session.post(
            "/api/v1/treatments", data=data, headers={"Content-Type": content_type}
        ) as response,
    ):
        assert response.status == status


async def test_a_restart_keeps_the_documents(tmp_path: Path) -> None:
    """Stored, replaced and deleted documents are the same after a restart, even with a torn last line."""
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


async def test_a_killed_process_has_kept_what_it_answered(tmp_path: Path) -> None:
    """Every confirmed write is in the file when the process is killed."""
    file = tmp_path / "nightscout.jsonl"
    async with own_process(file) as session:
        (
            await session.post("/api/v1/treatments", json=treatment(notes="kept"))
        ).raise_for_status()
    async with (
        own_process(file) as session,
        session.get("/api/v1/treatments.json") as response,
    ):
        assert [one["notes"] for one in await response.json()] == ["kept"]


async def test_a_stopped_server_comes_back_at_its_address() -> None:
    """Stopping and starting again is an outage: same address, same documents."""
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
