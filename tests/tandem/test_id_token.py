"""An id token is accepted only if Tandem signed it for this application and this time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric import rsa
import jwt
import pytest

from custom_components.tconnectsync.tandem import (
    IdentityNotVerified,
    NoPump,
    Region,
    TandemChanged,
    TandemError,
    TokenProvider,
)
from custom_components.tconnectsync.tandem.id_token import read_identity
from demo.tandem.faults import Fault
from demo.tandem.oidc import signing_key
from demo.tandem.server import SimulatedTandem

from .conftest import EMAIL

type Prove = Callable[[TandemError], None]


class Forger:
    """A server that writes id tokens that differ from Tandem's in one way."""

    def __init__(self, tandem: SimulatedTandem) -> None:
        """Start from the token that Tandem writes."""
        self.tandem = tandem
        genuine = tandem.sign_in.id_token(tandem.accounts[EMAIL.lower()], "")
        self.claims: dict[str, Any] = jwt.decode(
            genuine, options={"verify_signature": False}
        )
        self.key_id = tandem.sign_in.key_id

    def write(
        self,
        *,
        without: tuple[str, ...] = (),
        key: rsa.RSAPrivateKey | str | None = None,
        algorithm: str = "RS256",
        kid: Any = "the published one",
        **claims: Any,
    ) -> None:
        """Let Tandem answer with a token that has other claims, key, algorithm or key id."""
        payload = self.claims | claims
        if kid == "the published one":
            kid = self.key_id
        headers = {} if kid is None else {"kid": kid}
        signed_with = key or signing_key(self.key_id)

        def change(answer: Any) -> Any:
            genuine = jwt.decode(
                answer["id_token"], options={"verify_signature": False}
            )
            forged = {"nonce": genuine["nonce"], **payload}
            forged = {k: v for k, v in forged.items() if k not in without}
            if algorithm == "none":
                token = jwt.encode(forged, cast(str, None), algorithm, headers=headers)
            else:
                token = jwt.encode(forged, signed_with, algorithm, headers=headers)
            return answer | {"id_token": token}

        self.tandem.faults.add(Fault(path="/token", change=change))


@pytest.fixture
def forger(tandem: SimulatedTandem) -> Forger:
    """A forger between the client and Tandem."""
    return Forger(tandem)


async def refusal(tokens: TokenProvider, tells_nothing: Prove) -> str:
    """Return the message of the error that refuses the id token."""
    with pytest.raises(IdentityNotVerified) as error:
        await tokens.token()
    tells_nothing(error.value)
    return error.value.reason


async def test_a_key_nobody_published(
    tokens: TokenProvider, forger: Forger, tells_nothing: Prove
) -> None:
    """The token is signed with a foreign key in Tandem's name."""
    forger.write(key=signing_key("somebody else"))
    assert "not signed by Tandem" in await refusal(tokens, tells_nothing)


@pytest.mark.parametrize("kid", ["another", None, ""])
async def test_an_unknown_key_id(
    tokens: TokenProvider, forger: Forger, tells_nothing: Prove, kid: str | None
) -> None:
    """The key must be one of those published, by its name."""
    forger.write(kid=kid)
    assert "unpublished key" in await refusal(tokens, tells_nothing)


async def test_no_signature(
    tokens: TokenProvider, forger: Forger, tells_nothing: Prove
) -> None:
    """The token claims to need no signature."""
    forger.write(algorithm="none")
    assert "not signed by Tandem" in await refusal(tokens, tells_nothing)


async def test_the_public_key_is_no_password(
    tokens: TokenProvider, forger: Forger, tells_nothing: Prove
) -> None:
    """The token is signed symmetrically with the public key, which anybody can read."""
    forger.write(algorithm="HS256", key="x" * 64)
    assert "not signed by Tandem" in await refusal(tokens, tells_nothing)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://attacker.example/accounts/api"},
        {"aud": "another application"},
        {"aud": []},
        {"aud": 7},
        {"exp": "later"},
    ],
)
async def test_for_somebody_else(
    tokens: TokenProvider, forger: Forger, tells_nothing: Prove, claims: dict[str, Any]
) -> None:
    """Issuer and audience must be the region's own."""
    forger.write(**claims)
    assert "not signed by Tandem" in await refusal(tokens, tells_nothing)


async def test_of_another_sign_in(
    tokens: TokenProvider, forger: Forger, tells_nothing: Prove
) -> None:
    """A token of another sign-in is refused."""
    forger.write(nonce="that of another sign-in")
    assert "not of this sign-in" in await refusal(tokens, tells_nothing)


@pytest.mark.parametrize("claim", ["iss", "aud", "exp"])
async def test_an_unbounded_token(
    tokens: TokenProvider, forger: Forger, tells_nothing: Prove, claim: str
) -> None:
    """A token without issuer, audience or expiry is refused."""
    forger.write(without=(claim,))
    assert "not signed by Tandem" in await refusal(tokens, tells_nothing)


def stamp(away: timedelta) -> int:
    """Return a time relative to now as tokens write it."""
    return int((datetime.now(UTC) + away).timestamp())


async def test_expired(
    tokens: TokenProvider, forger: Forger, tells_nothing: Prove
) -> None:
    """A token of yesterday."""
    forger.write(exp=stamp(timedelta(minutes=-6)))
    assert "clock" in await refusal(tokens, tells_nothing)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
