"""A request for an authorization code: OpenID Connect code flow with PKCE."""

from base64 import urlsafe_b64encode
from hashlib import sha256
import secrets

from .regions import Region


class AuthorizationRequest:
    """A request with its own verifier, state and nonce; none is used twice."""

    def __init__(self, region: Region) -> None:
        """Set up a request for a code for this region's web page."""
        self._region = region
        self.verifier = secrets.token_urlsafe(64)
        self.state = secrets.token_urlsafe(24)
        self.nonce = secrets.token_urlsafe(24)

    @property
    def query(self) -> dict[str, str]:
        """The query parameters of the request."""
        digest = sha256(self.verifier.encode()).digest()
        return {
            "client_id": self._region.client_id,
            "response_type": "code",
            "response_mode": "query",
            "scope": self._region.scope,
            "redirect_uri": self._region.redirect_uri,
            "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "state": self.state,
            "nonce": self.nonce,
        }
