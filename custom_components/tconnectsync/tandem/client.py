"""Reading Tandem Source: the person's pumps, and what a pump logged."""

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from http import HTTPStatus

import aiohttp
from yarl import URL

from .auth import TandemAuth
from .errors import TandemBusy
from .http import Answer, ask, refused_keys
from .models import Pump, Pumper, PumpLog, read_pump_log, read_pumper
from .token import Token

MAX_DAYS_PER_REQUEST = 3
PUMPER_SECONDS = 30
PUMP_LOGS_SECONDS = 120

WEB_PAGE_CODES = (
    3, 4, 5, 6, 11, 12, 13, 14, 16, 20, 21, 26, 28, 33, 53, 55, 57, 59, 60, 61, 63, 64, 65, 66, 69,
    90, 99, 140, 171, 172, 191, 203, 212, 213, 214, 229, 230, 256, 279, 280, 307, 313, 369, 370, 371,
    372, 394, 399, 404, 405, 406, 447, 460, 461, 477, 480, 486, 558, 559, 562, 563, 564, 565, 566,
)  # fmt: skip
"""The event codes that Tandem's own page asks for."""


class TandemClient:
    """Reads one account; every method may raise any of the errors of errors.py.

    asks_with_codes tells whether pump-logs had to be asked for with a list of event codes.
    """

    def __init__(self, session: aiohttp.ClientSession, auth: TandemAuth) -> None:
        """Read with the session and the sign-in of one account."""
        self.asks_with_codes = False
        self._session = session
        self._auth = auth

    async def pumper(self) -> Pumper:
        """Return the person's pumps and when each last uploaded."""
        region = self._auth.region
        answer = await self._ask(
            "pumper",
            lambda token: URL(region.pumper_url(token.pumper_id)),
            PUMPER_SECONDS,
        )
        if answer.status != HTTPStatus.OK:
            raise answer.to_error()
        return read_pumper(answer.json())

    async def pump_logs(
        self, pump: Pump, first_day: date, last_day: date
    ) -> AsyncIterator[PumpLog]:
        """Yield what the pump logged on its days first to last, some days at a time, oldest first."""
        while first_day <= last_day:
            until = min(first_day + timedelta(days=MAX_DAYS_PER_REQUEST - 1), last_day)
            yield await self.pump_log(pump, first_day, until)
            first_day = until + timedelta(days=1)

    async def pump_log(self, pump: Pump, first_day: date, last_day: date) -> PumpLog:
        """Return what the pump logged on at most three of its days, asked for at once.

        Without a list of codes every event comes; a service that insists on one gets the
        list of Tandem's own page.
        """
        if not 0 <= (last_day - first_day).days < MAX_DAYS_PER_REQUEST:
            raise ValueError(f"a request is for 1 to {MAX_DAYS_PER_REQUEST} days")
        answer = await self._ask_log(pump, first_day, last_day, self.asks_with_codes)
        if answer.status == HTTPStatus.BAD_REQUEST and _is_about_codes(answer):
            other_way = not self.asks_with_codes
            second = await self._ask_log(pump, first_day, last_day, other_way)
            if second.status != HTTPStatus.BAD_REQUEST:
                answer = second
            if second.status == HTTPStatus.OK:
                self.asks_with_codes = other_way
        if answer.status != HTTPStatus.OK:
            raise answer.to_error()
        return read_pump_log(answer.json(), first_day, last_day)

    async def _ask_log(
        self, pump: Pump, first_day: date, last_day: date, with_codes: bool
    ) -> Answer:
        address = URL(self._auth.region.pump_logs_url(pump.assignment_id))
        query = {
            "startDate": f"{first_day.isoformat()}T00:00:00Z",
            "endDate": f"{last_day.isoformat()}T23:59:59Z",
        }
        if with_codes:
            query["eventCodes"] = ",".join(map(str, WEB_PAGE_CODES))
        return await self._ask(
            "pump-logs",
            lambda token: address.with_query({"pumperId": token.pumper_id, **query}),
            PUMP_LOGS_SECONDS,
        )

    async def _ask(
        self, step: str, address: Callable[[Token], URL], seconds: float
    ) -> Answer:
        """Get an answer; a token that is not taken is replaced once."""
        region = self._auth.region
        for renewed in (False, True):
            token = await self._auth.token()
            headers = {
                "Accept": "application/json",
                "Authorization": f"Bearer {token.access_token}",
                "Origin": region.origin,
                "Referer": region.referer,
            }
            answer = await ask(
                self._session,
                step,
                "GET",
                address(token),
                headers=headers,
                seconds=seconds,
            )
            if answer.status != HTTPStatus.UNAUTHORIZED:
                return answer
            self._auth.invalidate(token, renewed=renewed)
        raise TandemBusy(
            step, "new tokens are not taken", status=HTTPStatus.UNAUTHORIZED
        )


def _is_about_codes(answer: Answer) -> bool:
    """Return whether a refused query may be one that lacks, or has, a list of event codes."""
    names = refused_keys(answer)
    return not names or "eventCodes" in names
