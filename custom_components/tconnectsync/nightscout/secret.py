"""How a Nightscout site is shown that it may be written to: by API secret or access token."""

from hashlib import sha1
import re

TOKEN = re.compile(r"\S+-[0-9a-f]{16}")


def access_token(secret: str) -> str | None:
    """Return the access token, None for what has not the form of one."""
    secret = secret.strip()
    return secret if TOKEN.fullmatch(secret) else None


def secret_header(secret: str) -> dict[str, str]:
    """Return the header for an access token as it is, for an API secret as its SHA-1."""
    if token := access_token(secret):
        return {"api-secret": token}
    digest = sha1(secret.strip().encode(), usedforsecurity=False).hexdigest()
    return {"api-secret": digest}
