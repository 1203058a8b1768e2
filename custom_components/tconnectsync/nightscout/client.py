"""Reading and writing a Nightscout site over its REST API v1."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from http import HTTPStatus
import json
import re
from typing import Any

import aiohttp
from yarl import URL

from .access import Access, read_site, read_standing
from .address import normalized
from .answers import Answer, ask
from .document import utc_text
from .errors import (
    NightscoutError,
    NightscoutForbidden,
    NightscoutMoved,
    NightscoutRefused,
    NotNightscout,
)
from .identity import Collection

TOKEN = re.compile(r"\S+-[0-9a-f]{16}")
OBJECT_ID = re.compile(r"[0-9a-f]{24}", re.IGNORECASE)
NOBODYS_ID = "0" * 24
MOST_DOCUMENTS = 2000
SHORTEST_WINDOW = timedelta(seconds=2)
REDIRECTS = (301, 302, 303, 307, 308)


class NightscoutClient:
    """One site; every method may raise any of the errors of errors.py."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        secret: str,
        *,
        verify_tls: bool = True,
    ) -> None:
        """Take an address, and an API secret or access token (raises InvalidAddress)."""
        self._session = session
        self._base = URL(normalized(url))
        self._secret = secret_header(secret)
        self._verify_tls = verify_tls

    @property
    def address(self) -> str:
        """The site's address; https from when the site has asked for that."""
        return str(self._base)

    async def check(self) -> Access:
        """Return what the site is and what the secret may do there; nothing is changed by asking."""
        site = read_site(_good(await self._ask("GET", "status.json")).json())
        standing = read_standing(_good(await self._ask("GET", "verifyauth")).json())
        if not standing.known:
            raise NightscoutRefused("the secret is not accepted")
        everything = standing.is_admin
        return Access(
            version=site.version,
            units=site.units,
            careportal=site.careportal,
            can_read=everything or await self._may_read(),
            can_create=everything or await self._may("POST", "treatments.json", []),
            can_delete=everything or await self._may("DELETE", _one(NOBODYS_ID)),
            can_update=True if everything else None,
        )

    async def read(
        self,
        collection: Collection,
        since: datetime,
        until: datetime,
        find: Mapping[str, str],
    ) -> list[dict[str, Any]]:
        """Return all documents between two instants that have these fields, however many."""
        field = collection.time_field
        query = {
            f"find[{field}][$gte]": _bound(collection, since),
            f"find[{field}][$lte]": _bound(collection, until),
            **{f"find[{name}]": value for name, value in find.items()},
            "count": str(MOST_DOCUMENTS),
        }
        answer = await self._ask("GET", f"{collection}.json", query=query)
        found = (await self._allowed(answer, collection, "read")).json()
        if not isinstance(found, list):
            raise NotNightscout("did not understand what was asked")
        if len(found) < MOST_DOCUMENTS or until - since < SHORTEST_WINDOW:
            return [document for document in found if isinstance(document, dict)]
        middle = since + (until - since) / 2
        middle = middle.replace(microsecond=middle.microsecond // 1000 * 1000)
        return [
            *await self.read(collection, since, middle, find),
            *await self.read(
                collection, middle + timedelta(milliseconds=1), until, find
            ),
        ]

    async def write(
        self, collection: Collection, bodies: Sequence[Mapping[str, Any]]
    ) -> None:
        """Store documents; a treatment or entry takes the place of its older self."""
        answer = await self._ask("POST", f"{collection}.json", body=bodies)
        stored = (await self._allowed(answer, collection, "create")).json()
        if not isinstance(stored, list | dict):
            raise NotNightscout("did not say what it stored")

    async def delete(self, collection: Collection, object_id: str) -> None:
        """Delete one document by Nightscout's own id."""
        if not OBJECT_ID.fullmatch(object_id):
            raise NotNightscout("holds a document without an id of its own")
        answer = await self._ask("DELETE", f"{collection}/{object_id}")
        await self._allowed(answer, collection, "delete")

    async def profiles(self, count: int) -> list[dict[str, Any]]:
        """Return the newest profile documents, newest first."""
        query = {"count": str(count)}
        found = _good(await self._ask("GET", "profile.json", query=query)).json()
        if not isinstance(found, list):
            raise NotNightscout("did not understand what was asked")
        return [document for document in found if isinstance(document, dict)]

    async def write_profile(self, body: Mapping[str, Any]) -> None:
        """Store one profile document at the 24 hex digits of its `_id`."""
        if not OBJECT_ID.fullmatch(str(body.get("_id"))):
            raise ValueError("a profile document is stored at an id")
        answer = await self._ask("PUT", "profile.json", body=body)
        await self._allowed(answer, "profile", "update")

    async def _may_read(self) -> bool:
        now = datetime.now(UTC)
        try:
            await self.read(Collection.TREATMENTS, now, now, {})
        except NightscoutForbidden:
            return False
        return True

    async def _may(self, method: str, path: str, body: Any = None) -> bool:
        """Try what changes nothing: storing no document, deleting one that cannot be."""
        answer = await self._ask(method, path, body=body)
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
            return False
        _good(answer)
        return True

    async def _allowed(self, answer: Answer, collection: str, right: str) -> Answer:
        """Return a good answer; tell a wrong secret from a missing right, which look alike."""
        trouble = _trouble(answer)
        writes = collection == Collection.TREATMENTS and right != "read"
        if answer.status == HTTPStatus.NOT_FOUND and writes:
            raise NightscoutForbidden("careportal", status=answer.status)
        if isinstance(trouble, NightscoutRefused):
            standing = read_standing(_good(await self._ask("GET", "verifyauth")).json())
            if standing.known:
                missing = f"api:{collection}:{right}"
                raise NightscoutForbidden(missing, status=answer.status)
        if trouble:
            raise trouble
        return answer

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """Send a request, once more to the same host's https where the site moved there."""
        content = None
        headers = {"Accept": "application/json", **self._secret}
        if body is not None:
            content = json.dumps(body, separators=(",", ":")).encode()
            headers["Content-Type"] = "application/json"

        async def send() -> Answer:
            return await ask(
                self._session,
                method,
                (self._base / "api/v1" / path).with_query(query),
                headers=headers,
                verify_tls=self._verify_tls,
                body=content,
            )

        answer = await send()
        if answer.status in REDIRECTS and (port := _https_port(self._base, answer)):
            self._base = self._base.with_scheme("https").with_port(port)
            answer = await send()
        if answer.status in REDIRECTS:
            raise NightscoutMoved(
                "the address leads somewhere else", status=answer.status
            )
        return answer


def secret_header(secret: str) -> dict[str, str]:
    """Return the header for an access token as it is, for an API secret as its SHA-1."""
    secret = secret.strip()
    if TOKEN.fullmatch(secret):
        return {"api-secret": secret}
    return {"api-secret": sha1(secret.encode(), usedforsecurity=False).hexdigest()}


def _good(answer: Answer) -> Answer:
    if trouble := _trouble(answer):
        raise trouble
    return answer


def _trouble(answer: Answer) -> NightscoutError | None:
    return None if answer.status == HTTPStatus.OK else answer.trouble()


def _one(object_id: str) -> str:
    return f"{Collection.TREATMENTS}/{object_id}"


def _bound(collection: Collection, instant: datetime) -> str:
    if collection is Collection.ENTRIES:
        return str(round(instant.timestamp() * 1000))
    return utc_text(instant)


def _https_port(asked: URL, answer: Answer) -> int | None:
    """Return where the same host asks to be spoken to over TLS, None for any other redirect."""
    try:
        target = URL(answer.headers.get("Location", ""))
        port = target.port
    except ValueError:
        return None
    moved = asked.scheme == "http" and target.scheme == "https"
    return port if moved and target.host == asked.host else None
