"""Route requests of the REST API, and check who may send them."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from .access import Access, Grant
from .call import BodyError, Call, read_call
from .database import Database, RejectedError
from .error_responses import failure, mongo_error, unauthorized, unknown
from .kinds import Kind
from .queries import UnreadableQueryError
from .read_requests import read
from .status import Site, verify, wanted_form
from .write_requests import delete, delete_one, post, put


class Api:
    """Answers requests below /api out of a database."""

    def __init__(
        self,
        *,
        site: Site,
        access: Access,
        kinds: dict[str, Kind],
        database: Database,
        now: Callable[[], datetime],
    ) -> None:
        """Put together the parts that the responses are made of."""
        self._site = site
        self._access = access
        self._kinds = kinds
        self._database = database
        self._now = now

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request."""
        try:
            call = read_call(request)
            match call.segments:
                case ("api", "v2", "authorization", "request", token):
                    return self._authorize(request, token)
                case ("api", "v1", _, *_):
                    return await self._answer(call, await self._grant(call))
                case _:
                    return unknown(request)
        except UnreadableQueryError as error:
            return failure(500, f"Error: {error}")
        except BodyError as error:
            return failure(error.status, str(error))
        except RejectedError as error:
            return mongo_error(str(error))

    async def _answer(self, call: Call, grant: Grant) -> web.Response:
        name = call.name
        if name == "verifyauth":
            return web.json_response(verify(grant))
        if name not in self._kinds and name != "status":
            return unknown(call.request)
        if not grant.allows(f"api:{name}:read"):
            return unauthorized()
        if name == "status":
            accept = call.request.headers.get("Accept", "*/*")
            return self._site.answer(wanted_form(call.extension, accept), self._now())
        kind = self._kinds[name]
        if call.method == "GET":
            return read(call, kind, self._database.collections[name], self._now())
        return await self._write(call, grant, kind)

    async def _write(self, call: Call, grant: Grant, kind: Kind) -> web.Response:
        if kind.name in {"treatments", "activity"} and not self._site.careportal:
            return unknown(call.request)
        match call.method, kind.name, call.rest:
            case "POST", _, ():
                action, write = "create", post
            case "PUT", "treatments" | "profile" | "activity", ():
                action, write = "update", put
            case "DELETE", "treatments" | "entries" | "devicestatus", () | (_,):
                action, write = "delete", delete
            case "DELETE", "profile" | "activity", (_,):
                action, write = "delete", delete_one
            case _:
                return unknown(call.request)
        if not grant.allows(f"api:{kind.name}:{action}"):
            return unauthorized()
        return await write(call, kind, self._database, self._now())

    async def _grant(self, call: Call) -> Grant:
        headers = call.request.headers
        scheme, _, bearer = headers.get("Authorization", "").partition(" ")
        token = bearer if scheme == "Bearer" and bearer else call.query.get("token")
        secret = call.query.get("secret") or headers.get("api-secret")
        return await self._access.resolve(
            call.request.remote or "",
            secret=secret if isinstance(secret, str) else None,
            token=token if isinstance(token, str) else None,
        )

    def _authorize(self, request: web.Request, token: str) -> web.Response:
        if (authorized := self._access.authorize(token)) is None:
            self._access.refuse(request.remote or "")
            return unauthorized()
        return web.json_response(authorized)
