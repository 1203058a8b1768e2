"""A client of Nightscout's REST API v1."""

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
from .http import Connection, NightscoutResponse
from .identifiers import APP, Collection
from .missing_rights import missing_rights
from .needed_rights import READ_STATUS, needed_rights
from .site_status import Access, Authorization, Site, read_authorization, read_site
from .stored_document import StoredDocument, own_documents

OBJECT_ID = re.compile(r"[0-9a-f]{24}", re.IGNORECASE)
PROFILE = "profile"
"""The collection of profiles, by its name in rights."""
DOCUMENTS_PER_REQUEST = 2000
SHORTEST_WINDOW = timedelta(seconds=2)


class NightscoutClient:
    """Reads and writes one site; every method may raise any of the errors of errors.py."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        secret: str,
        *,
        verify_tls: bool = True,
    ) -> None:
        """Take an address, and an API secret or access token (raises InvalidAddress)."""
        self._connection = Connection(session, url, secret, verify_tls=verify_tls)

    @property
    def address(self) -> str:
        """The site's address; https once the site has redirected there."""
        return self._connection.address

    @property
    def response_count(self) -> int:
        """How often the site has answered."""
        return self._connection.response_count

    async def check(self, features: Iterable[Feature]) -> Access:
        """Return the site's status and the rights that the secret lacks for these features; change nothing."""
        authorization = await self.verify()
        needed = () if authorization.is_admin else needed_rights(features)
        missing = await missing_rights(self._connection, needed)
        site = None if READ_STATUS in missing else await self._read_site()
        return Access(site=site, missing=missing)

    async def verify(self) -> Authorization:
        """Return the secret's authorization; raise NightscoutRefused if the site does not know the secret."""
        authorization = await self._authorization()
        if not authorization.known:
            raise NightscoutRefused("the secret is not accepted")
        return authorization

    async def units(self) -> str:
        """Return the glucose unit of the site: `mg/dl` or `mmol`."""
        return (await self._read_site()).units

    async def read(
        self,
        collection: Collection,
        since: datetime,
        until: datetime,
        find: Mapping[str, str],
    ) -> list[dict[str, Any]]:
        """Return all documents from `since` to `until` whose fields have these values, however many."""
        field = collection.time_field
        query = {
            f"find[{field}][$gte]": _bound(collection, since),
            f"find[{field}][$lte]": _bound(collection, until),
            **{f"find[{name}]": value for name, value in find.items()},
            "count": str(DOCUMENTS_PER_REQUEST),
        }
        response = await self._connection.send("GET", f"{collection}.json", query=query)
        await self._raise_for_status(response, collection, "read")
        documents = await asyncio.to_thread(response.json)
        if not isinstance(documents, list):
            raise NotNightscout("did not understand what was asked")
        if len(documents) < DOCUMENTS_PER_REQUEST or until - since < SHORTEST_WINDOW:
            return [document for document in documents if isinstance(document, dict)]
        middle = since + (until - since) / 2
        middle = middle.replace(microsecond=middle.microsecond // 1000 * 1000)
        return [
            *await self.read(collection, since, middle, find),
            *await self.read(
                collection, middle + timedelta(milliseconds=1), until, find
            ),
        ]

    async def read_own(
        self,
        collection: Collection,
        since: datetime,
        until: datetime,
        identifier: str | None = None,
    ) -> list[StoredDocument]:
        """Return the documents of this integration from `since` to `until`, or those of one identifier."""
        find = {"identifier": identifier} if identifier else {"app": APP}
        documents = await self.read(collection, since, until, find)
        return await asyncio.to_thread(own_documents, documents)

    async def write(
        self, collection: Collection, bodies: Sequence[Mapping[str, Any]]
    ) -> None:
        """Store documents; a treatment or entry replaces the one with its upsert key."""
        response = await self._connection.send(
            "POST", f"{collection}.json", body=bodies
        )
        await self._raise_unless_done(response, collection, "create")

    async def delete(self, collection: Collection, object_id: str) -> None:
        """Delete one document by its `_id`."""
        if not OBJECT_ID.fullmatch(object_id):
            raise NotNightscout("holds a document without an id of its own")
        response = await self._connection.send("DELETE", f"{collection}/{object_id}")
        await self._raise_unless_done(response, collection, "delete")

    async def profiles(self, count: int) -> list[dict[str, Any]]:
        """Return the newest profile documents, newest first."""
        documents = await self._get("profile.json", {"count": str(count)})
        if not isinstance(documents, list):
            raise NotNightscout("did not understand what was asked")
        return [document for document in documents if isinstance(document, dict)]

    async def write_profile(self, body: Mapping[str, Any]) -> None:
        """Create or replace the profile document with this `_id`; raise ValueError unless that is 24 hex digits."""
        if not OBJECT_ID.fullmatch(str(body.get("_id"))):
            raise ValueError("a profile document is stored at an id")
        response = await self._connection.send("PUT", "profile.json", body=body)
        await self._raise_unless_done(response, PROFILE, "update")

    async def _read_site(self) -> Site:
        return read_site(await self._get("status.json"))

    async def _authorization(self) -> Authorization:
        return read_authorization(await self._get("verifyauth"))

    async def _get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        response = await self._connection.send("GET", path, query=query)
        if error := _error(response):
            raise error
        return response.json()

    async def _raise_unless_done(
        self, response: NightscoutResponse, collection: str, right: str
    ) -> None:
        """Raise an error unless the response is the result of the write: a page in front answers 200 as well."""
        await self._raise_for_status(response, collection, right)
        result = await asyncio.to_thread(response.json)
        if not isinstance(result, list | dict):
            raise NotNightscout("did not say what it did")

    async def _raise_for_status(
        self, response: NightscoutResponse, collection: str, right: str
    ) -> None:
        """Raise an error unless the status is 200; a wrong secret and a missing right look alike."""
        error = _error(response)
        writes = collection == Collection.TREATMENTS and right != "read"
        if response.status == HTTPStatus.NOT_FOUND and writes:
            if not (await self._read_site()).careportal:
                raise NightscoutForbidden("careportal", status=response.status)
        if isinstance(error, NightscoutRefused):
            if (await self._authorization()).known:
                missing = f"api:{collection}:{right}"
                raise NightscoutForbidden(missing, status=response.status)
        if error:
            raise error


def _error(response: NightscoutResponse) -> NightscoutError | None:
    return None if response.status == HTTPStatus.OK else response.to_error()


def _bound(collection: Collection, instant: datetime) -> str:
    if collection is Collection.ENTRIES:
        return str(round(instant.timestamp() * 1000))
    return utc_text(instant)
