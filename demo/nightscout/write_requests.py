"""Answer POST, PUT and DELETE on a collection."""

from datetime import datetime
from typing import Any

from aiohttp import web

from .call import Call
from .database import OBJECT_ID, Database, RejectedError
from .documents import Document
from .error_responses import failure
from .faults import REFUSAL
from .kinds import Kind
from .queries import UnreadableQueryError
from .read_requests import find, narrowed


async def post(
    call: Call, kind: Kind, database: Database, now: datetime
) -> web.Response:
    """Store one document or a list, each in place of the one it replaces.

    RejectedError: the database did not take one; whether later ones are stored depends on the collection.
    """
    given = await call.documents(kind.limit)
    documents = given if isinstance(given, list) else [given]
    if kind.name == "entries" and isinstance(given, dict) and "date" not in given:
        documents = []
    stored: list[Document] = []
    refusal: RejectedError | None = None
    for document in documents:
        try:
            stored.append(
                _store(
                    call, kind, database, _prepare(call, kind, database, document, now)
                )
            )
        except RejectedError as error:
            refusal = refusal or error
            if kind.stops_at_refusal:
                break
    if refusal is not None:
        raise refusal
    if kind.name == "entries":
        stored.sort(key=lambda entry: entry.get("date") or 0, reverse=True)
    return web.json_response(stored)


async def put(
    call: Call, kind: Kind, database: Database, now: datetime
) -> web.Response:
    """Store one document at its `_id`."""
    prepared = _prepare(call, kind, database, await call.documents(kind.limit), now)
    identity = prepared.get("_id")
    if identity is not None and not OBJECT_ID.fullmatch(str(identity)):
        return failure(
            500, "Error: Argument passed in must be a string of 24 hex characters"
        )
    stored, new = database.write(kind.name, identity, prepared)
    if kind.name == "profile":
        return web.json_response(stored)
    return web.json_response({"ok": 1, "n": 1, "nModified": int(not new)})


async def delete(
    call: Call, kind: Kind, database: Database, now: datetime
) -> web.Response:
    """Delete everything a query finds; without a date that is everything of four days."""
    query = call.query
    for name in call.rest:
        if OBJECT_ID.fullmatch(name) or (kind.name != "entries" and name != "*"):
            query = narrowed(query, "_id", name)
        elif name != "*":
            query = narrowed(query, "type", name)
    try:
        found = find(database.collections[kind.name], kind, query, now)
    except UnreadableQueryError as error:
        return failure(500, f"Error: {error}")
    number = database.delete(kind.name, [document["_id"] for document in found])
    return web.json_response({"n": number, "ok": 1})


async def delete_one(
    call: Call, kind: Kind, database: Database, now: datetime
) -> web.Response:
    """Delete one document by its `_id`."""
    database.delete(kind.name, call.rest)
    return web.json_response({})


def _store(call: Call, kind: Kind, database: Database, prepared: Document) -> Document:
    """Store a document; only the answer to a new one names its `_id`."""
    key = kind.replaces(prepared)
    identity = database.collections[kind.name].find(key) if key else None
    stored, new = database.write(kind.name, identity, prepared)
    return stored if new else prepared


def _prepare(
    call: Call, kind: Kind, database: Database, document: Any, now: datetime
) -> Document:
    if not isinstance(document, dict):
        raise RejectedError(f"Cannot store {document!r}")
    prepared = kind.prepare(document, now)
    refusal = call.request.get(REFUSAL)
    if refusal and (reason := refusal(prepared)):
        database.counters[f"{kind.name} refused"] += 1
        raise RejectedError(reason)
    return prepared
