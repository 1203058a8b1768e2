"""What can go wrong with Tandem Source; no text here ever says with whom."""

from typing import Self


class TandemError(Exception):
    """An error at one step, without addresses, tokens or personal data.

    retry_after is in seconds from now, None when nobody named a time.
    """

    def __init__(
        self,
        step: str,
        reason: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Tell the step, the reason in words and, where there is one, the HTTP status."""
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason
        self.status = status
        self.retry_after = retry_after

    def again(self, retry_after: float | None = None) -> Self:
        """Return the same error to be raised a second time, with nothing asked in between."""
        return type(self)(
            self.step, self.reason, status=self.status, retry_after=retry_after
        )


class SignInRefused(TandemError):
    """Tandem does not accept this email and password in this region."""


class TandemUnreachable(TandemError):
    """No complete answer came: name, network, certificate, time-out or a cut connection."""


class TandemBusy(TandemError):
    """Tandem answered, but cannot serve now; worth another try later."""


class IdentityNotVerified(TandemBusy):
    """The signed identity is not what Tandem must send, or this machine's clock is wrong."""


class TandemChanged(TandemError):
    """The answer no longer has the agreed shape: Tandem changed its service."""


class NoPump(TandemError):
    """The account has no pump of its own, and names nobody who has one."""


class SeveralPersons(TandemError):
    """The account names several people, and it is not known whose pump is meant."""
