"""Checks of a Nightscout's address, secret and rights before they are stored."""

from collections.abc import Iterable, Mapping
from typing import Any

from custom_components.tconnectsync.const import (
    CONF_FEATURES,
    CONF_FIRST_DAYS,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
)
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
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.needed_rights import (
    needs_careportal,
    with_role,
)
from custom_components.tconnectsync.nightscout.site_status import Access
from homeassistant.const import CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant

from .account_checks import FormError, lent_session, unexpected

SECTION_CONNECTION = "connection"


def read_nightscout(
    typed: Mapping[str, Any], stored: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the data of the typed Nightscout, empty without an address; raise FormError.

    The stored secret need not be typed again as long as the address is the same.
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
    if not secret and address == stored.get(CONF_NIGHTSCOUT_URL):
        secret = stored[CONF_NIGHTSCOUT_SECRET]
    if not secret:
        raise FormError("secret_missing", field=CONF_NIGHTSCOUT_SECRET)
    return {
        CONF_NIGHTSCOUT_URL: address,
        CONF_NIGHTSCOUT_SECRET: secret,
        CONF_VERIFY_SSL: typed[SECTION_CONNECTION][CONF_VERIFY_SSL],
        CONF_FIRST_DAYS: typed[CONF_FIRST_DAYS],
    }


def address_warning(nightscout: Mapping[str, Any]) -> FormError | None:
    """Return a warning about an address without encryption, if it has none."""
    if is_encrypted(nightscout[CONF_NIGHTSCOUT_URL]):
        return None
    return FormError("not_encrypted", field=CONF_NIGHTSCOUT_URL)


async def async_check_nightscout(
    hass: HomeAssistant, nightscout: Mapping[str, Any], features: Iterable[str]
) -> str:
    """Check that a Nightscout takes these features and return its best address; raise FormError."""
    wanted = [Feature(feature) for feature in features]
    address, access = await _async_check_access(hass, nightscout, wanted)
    if access.site and not access.site.careportal and needs_careportal(wanted):
        raise FormError("careportal_off", field=CONF_NIGHTSCOUT_URL)
    if access.missing:
        raise _rights_missing(access, CONF_NIGHTSCOUT_SECRET)
    return address


async def async_rights_warning(
    hass: HomeAssistant, nightscout: Mapping[str, Any], features: Iterable[str]
) -> FormError | None:
    """Return a warning if the stored secret lacks rights for these features, None while the site does not answer."""
    if CONF_NIGHTSCOUT_URL not in nightscout:
        return None
    try:
        _, access = await _async_check_access(
            hass, nightscout, [Feature(feature) for feature in features]
        )
    except FormError:
        return None
    return _rights_missing(access, CONF_FEATURES) if access.missing else None


async def _async_check_access(
    hass: HomeAssistant, nightscout: Mapping[str, Any], features: Iterable[Feature]
) -> tuple[str, Access]:
    """Return the best address of a site and the rights of the secret there; raise FormError."""
    with lent_session(hass) as session:
        try:
            client = NightscoutClient(
                session,
                nightscout[CONF_NIGHTSCOUT_URL],
                nightscout[CONF_NIGHTSCOUT_SECRET],
                verify_tls=nightscout[CONF_VERIFY_SSL],
            )
            access = await client.check(features)
        except NightscoutError as error:
            raise _nightscout_error(error) from error
        except Exception as error:
            raise unexpected(error) from error
    return client.address, access


def _rights_missing(access: Access, field: str) -> FormError:
    rights = ", ".join(with_role(right) for right in access.missing)
    return FormError("rights_missing", field=field, rights=rights)


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
