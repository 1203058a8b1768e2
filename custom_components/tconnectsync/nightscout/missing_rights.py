"""The rights that a secret lacks at a site, found without changing anything there."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from .errors import NightscoutError, NightscoutRefused
from .http import Connection
from .identifiers import Collection
from .needed_rights import allows, read_permissions

UNUSED_ID = "0" * 24


async def missing_rights(
    connection: Connection, needed: Iterable[str]
) -> tuple[str, ...]:
    """Return which of these rights are known to be missing; raise any of the errors of errors.py.

    The site's list of permissions decides where it grants the right, else a request that changes
    nothing. A right counts as granted if there is neither a list nor such a request. Without the
    right to read a collection no request is tried there.
    """
    rights = tuple(needed)
    granted = await _permissions(connection) if rights else None
    missing: list[str] = []
    for right in rights:
        if granted is not None and any(
            allows(permission, right) for permission in granted
        ):
            continue
        readable = f"{right.rpartition(':')[0]}:read" not in missing
        if readable and (harmless := _harmless(right)):
            lacking = await _is_refused(connection, *harmless)
        else:
            lacking = granted is not None
        if lacking:
            missing.append(right)
    return tuple(missing)


async def _permissions(connection: Connection) -> tuple[str, ...] | None:
    """Return the permissions of the access token, None for an API secret or without an answer.

    Nightscout lists them only at an address that ends with the token.
    """
    if connection.token is None:
        return None
    path = f"authorization/request/{connection.token}"
    try:
        response = await connection.send("GET", path, version="v2")
        return read_permissions(response.json())
    except NightscoutError:
        return None


async def _is_refused(
    connection: Connection, method: str, path: str, body: Any
) -> bool:
    """Return whether the site refuses a request; with a status of 500 it was allowed, but failed."""
    query = {"count": "1"} if method == "GET" else None
    response = await connection.send(method, path, query=query, body=body)
    if response.status in (HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR):
        return False
    error = response.to_error()
    if response.status == HTTPStatus.NOT_FOUND or isinstance(error, NightscoutRefused):
        return True
    raise error


def _harmless(right: str) -> tuple[str, str, Any] | None:
    """Return a request that needs a right and changes nothing, None if there is none.

    Creating is only tried for treatments: some versions never answer an empty list of entries or
    device statuses, and any profile would be stored.
    """
    _, collection, action = right.split(":")
    match action:
        case "read":
            return "GET", f"{collection}.json", None
        case "delete":
            return "DELETE", f"{collection}/{UNUSED_ID}", None
        case "create" if collection == Collection.TREATMENTS:
            return "POST", f"{collection}.json", []
    return None
