"""Finding out what a secret may not do at a site, without changing anything there."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from .errors import NightscoutError, NightscoutRefused
from .http import Connection
from .identifiers import Collection
from .needed_rights import allows, read_permissions

NOBODYS_ID = "0" * 24


async def missing_rights(site: Connection, needed: Iterable[str]) -> tuple[str, ...]:
    """Return which of these rights are known to be missing; raise any of the errors of errors.py.

    A right counts by what the site tells, else by trying what changes nothing. What is neither
    known nor can be tried counts as there; nothing can be tried where nothing may be read.
    """
    rights = tuple(needed)
    granted = await _permissions(site) if rights else None
    missing: list[str] = []
    for right in rights:
        if granted is not None and any(
            allows(permission, right) for permission in granted
        ):
            continue
        readable = f"{right.rpartition(':')[0]}:read" not in missing
        if readable and (harmless := _harmless(right)):
            lacking = await _is_refused(site, *harmless)
        else:
            lacking = granted is not None
        if lacking:
            missing.append(right)
    return tuple(missing)


async def _permissions(site: Connection) -> tuple[str, ...] | None:
    """Return what the token is known to allow, None when the site does not tell.

    Nightscout tells it at an address that ends with the token, and nowhere else.
    """
    if site.token is None:
        return None
    path = f"authorization/request/{site.token}"
    try:
        answer = await site.ask("GET", path, version="v2")
        return read_permissions(answer.json())
    except NightscoutError:
        return None


async def _is_refused(site: Connection, method: str, path: str, body: Any) -> bool:
    """Return whether a site refuses a request; one that stumbles over it (500) has let it pass."""
    query = {"count": "1"} if method == "GET" else None
    answer = await site.ask(method, path, query=query, body=body)
    if answer.status in (HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR):
        return False
    error = answer.to_error()
    if answer.status == HTTPStatus.NOT_FOUND or isinstance(error, NightscoutRefused):
        return True
    raise error


def _harmless(right: str) -> tuple[str, str, Any] | None:
    """Return a request that needs a right and changes nothing, None where there is none.

    An empty list of entries or device status is never answered by some versions, and
    any profile is stored.
    """
    _, collection, action = right.split(":")
    match action:
        case "read":
            return "GET", f"{collection}.json", None
        case "delete":
            return "DELETE", f"{collection}/{NOBODYS_ID}", None
        case "create" if collection == Collection.TREATMENTS:
            return "POST", f"{collection}.json", []
    return None