async def test_not_yet_valid(
    tokens: TokenProvider, forger: Forger, tells_nothing: Prove, claim: str
) -> None:
    """A local clock that is far slow is reported as the cause."""
    forger.write(**cast(dict[str, Any], {claim: stamp(timedelta(minutes=6))}))
    assert "clock" in await refusal(tokens, tells_nothing)


@pytest.mark.parametrize("minutes", [-4, 4])
async def test_clocks_may_differ_a_little(
    tandem: SimulatedTandem, tokens: TokenProvider, minutes: int
) -> None:
    """A machine whose clock is a few minutes off can sign in."""
    away = timedelta(minutes=minutes)
    tandem.token_clock = lambda: datetime.now(UTC) + away
    assert (await tokens.token()).access_token


async def test_a_token_that_ended_minutes_ago_is_within_reach_of_a_fast_clock(
    tokens: TokenProvider, forger: Forger
) -> None:
    """The leeway goes both ways."""
    forger.write(exp=stamp(timedelta(minutes=-4)))
    assert (await tokens.token()).access_token


@pytest.mark.parametrize("claims", [{"accountId": 7}, {"accountId": "a\nb"}])
async def test_no_account_named(
    tokens: TokenProvider, forger: Forger, tells_nothing: Prove, claims: dict[str, Any]
) -> None:
    """A token without accountId is refused, because data is stored by account."""
    forger.write(**claims)
    with pytest.raises(TandemChanged, match="names no account") as error:
        await tokens.token()
    tells_nothing(error.value)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("", NoPump),
        (None, NoPump),
        ([], NoPump),
        (7, TandemChanged),
        ("a\nb", TandemChanged),
        ({"id": "a"}, TandemChanged),
        ([["a"]], TandemChanged),
    ],
)
async def test_nobody_named(
    tokens: TokenProvider,
    forger: Forger,
    tells_nothing: Prove,
    value: Any,
    error: type[TandemError],
) -> None:
    """The person is missing, or named in an unknown way."""
    forger.write(pumperId=value)
    with pytest.raises(error) as raised:
        await tokens.token()
    assert type(raised.value) is error
    tells_nothing(raised.value)


async def test_account_claims_missing(tokens: TokenProvider, forger: Forger) -> None:
    """The account claims are left out."""
    forger.write(without=("pumperId", "accountId"))
    with pytest.raises(TandemChanged, match="names no account"):
        await tokens.token()


async def test_keys_are_changed_over_time(
    tandem: SimulatedTandem, tokens: TokenProvider
) -> None:
    """A new key is used as soon as it is published."""
    first = await tokens.token()
    tandem.sign_in.rotate_keys()
    tokens.invalidate(first)
    assert await tokens.token() != first


async def test_another_key_of_the_same_name(
    tandem: SimulatedTandem, tokens: TokenProvider
) -> None:
    """Cached keys that do not match are fetched again before they expire."""
    first = await tokens.token()
    tokens.invalidate(first)
    with patch("demo.tandem.oidc.signing_key", lambda name: signing_key("another")):
        assert await tokens.token() != first
    assert tandem.count("/jwks") == 2


@pytest.mark.parametrize("published", [[], {}, {"keys": None}, {"keys": {}}])
def test_no_list_of_keys(region: Region, published: Any) -> None:
    """A list of keys in another shape is a change of the service."""
    with pytest.raises(TandemChanged, match="lists no keys"):
        read_identity("a.b.c", "", published, region, "nonce")


@pytest.mark.parametrize("id_token", ["", "abc", "a.b.c", "ü.ü.ü", "e30.e30.e30"])
@pytest.mark.parametrize("keys", [[], ["key"], [{}], [{"kid": None}]])
def test_nothing_like_a_token(region: Region, id_token: str, keys: list[Any]) -> None:
    """Any other value in the place of the token is refused."""
    with pytest.raises(IdentityNotVerified) as error:
        read_identity(id_token, "", {"keys": keys}, region, "nonce")
    assert error.value.__context__ is None


@pytest.mark.parametrize(
    "damage",
    [
        {"kty": "oct", "k": "YWJj"},
        {"kty": "unknown"},
        {"kty": None},
        {"n": "!"},
        {"n": 7},
        {"e": None},
    ],
)
async def test_a_damaged_key(
    tandem: SimulatedTandem,
    tokens: TokenProvider,
    tells_nothing: Prove,
    damage: dict[str, Any],
) -> None:
    """A damaged public key verifies nothing."""

    def spoil(answer: Any) -> Any:
        answer["keys"][0] |= damage
        return answer

    tandem.faults.add(Fault(path="/jwks", change=spoil))
    assert "not signed by Tandem" in await refusal(tokens, tells_nothing)


async def test_other_keys_beside_it(
    tandem: SimulatedTandem, tokens: TokenProvider
) -> None:
    """Keys of other kinds in the list are ignored."""

    def more(answer: Any) -> Any:
        others: list[Any] = [None, "key", {"kty": "EC"}, {"kid": "other", "kty": "?"}]
        return {"keys": others + answer["keys"]}

    tandem.faults.add(Fault(path="/jwks", change=more))
    assert (await tokens.token()).access_token
