"""The token of a sign-in: leave to read one account for some hours."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from .safe_text import is_header_safe

RENEW_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Leave to read one account until expires_at (UTC), worth keeping across restarts."""

    access_token: str = field(repr=False)
    expires_at: datetime
    pumper_id: str = field(repr=False)
    account_id: str = field(repr=False)
    pumper_ids: tuple[str, ...] = field(default=(), repr=False)
    """Of everybody whose pumps the account may see, where it names more than one."""
    cookies: tuple[str, ...] = field(default=(), repr=False)
    """Those by which Tandem knows the visitor again, so that the password need not be sent."""

    @property
    def valid(self) -> bool:
        """Whether it lasts for some more minutes."""
        return datetime.now(UTC) < self.expires_at - RENEW_BEFORE

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON for a private file."""
        return {
            "access_token": self.access_token,
            "expires_at": self.expires_at.isoformat(),
            "pumper_id": self.pumper_id,
            "account_id": self.account_id,
            "pumper_ids": list(self.pumper_ids),
            "cookies": list(self.cookies),
        }

    @classmethod
    def from_dict(cls, kept: Any) -> Self | None:
        """Return what as_dict gave, None when it is damaged."""
        match kept:
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
                        pumper_ids=_header_safe(kept.get("pumper_ids")),
                        cookies=_header_safe(kept.get("cookies")),
                    )
                )
            case _:
                return None


def _header_safe(kept: Any) -> tuple[str, ...]:
    return tuple(filter(is_header_safe, kept)) if isinstance(kept, list) else ()
