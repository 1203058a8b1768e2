"""What went wrong at Tandem or Nightscout, in the words that people see."""

from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .nightscout.errors import NightscoutError, NightscoutRefused
from .tandem import (
    IdentityNotVerified,
    SignInRefused,
    TandemChanged,
    TandemError,
    TandemUnreachable,
)


def key_of(trouble: TandemError | NightscoutError) -> str:
    """Return the translation key of what went wrong."""
    match trouble:
        case SignInRefused():
            return "sign_in_refused"
        case TandemUnreachable():
            return "tandem_unreachable"
        case TandemChanged():
            return "tandem_changed"
        case IdentityNotVerified():
            return "identity_not_verified"
        case TandemError():
            return "tandem_busy"
        case NightscoutRefused():
            return "nightscout_refused"
        case _:
            return "nightscout_failed"


def failure(trouble: TandemError | NightscoutError) -> HomeAssistantError:
    """Return what went wrong as an action tells it."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key_of(trouble),
        translation_placeholders={"reason": str(trouble)},
    )
