"""What was typed into a form, tried against the services before it is kept."""

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
ZONE_DOUBTFUL = (timedelta(hours=1), timedelta(hours=26))
"""How far a clock read in a wrong zone is off, at least and at most."""


class FormError(Exception):
    """What a form has to say about what was typed: a key of its error texts."""

    def __init__(self, key: str, *, field: str = "base", **details: str) -> None:
        """Name the text, the field it stands at and what is filled in."""
        super().__init__(key, *details.values())
        self.errors = {field: key}
        self.details = details


async def async_attempt[T](
    check: Awaitable[T],
) -> tuple[T, None] | tuple[None, FormError]:
    """Return what a check of what was typed gives, or what the form has to say instead."""
    try:
        return await check, None
    except FormError as error:
        return None, error


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A sign-in that worked, and everybody of the account who has a pump, where one is to be chosen."""

    token: Token
    persons: Sequence[Person] = ()

    @property
    def is_shared(self) -> bool:
        """Whether the account names others than its owner."""
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
    """Sign in, and read the pumps of all unless it is known whose is meant; raise FormError.

    Of an account that is not the right one nothing is read.
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
            named = token.pumper_ids or (token.pumper_id,)
            return SignedIn(token=token, persons=await read_persons(client, named))
        except NoPump as error:
            LOGGER.warning("What Tandem answers for this account: %s", client.shapes)
            raise FormError(translation_key_for(error), details=str(error)) from error
        except TandemError as error:
            raise FormError(translation_key_for(error), details=str(error)) from error
        except Exception as error:
            raise unexpected(error) from error


def chosen_pump(pumper: Pumper, typed: Mapping[str, Any]) -> Pump | None:
    """Return the pump that was pinned in a form, or the one that is in use now."""
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
    """Log where something unexpected happened, without its words: they may name the person."""
    where = "".join(traceback.format_tb(error.__traceback__))
    LOGGER.error("Unexpected %s in a form:\n%s", type(error).__name__, where)
    return FormError("unknown")


async def _async_zone_warning(pump: Pump, zone: str) -> FormError | None:
    """Return a warning where a recent upload's pump time and true time do not fit the zone."""
    upload, newest = pump.last_upload, pump.newest_event
    if not upload or not newest or dt_util.utcnow() - upload > JUST_UPLOADED:
        return None
    there = upload.astimezone(await dt_util.async_get_time_zone(zone))
    least, most = ZONE_DOUBTFUL
    if not least < abs(there.replace(tzinfo=None) - newest) < most:
        return None
    return FormError(
        "zone_doubtful",
        field=CONF_PUMP_TIME_ZONE,
        pump_time=f"{newest:%H:%M}",
        zone_time=f"{there:%H:%M}",
    )


@contextmanager
def lent_session(hass: HomeAssistant) -> Iterator[aiohttp.ClientSession]:
    """Lend a session with cookies of its own."""
    session = async_create_clientsession(
        hass, auto_cleanup=False, cookie_jar=aiohttp.CookieJar()
    )
    try:
        yield session
    finally:
        session.detach()
