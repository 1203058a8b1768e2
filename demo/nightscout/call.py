"""Read a request the way Nightscout reads it."""

from dataclasses import dataclass
import json
from typing import Any

from aiohttp import web

from .queries import Query, parse

EXTENSIONS = ("json", "svg", "csv", "txt", "png", "html", "js", "tsv")


class BodyError(Exception):
    """A body that is not read."""

    def __init__(self, status: int, message: str) -> None:
        """Name the status and words of the answer."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A method, the segments of a path without its extension, and a query."""

    method: str
    segments: tuple[str, ...]
    extension: str
    query: Query
    request: web.Request

    @property
    def name(self) -> str:
        """The collection, or another name from the path below /api/v1."""
        return "profile" if self.segments[2] == "profiles" else self.segments[2]

    @property
    def rest(self) -> tuple[str, ...]:
        """What the path names after the collection."""
        return (
            ("find", *self.segments[3:])
            if self.segments[2] == "profiles"
            else self.segments[3:]
        )

    async def documents(self, limit: int) -> Any:
        """Return the posted object or list.

        BodyError: more than `limit` bytes, or no JSON.
        """
        body = await self.request.read()
        if len(body) > limit:
            raise BodyError(413, "PayloadTooLargeError: request entity too large")
        if self.request.content_type == "application/x-www-form-urlencoded":
            return parse(body.decode())
        if self.request.content_type != "application/json" or not body:
            return {}
        try:
            given = json.loads(body, parse_constant=_no_number)
        except ValueError as error:
            raise BodyError(400, f"SyntaxError: {error}") from error
        if not isinstance(given, dict | list):
            raise BodyError(400, "SyntaxError: Unexpected token in JSON at position 0")
        return given


def read_call(request: web.Request) -> Call:
    """Read a request's path and query."""
    path, _, extension = request.path.rpartition(".")
    if extension not in EXTENSIONS:
        path, extension = request.path, ""
    return Call(
        method="GET" if request.method == "HEAD" else request.method,
        segments=tuple(filter(None, path.split("/"))),
        extension=extension,
        query=parse(request.rel_url.raw_query_string),
        request=request,
    )


def _no_number(name: str) -> float:
    raise ValueError(f"Unexpected token {name} in JSON")
