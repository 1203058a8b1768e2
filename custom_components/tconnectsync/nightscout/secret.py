"""How a Nightscout site is shown that it may be written to: by API secret or access token."""

from hashlib import sha1
import re

TOKEN = re.compile(r"\S+-[0-9a-f]{16}")


def secret_header(secret: str) -> dict[str, str]:
    """Return the header for an access token as it is, for an API secret as its SHA-1."""
    secret = secret.strip()
    if TOKEN.fullmatch(secret):
        return {"api-secret": secret}
    return {"api-secret": sha1(secret.encode(), usedforsecurity=False).hexdigest()}
