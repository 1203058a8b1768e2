"""Whom a sign-in belongs to: the signed id token, verified before anything in it is believed."""

from datetime import timedelta
from typing import Any

import jwt

from .errors import IdentityNotVerified, TandemChanged, UnpublishedKey
from .regions import Region
from .token import is_word

CLOCK_LEEWAY = timedelta(minutes=5)


def read_identity(
    id_token: str, published: Any, region: Region, nonce: str
) -> tuple[str, str]:
    """Return pumperId and accountId of an id token signed with a published key.

    Raises IdentityNotVerified when signature, issuer, audience, time or nonce is not right,
    UnpublishedKey when no key fits, TandemChanged when no keys are published or no account
    is named.
    """
    keys = published.get("keys") if isinstance(published, dict) else None
    if not isinstance(keys, list):
        raise TandemChanged("keys", "the answer lists no keys")
    claims = _verified(id_token, [key for key in keys if isinstance(key, dict)], region)
    if claims.get("nonce") != nonce:
        raise IdentityNotVerified("identity", "not of this sign-in")
    pumper_id, account_id = claims.get("pumperId"), claims.get("accountId")
    if not is_word(pumper_id) or not is_word(account_id):
        raise TandemChanged("identity", "the answer names no account")
    return pumper_id, account_id


def _verified(
    id_token: str, keys: list[dict[str, Any]], region: Region
) -> dict[str, Any]:
    """Return the claims of an id token that Tandem signed for this application and this time."""
    error = IdentityNotVerified
    try:
        kid = jwt.get_unverified_header(id_token).get("kid")
        key = next(key for key in keys if kid and key.get("kid") == kid)
        return jwt.decode(
            id_token,
            jwt.PyJWK(key, algorithm="RS256"),
            algorithms=["RS256"],
            audience=region.client_id,
            issuer=region.issuer,
            leeway=CLOCK_LEEWAY,
            options={"require": ["exp", "iss", "aud"]},
        )
    except jwt.ExpiredSignatureError, jwt.ImmatureSignatureError:
        reason = "not valid at this time; is this machine's clock right?"
    except StopIteration:
        error, reason = UnpublishedKey, "signed with an unpublished key"
    except jwt.PyJWTError, TypeError, ValueError:
        reason = "not signed by Tandem for this application"
    raise error("identity", reason)
