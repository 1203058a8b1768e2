"""What a Nightscout site is, and what a secret may do there."""

from dataclasses import dataclass
from typing import Any

from .errors import NotNightscout

MG_DL = "mg/dl"
MMOL = "mmol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A site's version and glucose unit, and what may be done with treatments there."""

    version: str
    units: str
    """`mg/dl` or `mmol`."""
    careportal: bool
    can_read: bool
    can_create: bool
    can_delete: bool
    can_update: bool | None
    """None: only writing a profile would tell."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What is known to be missing, in Nightscout's own names."""
        lacks = {
            "careportal": not self.careportal,
            "api:treatments:read": not self.can_read,
            "api:treatments:create": not self.can_create,
            "api:treatments:delete": not self.can_delete,
            "api:profile:update": self.can_update is False,
        }
        return tuple(name for name, lack in lacks.items() if lack)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What Nightscout tells about itself (status.json)."""

    version: str
    units: str
    careportal: bool


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
class Standing:
    """How Nightscout knows whoever asks (verifyauth)."""

    known: bool
    is_admin: bool


def read_standing(answer: Any) -> Standing:
    """Read verifyauth, whose status is 200 whatever it says."""
    said = answer.get("message") if isinstance(answer, dict) else None
    if not isinstance(said, dict):
        raise NotNightscout("answered, but not as Nightscout does")
    return Standing(
        known=said.get("message") == "OK" or said.get("rolefound") == "FOUND",
        is_admin=said.get("isAdmin") is True,
    )
