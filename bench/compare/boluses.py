"""Boluses: tconnectsync sends one document for each part; the integration one, with doses for an extended part."""

from .common_form import WrittenDocument
from .differences import Found
from .groups import Group
from .times import check_here, check_there, compare_times
from .truth import Logged, Truth

CODES = {20, 21, 55, 59, 64, 65, 66, 280}
ENDS = {20, 21}
ROUNDING = 0.0051
"""U for each document there, where amounts have two digits."""
EXACT = 1e-6


def compare_boluses(group: Group, truth: Truth, found: Found) -> None:
    """Compare everything that is sent of one bolus."""
    whole = [one for one in group.here if not one.dose]
    doses = [one for one in group.here if one.dose]
    if len(whole) != 1:
        found.wrong(f"a bolus lost or doubled: {group}")
        return
    (here,) = whole
    _presence(group, here, found)
    _doses(group, doses, here, found)
    begin = _begin(group)
    if not group.there:
        check_here(here, begin, found)
        return
    for there in group.there:
        end = truth.events[there.numbers[0]]
        if end.code == 21 and 20 in group.codes:
            check_there(there, end, truth, found)
        else:
            compare_times(
                there,
                here,
                events=(end, begin),
                truth=truth,
                found=found,
                by_another="bolus-by-its-start",
            )
    _type(group, here, found)
    _amounts(group, here, sum(one.insulin for one in doses), found)


def _doses(
    group: Group, doses: list[WrittenDocument], here: WrittenDocument, found: Found
) -> None:
    """Check that an extended part is sent while it is delivered, and counted only once."""
    if not doses:
        return
    ends = [event.instant for event in group.events if event.code == 21]
    late = [one for one in doses if ends and one.at > max(ends)]
    if late or any(one.at < here.second or one.type != "SMB" for one in doses):
        found.wrong(f"not sent while it flowed: {group}")
    if len({one.at for one in doses}) != len(doses):
        found.wrong(f"doses of one instant: {group}")
    found.require(here.type == "Combo Bolus", "extended-bolus-as-it-flows", group)


def _presence(group: Group, here: WrittenDocument, found: Found) -> None:
    ends = [event for event in group.events if event.code in ENDS]
    if len(ends) > len(group.there):
        found.wrong(f"an end that is not sent there: {group}")
    if not ends:
        found.note("bolus-whose-end-has-not-come")


def _begin(group: Group) -> Logged:
    """Return the best event for the start of delivery: 55 or 59, else 280, else the request, else the end."""
    for code in (55, 59, 280, 64):
        for event in group.events:
            if event.code == code and event.properties.get("bolusDeliveryStatus") != 0:
                return event
    return group.events[-1]


def _type(group: Group, here: WrittenDocument, found: Found) -> None:
    gave = here.insulin or here.carbs
    if here.type == "Note":
        found.require(not gave, "bolus-that-gave-nothing", group)
    elif here.type != "Combo Bolus":
        asked = [event for event in group.events if event.code == 64]
        automatic = any(event.properties["bolusType"] == 2 for event in asked)
        kind = (
            "SMB" if automatic else "Meal Bolus" if here.carbs else "Correction Bolus"
        )
        found.require(here.type == kind, "kinds-of-bolus", group)


def _amounts(group: Group, here: WrittenDocument, later: float, found: Found) -> None:
    there = sum(one.insulin for one in group.there)
    insulin = here.insulin + later
    if abs(there - insulin) > ROUNDING * len(group.there):
        found.require(
            bool(later) and 21 not in group.codes,
            "extended-part-on-its-way",
            f"{there} U there, {insulin} U here: {group}",
        )
    elif abs(there - insulin) > EXACT:
        found.note("bolus-rounded")
    carbs = sum(one.carbs for one in group.there)
    glucose = next((one.glucose for one in group.there if one.glucose), None)
    if carbs and not here.carbs and not insulin and glucose == here.glucose:
        found.note("meal-entered-again")
    elif carbs != here.carbs or glucose != here.glucose:
        found.require(
            not carbs and not glucose and 20 not in group.codes,
            "carbs-of-a-wholly-extended-bolus",
            f"{carbs} g, glucose {glucose} there, {here.carbs} g, {here.glucose} here: {group}",
        )
