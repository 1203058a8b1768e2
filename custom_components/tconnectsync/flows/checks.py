"""What was typed into a form, tried against the services before it is kept."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
import traceback
from typing import Any

import aiohttp

from custom_components.tconnectsync.const import (
    AUTOMATIC_PUMP,
    CONF_FIRST_DAYS,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    LOGGER,
)
from custom_components.tconnectsync.error_texts import key_of
from custom_components.tconnectsync.nightscout.address import is_encrypted, normalized
from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.errors import (
    InvalidAddress,
    NightscoutBlocked,
    NightscoutError,
    NightscoutMoved,
    NightscoutNotSecure,
    NightscoutRefused,
    NightscoutUnreachable,
    NotNightscout,
)
from custom_components.tconnectsync.tandem import (
    Pump,
    Pumper,
    TandemAuth,
    TandemClient,
    TandemError,
    Token,
    choose_pump,
    regions,
)
from homeassistant.const import CONF_EMAIL, CONF_PASSWORD, CONF_REGION, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.util import dt as dt_util

SECTION_CONNECTION = "connection"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A sign-in that worked, and the pumps of the account."""

    token: Token
    pumper: Pumper


async def async_sign_in(hass: HomeAssistant, typed: Mapping[str, Any]) -> SignedIn:
    """Sign in and read the pumps; raise FormError."""
    with _session(hass) as session:
        try:
            auth = TandemAuth(
                session,
                regions()[typed[CONF_REGION]],
                typed[CONF_EMAIL],
                typed[CONF_PASSWORD],
            )
            pumper = await TandemClient(session, auth).pumper()
            return SignedIn(token=await auth.token(), pumper=pumper)
        except TandemError as error:
            raise FormError(key_of(error), details=str(error)) from error
        except Exception as error:
            raise _unexpected(error) from error


def chosen_pump(pumper: Pumper, choice: str) -> Pump | None:
    """Return the pump that a choice, automatic or a serial number, means now."""
    pinned = None if choice == AUTOMATIC_PUMP else choice
    return choose_pump(pumper, pinned, dt_util.utcnow())


async def async_doubt_about_pump(
    pumper: Pumper, typed: Mapping[str, Any]
) -> FormError | None:
    """Return what speaks against the choice of a pump and the zone of its clock."""
    pump = chosen_pump(pumper, typed[CONF_PUMP])
    if pump is None or pump.last_upload is None:
        return FormError("never_uploaded", field=CONF_PUMP)
    return await _async_doubt_about_zone(pump, typed[CONF_PUMP_TIME_ZONE])


def read_nightscout(
    typed: Mapping[str, Any], known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what to keep of what was typed, nothing without an address; raise FormError.

    The secret that is known need not be typed again as long as the address is the same.
    """
    address = typed.get(CONF_NIGHTSCOUT_URL, "").strip()
    secret = typed.get(CONF_NIGHTSCOUT_SECRET, "").strip()
    if not address:
        if secret:
            raise FormError("address_missing", field=CONF_NIGHTSCOUT_URL)
        return {}
    try:
        address = normalized(address)
    except InvalidAddress as error:
        raise FormError("address_invalid", field=CONF_NIGHTSCOUT_URL) from error
    if not secret and address == known.get(CONF_NIGHTSCOUT_URL):
        secret = known[CONF_NIGHTSCOUT_SECRET]
    if not secret:
        raise FormError("secret_missing", field=CONF_NIGHTSCOUT_SECRET)
    return {
        CONF_NIGHTSCOUT_URL: address,
        CONF_NIGHTSCOUT_SECRET: secret,
        CONF_VERIFY_SSL: typed[SECTION_CONNECTION][CONF_VERIFY_SSL],
        CONF_FIRST_DAYS: typed[CONF_FIRST_DAYS],
    }


def doubt_about_address(nightscout: Mapping[str, Any]) -> FormError | None:
    """Return what speaks against an address that everybody on the way can read along."""
    if is_encrypted(nightscout[CONF_NIGHTSCOUT_URL]):
        return None
    return FormError("not_encrypted", field=CONF_NIGHTSCOUT_URL)


async def async_check_nightscout(
    hass: HomeAssistant, nightscout: Mapping[str, Any]
) -> str:
    """Try what is to be kept of a Nightscout and return its best address; raise FormError."""
    with _session(hass) as session:
        try:
            client = NightscoutClient(
                session,
                nightscout[CONF_NIGHTSCOUT_URL],
                nightscout[CONF_NIGHTSCOUT_SECRET],
                verify_tls=nightscout[CONF_VERIFY_SSL],
            )
            access = await client.check()
        except NightscoutError as error:
            raise _nightscout_error(error) from error
        except Exception as error:
            raise _unexpected(error) from error
    if not access.careportal:
        raise FormError("careportal_off", field=CONF_NIGHTSCOUT_URL)
    if access.missing:
        raise FormError(
            "rights_missing",
            field=CONF_NIGHTSCOUT_SECRET,
            rights=", ".join(access.missing),
        )
    return client.address


def _unexpected(error: Exception) -> FormError:
    """Log where something unexpected happened, without its words: they may name the person."""
    where = "".join(traceback.format_tb(error.__traceback__))
    LOGGER.error("Unexpected %s in a form:\n%s", type(error).__name__, where)
    return FormError("unknown")


def _nightscout_error(error: NightscoutError) -> FormError:
    match error:
        case NightscoutRefused():
            return FormError("nightscout_refused", field=CONF_NIGHTSCOUT_SECRET)
        case NightscoutNotSecure():
            key = "nightscout_not_secure"
        case NightscoutUnreachable():
            key = "nightscout_unreachable"
        case NightscoutMoved():
            key = "nightscout_moved"
        case NotNightscout():
            key = "not_nightscout"
        case NightscoutBlocked():
            key = "nightscout_guarded"
        case _:
            key = "nightscout_busy"
    return FormError(key, field=CONF_NIGHTSCOUT_URL, details=error.reason)


async def _async_doubt_about_zone(pump: Pump, zone: str) -> FormError | None:
    """Compare pump clock and true time of an upload that has just been made."""
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
def _session(hass: HomeAssistant) -> Iterator[aiohttp.ClientSession]:
    """Lend a session with cookies of its own."""
    session = async_create_clientsession(
        hass, auto_cleanup=False, cookie_jar=aiohttp.CookieJar()
    )
    try:
        yield session
    finally:
        session.detach()
