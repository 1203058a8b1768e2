"""Treatments that silence the simulated Nightscout's alarms, the urgent low included."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from demo.nightscout.alarms import snoozed_by

from .nightscout_site import ago, nightscout_site, treatment

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event_type", "entered_by", "silences"),
    [
        ("Note", "tconnectsync", True),
        ("Temp Basal", "Pump (tconnectsync)", True),
        ("Note", "loop://tconnectsync", False),
        ("SMB", "openaps://somewhere", False),
        ("Temp Basal", "loop://tconnectsync", False),
        ("Meal Bolus", "loop://tconnectsync", True),
        ("Correction Bolus", "loop://tconnectsync", True),
        ("Carb Correction", "loop://tconnectsync", True),
        ("BG Check", "loop://tconnectsync", True),
        ("Announcement", "tconnectsync", False),
    ],
)
async def test_a_young_treatment_silences_unless_automatic(
    event_type: str, entered_by: str, silences: bool
) -> None:
    """Only announcements and treatments by a loop leave alarms on; a person's bolus silences them."""
    async with nightscout_site() as site:
        await site.post(
            "treatments",
            treatment(ago(minutes=5), eventType=event_type, enteredBy=entered_by),
        )
        assert bool(site.server.snoozed_alarms()) is silences
        assert not site.server.snoozed_alarms(datetime.now(UTC) + timedelta(minutes=5))


async def test_someone_without_a_name_silences() -> None:
    """A treatment without a name counts as a person's."""
    async with nightscout_site() as site:
        nameless = treatment(ago(minutes=1))
        del nameless["enteredBy"]
        await site.post("treatments", nameless)
        assert len(site.server.snoozed_alarms()) == 1


@given(seconds=st.integers(-1200, 1200))
def test_only_the_last_ten_minutes_count(seconds: int) -> None:
    """A treatment in the future or ten minutes old silences nothing."""
    note = treatment((NOON - timedelta(seconds=seconds)).isoformat())
    assert bool(snoozed_by([note], NOON)) is (0 <= seconds < 600)
