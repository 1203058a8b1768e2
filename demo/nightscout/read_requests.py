"""Answer GET on a collection."""

from collections.abc import Iterable
from datetime import datetime

from aiohttp import web

from .call import Call
from .database import OBJECT_ID, Collection
from .documents import Document
from .error_responses import mongo_error, unknown
from .kinds import Kind
from .queries import Query, UnreadableQueryError, choose, count_of


def read(call: Call, kind: Kind, collection: Collection, now: datetime) -> web.Response:
    """Answer with the requested documents, newest first; with null for an invalid query."""
    query = call.query
    match kind.name, call.rest:
        case "profile", ():
            profiles = _newest_profiles(collection)
            return web.json_response(profiles[: count_of(query, kind.default_count)])
        case "profile", ("current",):
            return web.json_response(next(iter(_newest_profiles(collection)), None))
        case "entries", ("current",):
            query = {"count": "1"}
        case "entries", (identity,) if OBJECT_ID.fullmatch(identity):
            if (entry := collection.documents.get(identity)) is None:
                return mongo_error(f"No such id: '{identity}'")
            return web.json_response([entry])
        case "entries", (model,):
            query = narrowed(query, "type", model)
        case ("profile", ("find",)) | (_, ()):
            pass
        case _:
            return unknown(call.request)
    try:
        found = find(collection, kind, query, now)[
            : count_of(query, kind.count_for(query))
        ]
    except UnreadableQueryError:
        return web.json_response(None)
    if kind.name == "treatments":
        amounts = {"carbs": None, "insulin": None}
        found = [amounts | treatment for treatment in found]
    return web.json_response(found)


def find(
    collection: Collection, kind: Kind, query: Query, now: datetime
) -> list[Document]:
    """Return the documents a query finds, newest first.

    UnreadableQueryError: Nightscout could not have answered.
    """
    return choose(_candidates(collection, query), query, kind.reading, now)


def narrowed(query: Query, name: str, value: str) -> Query:
    """Return the query with one more condition."""
    asked = query.get("find")
    return query | {"find": (asked if isinstance(asked, dict) else {}) | {name: value}}


def _candidates(collection: Collection, query: Query) -> Iterable[Document]:
    asked = query.get("find")
    for name in ("_id", "identifier"):
        if isinstance(asked, dict) and isinstance(value := asked.get(name), str):
            return collection.with_key((name, value))
    return collection.documents.values()


def _newest_profiles(collection: Collection) -> list[Document]:
    return sorted(
        collection.documents.values(),
        key=lambda profile: str(profile.get("startDate", "")),
        reverse=True,
    )
