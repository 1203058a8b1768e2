"""Which documents a Nightscout site is to hold of which pump days."""

from collections import defaultdict
from collections.abc import Collection as AnyOf, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.nightscout.document import Document, PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem import Pumper
from custom_components.tconnectsync.therapy.history import History
from homeassistant.util import dt as dt_util

from .feature_starts import Starts

type Histories = Mapping[PumpIdentity, History]
"""What happened, by the pump that logged it."""
type Desired = dict[date, list[Document]]
"""What is to be held of each pump day that is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some pump days that are brought in step by themselves."""

    days: frozenset[date]
    features: frozenset[Feature]
    """Those that are compared."""
    starts: Starts
    """Of these and of the features that are on."""
    resend: bool = False
    """Send again what the site no longer has."""


def by_identity(pumper: Pumper, histories: Mapping[str, History]) -> Histories:
    """Return what happened by the pump that logged it, instead of by its serial number alone."""
    models = {pump.serial_number: pump.model for pump in pumper.pumps}
    return {
        PumpIdentity(
            serial_number=serial_number, model=models.get(serial_number, "")
        ): history
        for serial_number, history in histories.items()
    }


def desired_from(
    histories: Histories, features: AnyOf[Feature], starts: Starts
) -> Desired:
    """Return the documents of each day from the first start up to the day after the newest event.

    Empty days are included; this machine's clock alone makes no day of the future one.
    """
    found: defaultdict[date, list[Document]] = defaultdict(list)
    for document in _documents(histories, features, starts):
        found[document.day].append(document)
    before = min(starts.values(), default=date.max) - ONE_DAY
    today = dt_util.utcnow().date()
    logged = (
        min(today, end.pump_time.date()) + ONE_DAY
        for history in histories.values()
        if (end := history.newest_logged)
    )
    last = max([*found, *logged], default=before)
    return {
        day: found.get(day, [])
        for day in (before + ONE_DAY * n for n in range(1, (last - before).days + 1))
    }


def desired_on(histories: Histories, features: AnyOf[Feature], span: Span) -> Desired:
    """Return the documents of each day of a span; the other features that are on give them their form."""
    desired: Desired = {day: [] for day in span.days}
    every = span.features.union(features)
    for document in _documents(histories, every, span.starts, span.days):
        if document.feature in span.features:
            desired[document.day].append(document)
    return desired


def _documents(
    histories: Histories,
    features: AnyOf[Feature],
    starts: Starts,
    days: frozenset[date] | None = None,
) -> Iterator[Document]:
    for pump, history in histories.items():
        others = [one for other, one in histories.items() if other != pump]
        yield from documents(history, pump, features, starts, days, others=others)
