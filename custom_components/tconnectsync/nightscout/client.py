"""Reading and writing a Nightscout site over its REST API v1."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
import re
from typing import Any

import aiohttp

from .document import utc_text
from .errors import (
    NightscoutError,
    NightscoutForbidden,
    NightscoutRefused,
    NotNightscout,
)
from .features import Feature
from .http import Answer, Connection
from .identifiers import Collection
from .missing_rights import missing_rights
from .needed_rights import READ_STATUS, needed_rights
from .site_status import Access, Authorization, Site, read_authorization, read_site

OBJECT_ID = re.compile(r"[0-9a-f]{24}", re.IGNORECASE)
PROFILE = "profile"
"""The collection of the profiles, as rights name it."""
DOCUMENTS_PER_REQUEST = 2000
SHORTEST_WINDOW = timedelta(seconds=2)


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
        self._site = Connection(session, url, secret, verify_tls=verify_tls)

    @property
    def address(self) -> str:
        """The site's address; https from when the site has asked for that."""
        return self._site.address

    @property
    def answers(self) -> int:
        """How often the site has answered."""
        return self._site.answers

    async def check(self, features: Iterable[Feature]) -> Access:
        """Return what the site is and what the secret lacks for these features; nothing is changed by asking."""
        authorization = await self.verify()
        needed = () if authorization.is_admin else needed_rights(features)
        missing = await missing_rights(self._site, needed)
        site = None if READ_STATUS in missing else await self._read_site()
        return Access(site=site, missing=missing)

    async def verify(self) -> Authorization:
        """Return what the secret stands for; raise NightscoutRefused when the site does not know it."""
        authorization = await self._authorization()
        if not authorization.known:
            raise NightscoutRefused("the secret is not accepted")
        return authorization

    async def units(self) -> str:
        """Return the glucose unit that the site shows: `mg/dl` or `mmol`."""
        return (await self._read_site()).units

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
            "count": str(DOCUMENTS_PER_REQUEST),
        }
        answer = await self._site.ask("GET", f"{collection}.json", query=query)
        allowed = await self._allowed(answer, collection, "read")
        found = await asyncio.to_thread(allowed.json)
        if not isinstance(found, list):
            raise NotNightscout("did not understand what was asked")
        if len(found) < DOCUMENTS_PER_REQUEST or until - since < SHORTEST_WINDOW:
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
        answer = await self._site.ask("POST", f"{collection}.json", body=bodies)
        await self._carried_out(answer, collection, "create")

    async def delete(self, collection: Collection, object_id: str) -> None:
        """Delete one document by Nightscout's own id."""
        if not OBJECT_ID.fullmatch(object_id):
            raise NotNightscout("holds a document without an id of its own")
        answer = await self._site.ask("DELETE", f"{collection}/{object_id}")
        await self._carried_out(answer, collection, "delete")

    async def profiles(self, count: int) -> list[dict[str, Any]]:
        """Return the newest profile documents, newest first."""
        query = {"count": str(count)}
        found = _good(await self._site.ask("GET", "profile.json", query=query)).json()
        if not isinstance(found, list):
            raise NotNightscout("did not understand what was asked")
        return [document for document in found if isinstance(document, dict)]

    async def write_profile(self, body: Mapping[str, Any]) -> None:
        """Store one profile document at the 24 hex digits of its `_id`; raise ValueError without them."""
        if not OBJECT_ID.fullmatch(str(body.get("_id"))):
            raise ValueError("a profile document is stored at an id")
        answer = await self._site.ask("PUT", "profile.json", body=body)
        await self._carried_out(answer, PROFILE, "update")

    async def _read_site(self) -> Site:
        return read_site(_good(await self._site.ask("GET", "status.json")).json())

    async def _authorization(self) -> Authorization:
        return read_authorization(
            _good(await self._site.ask("GET", "verifyauth")).json()
        )

    async def _carried_out(self, answer: Answer, collection: str, right: str) -> None:
        """Raise an error unless the site says what it did: a page in front answers 200 as well."""
        allowed = await self._allowed(answer, collection, right)
        did = await asyncio.to_thread(allowed.json)
        if not isinstance(did, list | dict):
            raise NotNightscout("did not say what it did")

    async def _allowed(self, answer: Answer, collection: str, right: str) -> Answer:
        """Return a good answer; distinguish a wrong secret from a missing right, which look alike."""
        error = _error(answer)
        writes = collection == Collection.TREATMENTS and right != "read"
        if answer.status == HTTPStatus.NOT_FOUND and writes:
            if not (await self._read_site()).careportal:
                raise NightscoutForbidden("careportal", status=answer.status)
        if isinstance(error, NightscoutRefused):
            if (await self._authorization()).known:
                missing = f"api:{collection}:{right}"
                raise NightscoutForbidden(missing, status=answer.status)
        if error:
            raise error
        return answer


def _good(answer: Answer) -> Answer:
    if error := _error(answer):
        raise error
    return answer


def _error(answer: Answer) -> NightscoutError | None:
    return None if answer.status == HTTPStatus.OK else answer.to_error()


def _bound(collection: Collection, instant: datetime) -> str:
    if collection is Collection.ENTRIES:
        return str(round(instant.timestamp() * 1000))
    return utc_text(instant)
