"""The status of a Nightscout site, and the authorization of a secret there."""

from dataclasses import dataclass
from typing import Any

from .errors import NotNightscout

MG_DL = "mg/dl"
MMOL = "mmol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The status of a site (status.json)."""

    version: str
    units: str
    """`mg/dl` or `mmol`."""
    careportal: bool
    """Whether treatments can be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The status of a site, and the rights that a secret lacks there."""

    site: Site | None
    """None if the secret may not read it."""
    missing: tuple[str, ...]
    """The rights that are known to be missing, by Nightscout's names."""


def read_site(answer: Any) -> Site:
    """Read status.json; raise NotNightscout if it is not Nightscout's."""
    settings = answer.get("settings") if isinstance(answer, dict) else None
    version = answer.get("version") if isinstance(answer, dict) else None
    if not isinstance(settings, dict) or not isinstance(version, str):
        raise NotNightscout("answered, but not as Nightscout does")
    units = str(settings.get("units", "")).lower()
    return Site(
        version=version,
        units=MMOL if units.startswith(MMOL) else MG_DL,
        careportal=answer.get("careportalEnabled") is not False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """How Nightscout knows a secret (verifyauth)."""

    known: bool
    is_admin: bool


def read_authorization(answer: Any) -> Authorization:
    """Read verifyauth, whose status is 200 even for an unknown secret; raise NotNightscout for anything else."""
    message = answer.get("message") if isinstance(answer, dict) else None
    if not isinstance(message, dict):
        raise NotNightscout("answered, but not as Nightscout does")
    return Authorization(
        known=message.get("message") == "OK" or message.get("rolefound") == "FOUND",
        is_admin=message.get("isAdmin") is True,
    )
