"""Whom a sign-in belongs to: signed tokens, verified before anything in them is believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt

from .errors import IdentityNotVerified, TandemChanged
from .regions import Region
from .safe_text import is_header_safe

CLOCK_LEEWAY = timedelta(minutes=5)
PERSON_CLAIMS = ("pumperId", "tandem_pumper_id")
ACCOUNT_CLAIMS = ("accountId", "tandem_account_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An account, and whose pumps it may see."""

    account_id: str = field(repr=False)
    pumper_ids: tuple[str, ...] = field(repr=False)
    """Of one person as a rule; of nobody, or of several, where it belongs to a guardian or a clinic."""
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Everything that both tokens say, for their shape to be told."""


def read_identity(
    id_token: str, access_token: str, published: Any, region: Region, nonce: str
) -> Identity:
    """Return whom an id token names that is signed with a published key.

    What it leaves out is looked for in the access token, where that is signed as well. Raises
    IdentityNotVerified when key, signature, issuer, audience, time or nonce is not right,
    TandemChanged when no keys are published, no account is named or people are in another way.
    """
    keys = published.get("keys") if isinstance(published, dict) else None
    if not isinstance(keys, list):
        raise TandemChanged("keys", "the answer lists no keys")
    keys = [key for key in keys if isinstance(key, dict)]
    claims = _verified(id_token, keys, region, audience=region.client_id)
    if claims.get("nonce") != nonce:
        raise IdentityNotVerified("identity", "not of this sign-in")
    more = _claims_of_access(access_token, keys, region)
    account = _claim_values(claims, ACCOUNT_CLAIMS) or _claim_values(
        more, ACCOUNT_CLAIMS
    )
    pumper_ids = _claim_values(claims, PERSON_CLAIMS) or _claim_values(
        more, PERSON_CLAIMS
    )
    if not account:
        raise TandemChanged("identity", "the answer names no account")
    if not pumper_ids and any(
        token.get(name) for token in (claims, more) for name in PERSON_CLAIMS
    ):
        raise TandemChanged("identity", "the answer names people in another way")
    return Identity(
        account_id=account[0],
        pumper_ids=pumper_ids,
        claims={"id_token": claims, "access_token": more},
    )


def _claim_values(claims: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what claims of these names say, each once, whether they hold one word or several."""
    found = [claims.get(name) for name in names]
    each = [
        part
        for value in found
        for part in (value if isinstance(value, list) else [value])
    ]
    return tuple(dict.fromkeys(filter(is_header_safe, each)))


def _claims_of_access(
    access_token: str, keys: list[dict[str, Any]], region: Region
) -> dict[str, Any]:
    """Return the claims of an access token; none where it is not a token of this kind."""
    try:
        return _verified(access_token, keys, region, audience=None)
    except IdentityNotVerified:
        return {}


def _verified(
    token: str, keys: list[dict[str, Any]], region: Region, *, audience: str | None
) -> dict[str, Any]:
    """Return the claims of a token that Tandem signed for this time, and for this application where one is named."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = next(key for key in keys if kid and key.get("kid") == kid)
        return jwt.decode(
            token,
            jwt.PyJWK(key, algorithm="RS256"),
            algorithms=["RS256"],
            audience=audience,
            issuer=region.issuer,
            leeway=CLOCK_LEEWAY,
            options={
                "require": ["exp", "iss", *(["aud"] if audience else [])],
                "verify_aud": audience is not None,
            },
        )
    except jwt.ExpiredSignatureError, jwt.ImmatureSignatureError:
        reason = "not valid at this time; is this machine's clock right?"
    except StopIteration:
        reason = "signed with an unpublished key"
    except jwt.PyJWTError, TypeError, ValueError:
        reason = "not signed by Tandem for this application"
    raise IdentityNotVerified("identity", reason)
