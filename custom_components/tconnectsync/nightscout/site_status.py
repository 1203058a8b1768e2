"""What a Nightscout site says about itself, and about whoever asks."""

from dataclasses import dataclass
from typing import Any

from .errors import NotNightscout

MG_DL = "mg/dl"
MMOL = "mmol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What Nightscout tells about itself (status.json)."""

    version: str
    units: str
    """`mg/dl` or `mmol`."""
    careportal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a site is, and what a secret lacks there."""

    site: Site | None
    """None when the secret may not read it."""
    missing: tuple[str, ...]
    """The rights that are known to be missing, in Nightscout's own names."""


def read_site(answer: Any) -> Site:
    """Read status.json; raise NotNightscout when it is that of something else."""
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
    """How Nightscout knows whoever asks (verifyauth)."""

    known: bool
    is_admin: bool


def read_authorization(answer: Any) -> Authorization:
    """Read verifyauth, whose status is 200 whatever it says; raise NotNightscout for anything else."""
    said = answer.get("message") if isinstance(answer, dict) else None
    if not isinstance(said, dict):
        raise NotNightscout("answered, but not as Nightscout does")
    return Authorization(
        known=said.get("message") == "OK" or said.get("rolefound") == "FOUND",
        is_admin=said.get("isAdmin") is True,
    )
