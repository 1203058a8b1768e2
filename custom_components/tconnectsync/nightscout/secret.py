"""The API secret or access token of a Nightscout site."""

from hashlib import sha1
import re

TOKEN = re.compile(r"\S+-[0-9a-f]{16}")


def access_token(secret: str) -> str | None:
    """Return the access token, None for a text that does not have the form of one."""
    secret = secret.strip()
    return secret if TOKEN.fullmatch(secret) else None


def secret_header(secret: str) -> dict[str, str]:
    """Return the header with the access token as it is, or with the SHA-1 of the API secret."""
    if token := access_token(secret):
        return {"api-secret": token}
    digest = sha1(secret.strip().encode(), usedforsecurity=False).hexdigest()
    return {"api-secret": digest}
