"""The token of a sign-in, which gives access to one account for some hours."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from .safe_text import is_header_safe

RENEW_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Access to one account until expires_at (UTC), stored across restarts."""

    access_token: str = field(repr=False)
    expires_at: datetime
    pumper_id: str = field(repr=False)
    account_id: str = field(repr=False)
    pumper_ids: tuple[str, ...] = field(default=(), repr=False)
    """Everybody whose pumps the account may see, where it names more than one person."""
    cookies: tuple[str, ...] = field(default=(), repr=False)
    """The cookies by which Tandem recognises the visitor, so that the password need not be sent."""

    @property
    def valid(self) -> bool:
        """Whether it is valid for at least five more minutes."""
        return datetime.now(UTC) < self.expires_at - RENEW_BEFORE

    def as_dict(self) -> dict[str, Any]:
        """Return the token as JSON for a private file."""
        return {
            "access_token": self.access_token,
            "expires_at": self.expires_at.isoformat(),
            "pumper_id": self.pumper_id,
            "account_id": self.account_id,
            "pumper_ids": list(self.pumper_ids),
            "cookies": list(self.cookies),
        }

    @classmethod
    def from_dict(cls, stored: Any) -> Self | None:
        """Return the token that as_dict returned, None where it is damaged."""
        match stored:
            case {
                "access_token": str(access_token),
                "expires_at": str(expires_at),
                "pumper_id": str(pumper_id),
                "account_id": str(account_id),
            } if all(map(is_header_safe, (access_token, pumper_id, account_id))):
                try:
                    until = datetime.fromisoformat(expires_at)
                except ValueError:
                    return None
                return (
                    None
                    if until.tzinfo is None
                    else cls(
                        access_token=access_token,
                        expires_at=until,
                        pumper_id=pumper_id,
                        account_id=account_id,
                        pumper_ids=_header_safe(stored.get("pumper_ids")),
                        cookies=_header_safe(stored.get("cookies")),
                    )
                )
            case _:
                return None


def _header_safe(stored: Any) -> tuple[str, ...]:
    return tuple(filter(is_header_safe, stored)) if isinstance(stored, list) else ()
