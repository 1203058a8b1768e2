"""Translation keys of errors, for texts that users see."""

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.file import WriteError

from .const import DOMAIN
from .nightscout.errors import NightscoutError, NightscoutRefused
from .tandem import (
    IdentityNotVerified,
    NoPump,
    SeveralPersons,
    SignInRefused,
    TandemChanged,
    TandemError,
    TandemUnreachable,
)

UNEXPECTED = "unexpected"
"""For errors without a text of their own; the log has to contain the details wherever this is shown."""


def translation_key_for(error: TandemError | NightscoutError) -> str:
    """Return the translation key of an error from Tandem or Nightscout."""
    match error:
        case SignInRefused():
            return "sign_in_refused"
        case TandemUnreachable():
            return "tandem_unreachable"
        case TandemChanged():
            return "tandem_changed"
        case IdentityNotVerified():
            return "identity_not_verified"
        case NoPump():
            return "no_own_pump"
        case SeveralPersons():
            return "several_persons"
        case TandemError():
            return "tandem_busy"
        case NightscoutRefused():
            return "nightscout_refused"
        case _:
            return "nightscout_failed"


def as_action_error(error: BaseException | None) -> HomeAssistantError:
    """Return an error as an action raises it; None stands for work that ended with its account."""
    match error:
        case TandemError() | NightscoutError():
            key = translation_key_for(error)
        case HomeAssistantError(translation_key=str()):
            return HomeAssistantError(
                translation_domain=error.translation_domain,
                translation_key=error.translation_key,
                translation_placeholders=error.translation_placeholders,
            )
        case WriteError() | OSError():
            key = "cannot_keep"
        case None:
            key = "unloaded"
        case _:
            key = UNEXPECTED
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"reason": str(error)},
    )
