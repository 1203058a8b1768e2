"""Decide on access: API secret, access tokens, permissions, and the delay after a refusal."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha1, sha512
import re
import time
from typing import Any

import jwt

ADMIN = ("*",)
READABLE = ("*:*:read",)
CAREPORTAL = ("*:*:read", "api:treatments:create")
ROLES = {
    "admin": ADMIN,
    "denied": (),
    "status-only": ("api:status:read",),
    "readable": READABLE,
    "careportal": ("api:treatments:create",),
    "devicestatus-upload": ("api:devicestatus:create",),
    "activity": ("api:activity:create",),
}
TOKEN_LIFETIME = 8 * 3600
"""Seconds for which a token from the authorization request is valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Someone an access token was made for."""

    name: str
    digest: str
    permissions: tuple[str, ...]

    @property
    def token(self) -> str:
        """The access token: a short name and 16 hex digits."""
        name = re.sub(r"\W", "", self.name.lower(), flags=re.ASCII)
        return f"{name[:10]}-{self.digest[:16]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a request may do, and on whose account."""

    permissions: tuple[str, ...] = ()
    subject: Subject | None = None
    default: bool = False

    def allows(self, wanted: str) -> bool:
        """Return whether one of the permissions covers the wanted one."""
        return any(covers(permission, wanted) for permission in self.permissions)


def covers(permission: str, wanted: str) -> bool:
    """Tell whether `api:*:read` or the like covers `api:treatments:read`."""
    parts = [set(part.split(",")) for part in permission.split(":")]
    for number, part in enumerate(wanted.split(":")):
        if number >= len(parts):
            return True
        if "*" not in parts[number] and not set(part.split(",")) <= parts[number]:
            return False
    return all("*" in part for part in parts[wanted.count(":") + 1 :])


class Access:
    """The secret, the tokens and the addresses that have to wait."""

    def __init__(
        self, api_secret: str, default_roles: tuple[str, ...], refusal_delay: float
    ) -> None:
        """Start without tokens; `refusal_delay` is in seconds."""
        self.api_secret = api_secret
        self.refusal_delay = refusal_delay
        self.default_roles = default_roles
        self.subjects: dict[str, Subject] = {}
        self._wait_until: dict[str, float] = {}

    @property
    def default_permissions(self) -> tuple[str, ...]:
        """What someone without secret or token may do."""
        return tuple(
            permission for role in self.default_roles for permission in ROLES[role]
        )

    def add_token(self, name: str, permissions: Iterable[str]) -> str:
        """Make an access token; the same name gets the same token again."""
        digest = sha1(f"{self.api_secret}{name}".encode()).hexdigest()
        self.subjects[name] = subject = Subject(
            name=name, digest=digest, permissions=tuple(permissions)
        )
        return subject.token

    def find(self, token: str) -> Subject | None:
        """Find the subject of an access token; only the part after the last dash counts."""
        digits = token.rpartition("-")[2]
        if len(digits) < 16:
            return None
        return next(
            (s for s in self.subjects.values() if s.digest.startswith(digits)), None
        )

    async def resolve(
        self, address: str, *, secret: str | None, token: str | None
    ) -> Grant:
        """Return the permissions of a request, after the delay that its address has earned."""
        await self._wait(address)
        if not secret and not token:
            return Grant(permissions=self.default_permissions, default=True)
        if secret and self._is_api_secret(secret):
            self._wait_until.pop(address, None)
            return Grant(permissions=ADMIN)
        subject = (
            self._read_jwt(token) or self.find(token or "") or self.find(secret or "")
        )
        if subject is None:
            self.refuse(address)
            return Grant()
        self._wait_until.pop(address, None)
        return Grant(
            permissions=subject.permissions + self.default_permissions, subject=subject
        )

    def refuse(self, address: str) -> None:
        """Note a failed sign-in: every one more lengthens the wait."""
        now = time.monotonic()
        self._wait_until[address] = (
            max(now, self._wait_until.get(address, now)) + self.refusal_delay
        )

    def authorize(self, token: str) -> dict[str, Any] | None:
        """Answer an authorization request for an access token; None for an unknown token."""
        if (subject := self.find(token)) is None:
            return None
        issued = int(time.time())
        claims = {
            "accessToken": subject.token,
            "iat": issued,
            "exp": issued + TOKEN_LIFETIME,
        }
        groups = [
            list(subject.permissions),
            *(list(ROLES[role]) for role in self.default_roles),
        ]
        return {
            "token": jwt.encode(claims, self._signing_key, algorithm="HS256"),
            "sub": subject.name,
            "permissionGroups": groups,
            "iat": issued,
            "exp": issued + TOKEN_LIFETIME,
        }

    async def _wait(self, address: str) -> None:
        remaining = self._wait_until.get(address, 0) - time.monotonic()
        if remaining > 0:
            await asyncio.sleep(remaining)

    def _is_api_secret(self, given: str) -> bool:
        secret = self.api_secret.encode()
        return given.lower() in {sha1(secret).hexdigest(), sha512(secret).hexdigest()}

    def _read_jwt(self, token: str | None) -> Subject | None:
        if token is None:
            return None
        try:
            claims = jwt.decode(token, self._signing_key, algorithms=["HS256"])
        except jwt.InvalidTokenError:
            return None
        return self.find(claims.get("accessToken", ""))

    @property
    def _signing_key(self) -> str:
        return sha512(f"jwt {self.api_secret}".encode()).hexdigest()
