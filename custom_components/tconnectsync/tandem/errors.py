"""Errors of Tandem Source; none of their texts names an account or a person."""

from typing import Self


class TandemError(Exception):
    """An error at one step, without addresses, tokens or personal data.

    `retry_after` is in seconds from now, None where no time was named.
    """

    def __init__(
        self,
        step: str,
        reason: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Take the step, the reason in words, and where they exist the HTTP status and the seconds to wait."""
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason
        self.status = status
        self.retry_after = retry_after

    def again(self, retry_after: float | None = None) -> Self:
        """Return a copy to raise again without another request, with the seconds still to wait."""
        return type(self)(
            self.step, self.reason, status=self.status, retry_after=retry_after
        )


class SignInRefused(TandemError):
    """Tandem rejects this email and password in this region."""


class TandemUnreachable(TandemError):
    """No complete response arrived: name, network, certificate, time-out or a cut connection."""


class TandemBusy(TandemError):
    """Tandem responded, but cannot serve the request now; a later try may succeed."""


class IdentityNotVerified(TandemBusy):
    """The signed identity cannot be verified, or this machine's clock is wrong."""


class TandemChanged(TandemError):
    """The response no longer has the agreed shape: Tandem changed its service."""


class NoPump(TandemError):
    """The account has no pump of its own, and names nobody who has one."""


class SeveralPersons(TandemError):
    """The account names several people, and whose pump to read was not chosen."""
