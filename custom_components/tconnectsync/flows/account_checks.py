"""Checks of a Tandem account, its pump and its time zone before they are stored."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
import traceback
from typing import Any

import aiohttp

from custom_components.tconnectsync.const import CONF_PUMP, CONF_PUMP_TIME_ZONE, LOGGER
from custom_components.tconnectsync.error_texts import translation_key_for
from custom_components.tconnectsync.pinned_pump import pinned_serial_number
from custom_components.tconnectsync.tandem import (
    NoPump,
    Person,
    Pump,
    Pumper,
    TandemClient,
    TandemError,
    Token,
    TokenProvider,
    choose_pump,
    read_persons,
    regions,
)
from homeassistant.const import CONF_EMAIL, CONF_PASSWORD, CONF_REGION
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.util import dt as dt_util

JUST_UPLOADED = timedelta(days=1)
WRONG_ZONE_ERROR = (timedelta(hours=1), timedelta(hours=26))
"""The smallest and the largest error of a clock that is read in a wrong time zone."""


class FormError(Exception):
    """An error or warning about the input of a form."""

    def __init__(self, key: str, *, field: str = "base", **details: str) -> None:
        """Take the key of the text, the field that shows it, and the values of its placeholders."""
        super().__init__(key, *details.values())
        self.errors = {field: key}
        self.details = details


async def async_attempt[T](
    check: Awaitable[T],
) -> tuple[T, None] | tuple[None, FormError]:
    """Return the result of a check, or the error that the form has to show instead."""
    try:
        return await check, None
    except FormError as error:
        return None, error


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A successful sign-in; `persons` are all those of the account with a pump, if one is to be chosen."""

    token: Token
    persons: Sequence[Person] = ()

    @property
    def is_shared(self) -> bool:
        """Whether the account names other people than its owner."""
        token = self.token
        return bool(token.pumper_ids) or any(
            person.pumper_id != token.pumper_id for person in self.persons
        )


async def async_sign_in(
    hass: HomeAssistant,
    typed: Mapping[str, Any],
    pumper_id: str | None = None,
    *,
    is_right: Callable[[Token], bool] = lambda token: True,
) -> SignedIn:
    """Sign in, and read the pumps of all persons unless a pumper id names one; raise FormError.

    Nothing is read from an account that is not the right one.
    """
    with lent_session(hass) as session:
        tokens = TokenProvider(
            session,
            regions()[typed[CONF_REGION]],
            typed[CONF_EMAIL],
            typed[CONF_PASSWORD],
            pumper_id=pumper_id,
            allow_several_persons=True,
        )
        client = TandemClient(session, tokens)
        try:
            token = await tokens.token()
            if pumper_id is not None or not is_right(token):
                return SignedIn(token=token)
            pumper_ids = token.pumper_ids or (token.pumper_id,)
            persons = await read_persons(client, pumper_ids)
            return SignedIn(token=token, persons=persons)
        except NoPump as error:
            LOGGER.warning("What Tandem answers for this account: %s", client.shapes)
            raise FormError(translation_key_for(error), details=str(error)) from error
        except TandemError as error:
            raise FormError(translation_key_for(error), details=str(error)) from error
        except Exception as error:
            raise unexpected(error) from error


def chosen_pump(pumper: Pumper, typed: Mapping[str, Any]) -> Pump | None:
    """Return the pump that is pinned in a form, or else the one that is in use now."""
    return choose_pump(pumper, pinned_serial_number(typed), dt_util.utcnow())


async def async_pump_warning(
    pumper: Pumper, typed: Mapping[str, Any]
) -> FormError | None:
    """Return a warning about the choice of a pump or the time zone of its clock, if any."""
    pump = chosen_pump(pumper, typed)
    if pump is None or pump.last_upload is None:
        return FormError("never_uploaded", field=CONF_PUMP)
    return await _async_zone_warning(pump, typed[CONF_PUMP_TIME_ZONE])


def unexpected(error: Exception) -> FormError:
    """Log the place of an unexpected error, but not its text, which may name the person; return the form's error."""
    where = "".join(traceback.format_tb(error.__traceback__))
    LOGGER.error("Unexpected %s in a form:\n%s", type(error).__name__, where)
    return FormError("unknown")


async def _async_zone_warning(pump: Pump, zone: str) -> FormError | None:
    """Return a warning if the pump time of a recent upload does not fit the zone."""
    upload, newest = pump.last_upload, pump.newest_event
    if not upload or not newest or dt_util.utcnow() - upload > JUST_UPLOADED:
        return None
    zone_time = upload.astimezone(await dt_util.async_get_time_zone(zone))
    smallest, largest = WRONG_ZONE_ERROR
    if not smallest < abs(zone_time.replace(tzinfo=None) - newest) < largest:
        return None
    return FormError(
        "zone_doubtful",
        field=CONF_PUMP_TIME_ZONE,
        pump_time=f"{newest:%H:%M}",
        zone_time=f"{zone_time:%H:%M}",
    )


@contextmanager
def lent_session(hass: HomeAssistant) -> Iterator[aiohttp.ClientSession]:
    """Provide a temporary session with cookies of its own."""
    session = async_create_clientsession(
        hass, auto_cleanup=False, cookie_jar=aiohttp.CookieJar()
    )
    try:
        yield session
    finally:
        session.detach()
