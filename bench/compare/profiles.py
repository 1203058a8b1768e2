"""The profile store."""

from typing import Any

from .differences import Found

SAME = ("basal", "carbratio", "sens", "carbs_hr", "delay", "timezone", "units")


def compare_profiles(
    there: list[dict[str, Any]], here: list[dict[str, Any]], found: Found
) -> None:
    """Compare the newest profile documents of both sites (oldest first)."""
    if not there or not here:
        if there or here:
            found.wrong("profiles sent by one only")
        return
    old, new = there[-1], here[-1]
    if old["defaultProfile"] != new["defaultProfile"]:
        found.wrong(
            f"active: {old['defaultProfile']} there, {new['defaultProfile']} here"
        )
    if old["store"].keys() != new["store"].keys():
        found.wrong(f"profiles: {[*old['store']]} there, {[*new['store']]} here")
    if old["startDate"] != new["startDate"]:
        found.note("profiles-by-their-upload")
    for name in old["store"].keys() & new["store"].keys():
        _compare(name, old["store"][name], new["store"][name], found)


def _compare(
    name: str, there: dict[str, Any], here: dict[str, Any], found: Found
) -> None:
    for field in SAME:
        old, new = _numbers(there.get(field)), _numbers(here.get(field))
        if isinstance(old, list) and old and old[0][0] and new[1:] == old:
            found.require(new[0][0] == 0, "profiles-from-midnight-on", name)
        elif old != new:
            found.wrong(
                f"profile {name}, {field}: {there.get(field)}; {here.get(field)}"
            )
    if float(there["dia"]) != float(here["dia"]):
        found.wrong(f"profile {name}: dia {there['dia']} there, {here['dia']} here")
    for field in ("target_low", "target_high"):
        if _numbers(there[field]) != _numbers(here.get(field)):
            targets = here.get("target_low") == here.get("target_high")
            found.require(targets, "targets-are-not-alert-limits", name)


def _numbers(entries: Any) -> Any:
    """Return entries by the second of the day at which they start."""
    if not isinstance(entries, list):
        return entries
    return [(one["timeAsSeconds"], float(one["value"])) for one in entries]
