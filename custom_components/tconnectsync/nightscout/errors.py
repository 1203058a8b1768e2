"""What can go wrong with Nightscout; no text here ever holds an address, a secret or a document."""

from http import HTTPStatus


class NightscoutError(Exception):
    """An error of Nightscout, in words."""

    sent = False
    """Whether the request may be carried out all the same, even later."""

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        """Tell the reason in words and, where there is one, the HTTP status."""
        super().__init__(reason)
        self.reason = reason
        self.status = status


class InvalidAddress(NightscoutError):
    """The address is none, or holds a secret that does not belong there."""


class NightscoutUnreachable(NightscoutError):
    """No complete answer came; `sent` when the request may have been carried out all the same."""

    def __init__(self, reason: str, *, sent: bool, status: int | None = None) -> None:
        """Tell the reason, and whether Nightscout may have got the request."""
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
    """A server in front of Nightscout refuses: nothing is known of Nightscout itself."""


class NightscoutForbidden(NightscoutError):
    """The secret is known, but a right is missing or the careportal is off."""

    def __init__(self, missing: str, *, status: int | None = None) -> None:
        """Name what is missing, like `treatments: delete`."""
        super().__init__(f"not allowed: {missing}", status=status)
        self.missing = missing


class NightscoutBusy(NightscoutError):
    """Nightscout cannot serve now; worth another try after `retry_after` seconds, if it says when.

    From 502 on a proxy speaks, Cloudflare's 520 to 527 included, in the place of a site that may
    still be at it.
    """

    def __init__(
        self, reason: str, *, status: int, retry_after: float | None = None
    ) -> None:
        """Tell the reason and, where the answer named one, the time to wait."""
        super().__init__(reason, status=status)
        self.sent = status >= HTTPStatus.BAD_GATEWAY
        self.retry_after = retry_after


class NightscoutFull(NightscoutError):
    """The site's database has no room left."""


class NightscoutRejected(NightscoutError):
    """What was sent is not accepted as it is."""


class NightscoutTooLarge(NightscoutRejected):
    """The body is larger than the site takes."""
