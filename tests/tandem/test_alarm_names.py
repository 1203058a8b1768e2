"""Names of alarm and alert numbers: slugs for automations and words for people."""

from collections import defaultdict
import re

import pytest

from custom_components.tconnectsync.tandem import alarm_names
from custom_components.tconnectsync.tandem.enums import AlarmKind

KNOWN = [
    (kind, number)
    for kind, numbers in alarm_names.MEANINGS.items()
    for number in numbers
]


@pytest.mark.parametrize(
    ("kind", "number", "slug", "words"),
    [
        (AlarmKind.ALARM, 2, "occlusion", "Occlusion"),
        (AlarmKind.ALARM, 26, "occlusion", "Occlusion"),
        (AlarmKind.ALARM, 3, "pump_reset", "Pump reset"),
        (AlarmKind.ALARM, 8, "empty_cartridge", "Empty cartridge"),
        (AlarmKind.ALARM, 12, "battery_shutdown", "Battery shutdown: delivery ends"),
        (AlarmKind.ALARM, 16, "cartridge", "Cartridge alarm: change the cartridge"),
        (AlarmKind.ALARM, 21, "altitude", "Altitude: air pressure out of range"),
        (AlarmKind.ALARM, 18, "resume_pump", "Insulin still suspended: resume pump"),
        (AlarmKind.ALERT, 0, "insulin_low", "Insulin low"),
        (AlarmKind.ALERT, 17, "insulin_very_low", "Insulin very low"),
        (AlarmKind.CGM_ALERT, 1, "urgent_low", "Urgent low glucose"),
        (AlarmKind.CGM_ALERT, 14, "out_of_range", "Sensor out of range"),
        (AlarmKind.MALFUNCTION, 9, "malfunction", "Pump malfunction 9"),
        (AlarmKind.ALARM, 13, "other", "Alarm 13"),
        (AlarmKind.ALERT, 99, "other", "Alert 99"),
        (AlarmKind.CGM_ALERT, 99, "other", "CGM alert 99"),
    ],
)
def test_numbers(kind: AlarmKind, number: int, slug: str, words: str) -> None:
    """A number without a meaning keeps its number."""
    assert alarm_names.slug(kind, number) == slug
    assert alarm_names.words(kind, number) == words


@pytest.mark.parametrize(("kind", "number"), KNOWN)
def test_every_slug_can_be_a_state(kind: AlarmKind, number: int) -> None:
    """Slugs use lower case, digits and underscores, as states require; people read a short phrase."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", alarm_names.slug(kind, number))
    words = alarm_names.words(kind, number)
    assert words[0].isupper() and 4 < len(words) <= 50 and not words.endswith(".")


@pytest.mark.parametrize("kind", list(AlarmKind))
def test_the_list_of_slugs_is_complete(kind: AlarmKind) -> None:
    """The list has every slug once, as the event entity needs it for its types."""
    slugs = alarm_names.slugs(kind)
    assert len(set(slugs)) == len(slugs)
    assert {alarm_names.slug(kind, number) for number in range(300)} <= set(slugs)


SHOWN_ALIKE = {
    AlarmKind.ALARM: {
        "occlusion": {2, 26},
        "cartridge": {0, 1, 5, 6, 9, 16, 20, 29, 30, 31, 34},
        "altitude": {21, 24},
    },
    AlarmKind.ALERT: {"battery_low": {2, 3}},
    AlarmKind.CGM_ALERT: {},
}


@pytest.mark.parametrize("kind", SHOWN_ALIKE)
def test_numbers_share_a_slug_where_the_pump_shows_the_same(kind: AlarmKind) -> None:
    """Malfunctions for which the pump asks for another cartridge share a slug; other numbers have their own."""
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for known, number in KNOWN:
        if known is kind:
            numbers[alarm_names.slug(kind, number)].add(number)
    shared = {slug: found for slug, found in numbers.items() if len(found) > 1}
    assert shared == SHOWN_ALIKE[kind]


@pytest.mark.parametrize("kind", list(AlarmKind))
def test_no_slug_is_a_state_that_means_not_known(kind: AlarmKind) -> None:
    """An alarm whose number has no name is still known to be raised."""
    assert not {"unknown", "unavailable"} & set(alarm_names.slugs(kind))
