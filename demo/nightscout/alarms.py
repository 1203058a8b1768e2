"""Find treatments that would silence Nightscout's alarms."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .dates import read_date
from .documents import Document

SNOOZE = timedelta(minutes=10)
BY_A_PERSON = frozenset(
    {"BG Check", "Meal Bolus", "Carb Correction", "Correction Bolus"}
)
AUTOMATIC = ("loop://", "openaps://")


def snoozes(treatment: Document, now: datetime) -> bool:
    """Tell whether a treatment is so young, and of such a kind, that alarms are snoozed for it."""
    moment = read_date(treatment.get("created_at"))
    if moment is None or not timedelta(0) <= now - moment < SNOOZE:
        return False
    if treatment.get("isAnnouncement"):
        return False
    entered_by = str(treatment.get("enteredBy", ""))
    return (
        not entered_by.startswith(AUTOMATIC)
        or treatment.get("eventType") in BY_A_PERSON
    )


def snoozed_by(treatments: Iterable[Document], now: datetime) -> list[Document]:
    """Return the treatments that would silence the alarms now if they were the newest."""
    return [treatment for treatment in treatments if snoozes(treatment, now)]
