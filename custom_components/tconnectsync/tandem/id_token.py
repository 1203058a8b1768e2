"""The identity behind a sign-in, read from signed tokens after their verification."""

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
    """An account, and the people whose pumps it may see."""

    account_id: str = field(repr=False)
    pumper_ids: tuple[str, ...] = field(repr=False)
    """Usually one; none or several where the account belongs to a guardian or a clinic."""
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The claims of both tokens; diagnostics show their shape."""


def read_identity(
    id_token: str, access_token: str, published: Any, region: Region, nonce: str
) -> Identity:
    """Return the identity in an id token that is signed with a published key.

    Claims that it lacks are taken from the access token, if that is signed as well. Raises
    IdentityNotVerified where key, signature, issuer, audience, time or nonce is wrong,
    TandemChanged where no keys are published, no account is named or people are named in another way.
    """
    keys = published.get("keys") if isinstance(published, dict) else None
    if not isinstance(keys, list):
        raise TandemChanged("keys", "the answer lists no keys")
    keys = [key for key in keys if isinstance(key, dict)]
    claims = _verified(id_token, keys, region, audience=region.client_id)
    if claims.get("nonce") != nonce:
        raise IdentityNotVerified("identity", "not of this sign-in")
    access_claims = _claims_of_access(access_token, keys, region)
    account_ids = _claim_values(claims, ACCOUNT_CLAIMS) or _claim_values(
        access_claims, ACCOUNT_CLAIMS
    )
    pumper_ids = _claim_values(claims, PERSON_CLAIMS) or _claim_values(
        access_claims, PERSON_CLAIMS
    )
    if not account_ids:
        raise TandemChanged("identity", "the answer names no account")
    if not pumper_ids and any(
        token.get(name) for token in (claims, access_claims) for name in PERSON_CLAIMS
    ):
        raise TandemChanged("identity", "the answer names people in another way")
    return Identity(
        account_id=account_ids[0],
        pumper_ids=pumper_ids,
        claims={"id_token": claims, "access_token": access_claims},
    )


def _claim_values(claims: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of the claims with these names, each once, whether a claim has one value or several."""
    claimed = [claims.get(name) for name in names]
    values = [
        value
        for claim in claimed
        for value in (claim if isinstance(claim, list) else [claim])
    ]
    return tuple(dict.fromkeys(filter(is_header_safe, values)))


def _claims_of_access(
    access_token: str, keys: list[dict[str, Any]], region: Region
) -> dict[str, Any]:
    """Return the claims of an access token, none where it is not a signed token."""
    try:
        return _verified(access_token, keys, region, audience=None)
    except IdentityNotVerified:
        return {}


def _verified(
    token: str, keys: list[dict[str, Any]], region: Region, *, audience: str | None
) -> dict[str, Any]:
    """Return the claims of a token that Tandem signed and that is valid now, for `audience` where given."""
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
