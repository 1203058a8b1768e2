"""Faults of the simulated Nightscout, and its record of requests."""

import ssl
import time

import aiohttp
import pytest

from demo.nightscout.faults import (
    Fault,
    database_full,
    lost_answer,
    lost_request,
    null_answer,
    proxy_error,
    redirect,
    refused_documents,
    too_large,
)

from .nightscout_site import ago, nightscout_site, secret_header, treatment


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        (proxy_error(), 502, "text/html"),
        (proxy_error(status=200), 200, "text/html"),
        (too_large(), 413, "text/html"),
        (
            Fault(status=503, body='{"status": 503}', content_type="application/json"),
            503,
            "application/json",
        ),
    ],
)
async def test_something_between_answers_once(
    fault: Fault, status: int, content_type: str
) -> None:
    """A proxy's answer replaces Nightscout's once, and nothing is stored."""
    async with nightscout_site() as site:
        site.server.faults.add(fault)
        async with site.session.post(
            "/api/v1/treatments", json=treatment()
        ) as response:
            assert (response.status, response.content_type) == (status, content_type)
        assert site.server.documents("treatments") == []
        await site.post("treatments", treatment())
        assert [seen.status for seen in site.server.requests] == [status, 200]


async def test_null_instead_of_an_answer() -> None:
    """A GET is answered null, a POST as usual."""
    async with nightscout_site() as site:
        site.server.faults.add(null_answer("/treatments", times=None))
        await site.post("treatments", treatment())
        assert await site.get("treatments") is None
        assert await site.get("entries") == []
        site.server.faults.clear()
        assert len(await site.get("treatments")) == 1


@pytest.mark.parametrize(("fault", "stored"), [(lost_answer(), 1), (lost_request(), 0)])
async def test_the_connection_breaks(fault: Fault, stored: int) -> None:
    """When the answer is lost the write is stored; when the request is lost it is not."""
    async with nightscout_site() as site:
        site.server.faults.add(fault)
        with pytest.raises(aiohttp.ClientConnectionError):
            await site.post("treatments", treatment())
        assert len(site.server.documents("treatments")) == stored
        assert [seen.status for seen in site.server.requests] == [None]


async def test_an_error_after_the_write() -> None:
    """A proxy stops waiting for a write that is carried out all the same."""
    async with nightscout_site() as site:
        site.server.faults.add(Fault(status=504, carried_out=True))
        async with site.session.post(
            "/api/v1/treatments", json=treatment()
        ) as response:
            assert response.status == 504
        assert len(site.server.documents("treatments")) == 1


async def test_one_document_ends_a_batch_of_treatments() -> None:
    """Treatments before the refused one are stored, those after it are not."""
    batch = [treatment(ago(minutes=minute), notes=f"{minute}") for minute in range(5)]
    async with nightscout_site() as site:
        site.server.faults.add(
            refused_documents(lambda document: document["notes"] == "2")
        )
        status, answer = await site.ask("POST", "/api/v1/treatments", json=batch)
        assert (status, answer["message"]) == (500, "Mongo Error")
        assert {one["notes"] for one in site.server.documents("treatments")} == {
            "0",
            "1",
        }
        await site.post("treatments", [one for one in batch if one["notes"] != "2"])
        assert len(site.server.documents("treatments")) == 4
    assert site.server.counters["treatments refused"] == 1


async def test_one_entry_does_not_end_a_batch() -> None:
    """The other entries are stored, and the answer is an error all the same."""
    batch = [
        {"type": "sgv", "sgv": value, "date": 10**12 + value} for value in range(5)
    ]
    async with nightscout_site() as site:
        site.server.faults.add(refused_documents(lambda document: document["sgv"] == 2))
        status, _ = await site.ask("POST", "/api/v1/entries", json=batch)
        assert status == 500
        assert [one["sgv"] for one in site.server.documents("entries")] == [0, 1, 3, 4]


async def test_a_full_database_is_still_read() -> None:
    """Nothing more is stored, and existing documents can be read and deleted."""
    async with nightscout_site() as site:
        (stored,) = await site.post("treatments", treatment())
        site.server.faults.add(database_full())
        for method, path in (
            ("POST", "treatments"),
            ("PUT", "treatments"),
            ("POST", "devicestatus"),
            ("PUT", "profile"),
        ):
            status, answer = await site.ask(method, f"/api/v1/{path}", json=treatment())
            assert status == 500
            assert "space quota" in answer["description"]
        assert len(await site.get("treatments")) == 1
        status, _ = await site.ask("DELETE", f"/api/v1/treatments/{stored['_id']}")
        assert status == 200


async def test_slowness() -> None:
    """Every answer takes the latency, plus the delay of its fault."""
    async with nightscout_site(latency=0.05) as site:
        started = time.monotonic()
        await site.get("status.json")
        assert time.monotonic() - started >= 0.05
        site.server.faults.add(Fault(path="/treatments", delay=0.1))
        started = time.monotonic()
        await site.get("treatments")
        assert time.monotonic() - started >= 0.15


async def test_faults_wait_and_choose_their_requests() -> None:
    """A fault ignores other paths, other methods and the requests to skip."""
    async with nightscout_site() as site:
        site.server.faults.add(
            Fault(path="/treatments", method="POST", skip=1, times=2, status=500)
        )
        statuses = []
        for _ in range(4):
            await site.get("treatments")
            await site.post("entries", [])
            async with site.session.post("/api/v1/treatments", json=[]) as response:
                statuses.append(response.status)
    assert statuses == [200, 500, 500, 200]


async def test_a_redirected_post_becomes_a_silent_get() -> None:
    """A 302 turns a POST into a GET that answers 200 without storing anything."""
    async with nightscout_site() as new, nightscout_site() as old:
        old.server.faults.add(redirect(new.server.url, status=302))
        async with old.session.post(
            "/api/v1/treatments?count=1", json=treatment()
        ) as response:
            assert (response.status, await response.json()) == (200, [])
        assert new.server.documents("treatments") == []
        (seen,) = new.server.requests
    assert (seen.method, seen.path, seen.query) == (
        "GET",
        "/api/v1/treatments",
        "count=1",
    )


async def test_http_leads_to_https(own_certificate: ssl.SSLContext) -> None:
    """A site with https names the same path there; its own certificate is refused by default."""
    async with nightscout_site() as site:
        secure = site.server
        await secure.stop()
        secure.url = ""
        await secure.start(ssl_context=own_certificate)
        assert secure.url.startswith("https://localhost:")
        async with nightscout_site() as plain:
            plain.server.faults.add(redirect(secure.url))
            async with plain.session.get(
                "/api/v1/status.json", allow_redirects=False
            ) as moved:
                assert moved.status == 307
                location = moved.headers["Location"]
        assert location == f"{secure.url}/api/v1/status.json"
        async with aiohttp.ClientSession(headers=secret_header()) as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.get(location)
            async with session.get(location, ssl=False) as response:
                assert (await response.json())["status"] == "ok"


async def test_requests_are_kept() -> None:
    """Method, path, query, size, credentials and status of each request are recorded."""
    async with nightscout_site() as site:
        await site.post("treatments", [])
        await site.get("treatments", count="3")
        post, get = site.server.requests
        assert (post.method, post.path, post.body_size, post.status) == (
            "POST",
            "/api/v1/treatments",
            2,
            200,
        )
        assert (get.query, get.body_size, get.credentials) == ("count=3", 0, True)
        assert site.server.count("/treatments") == 2
        assert site.server.count("/treatments", method="POST") == 1
