"""The rights that each feature needs at a Nightscout site, and the roles that have them."""

from collections.abc import Iterable
from typing import Any

from .features import Feature

READ_STATUS = "api:status:read"
TREATMENTS = ("api:treatments:read", "api:treatments:create", "api:treatments:delete")
RIGHTS = {
    Feature.CGM: ("api:entries:read", "api:entries:create", "api:entries:delete"),
    Feature.DEVICE_STATUS: (
        "api:devicestatus:read",
        "api:devicestatus:create",
        "api:devicestatus:delete",
    ),
    Feature.PROFILES: ("api:profile:read", "api:profile:update"),
}
"""The rights, by Nightscout's names, of the features that are not written as treatments."""

ROLES = {
    "readable": "*:*:read",
    "careportal": "api:treatments:create",
    "devicestatus-upload": "api:devicestatus:create",
}
"""The default roles of every Nightscout except admin, with the one right of each."""
ADMIN = "admin"


def needed_rights(features: Iterable[Feature]) -> tuple[str, ...]:
    """Return the rights that these features need, each once; all of them need the site's status."""
    needed = [
        right
        for feature in sorted(features, key=list(Feature).index)
        for right in RIGHTS.get(feature, TREATMENTS)
    ]
    return tuple(dict.fromkeys((READ_STATUS, *needed)))


def needs_careportal(features: Iterable[Feature]) -> bool:
    """Return whether one of these features writes treatments."""
    return any(feature not in RIGHTS for feature in features)


def allows(permission: str, right: str) -> bool:
    """Return whether a permission, which may contain `*` and lists, includes a right."""
    parts, wanted = permission.split(":"), right.split(":")
    return all(
        {"*", part} & set(given.split(","))
        for given, part in zip(parts, wanted, strict=False)
    ) and all(given == "*" for given in parts[len(wanted) :])


def with_role(right: str) -> str:
    """Return a right followed by the role that has it; return any other text, like `careportal`, unchanged."""
    if not right.startswith("api:"):
        return right
    role = next((role for role, has in ROLES.items() if allows(has, right)), ADMIN)
    return f"{right} → {role}"


def read_permissions(answer: Any) -> tuple[str, ...] | None:
    """Return the permissions that a response lists, those of default roles included; None without a list."""
    groups = answer.get("permissionGroups") if isinstance(answer, dict) else None
    if not isinstance(groups, list):
        return None
    return tuple(
        permission
        for group in groups
        if isinstance(group, list)
        for permission in group
        if isinstance(permission, str)
    )
