"""Errors of Nightscout; none of their texts contains an address, a secret or a document."""

from http import HTTPStatus


class NightscoutError(Exception):
    """An error of a Nightscout site."""

    sent = False
    """Whether the site may carry out the request all the same, even later."""

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        """Take the reason in words and, if there is one, the HTTP status."""
        super().__init__(reason)
        self.reason = reason
        self.status = status


class InvalidAddress(NightscoutError):
    """The text is not a web address, or contains a secret, which does not belong there."""


class NightscoutUnreachable(NightscoutError):
    """No complete response; if `sent`, the site may have carried out the request all the same."""

    def __init__(self, reason: str, *, sent: bool, status: int | None = None) -> None:
        """Take the reason, and whether Nightscout may have received the request."""
        super().__init__(reason, status=status)
        self.sent = sent


class NightscoutNotSecure(NightscoutUnreachable):
    """No secure connection: the certificate is not trusted, or the site has no TLS."""


class NotNightscout(NightscoutError):
    """Something answers at the address, but not as Nightscout does."""


class NightscoutMoved(NotNightscout):
    """The address redirects to another host or path."""


class NightscoutRefused(NightscoutError):
    """Nightscout does not know this secret or token."""


class NightscoutBlocked(NightscoutError):
    """A server in front of Nightscout refuses; the response says nothing about Nightscout itself."""


class NightscoutForbidden(NightscoutError):
    """The secret is known, but a right is missing or the careportal is off."""

    def __init__(self, missing: str, *, status: int | None = None) -> None:
        """Take the missing right, like `api:treatments:delete`, or `careportal`."""
        super().__init__(f"not allowed: {missing}", status=status)
        self.missing = missing


class NightscoutBusy(NightscoutError):
    """Nightscout cannot serve now; worth another try, after `retry_after` seconds if it said so.

    A status of 502 or more is a proxy's (Cloudflare's are 520 to 527): the site may still be working
    on the request.
    """

    def __init__(
        self, reason: str, *, status: int, retry_after: float | None = None
    ) -> None:
        """Take the reason and, if the response has it, the time to wait (s)."""
        super().__init__(reason, status=status)
        self.sent = status >= HTTPStatus.BAD_GATEWAY
        self.retry_after = retry_after


class NightscoutFull(NightscoutError):
    """The site's database has no room left."""


class NightscoutRejected(NightscoutError):
    """The site does not accept the content of the request."""


class NightscoutTooLarge(NightscoutRejected):
    """The request is larger than the site accepts."""
