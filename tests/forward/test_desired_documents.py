"""Only documents of changed days are built again, and the result equals building all of them."""

from datetime import date, timedelta
import operator

from hypothesis import given, settings

from custom_components.tconnectsync.forward.desired_documents import (
    CacheByPump,
    DaysRecords,
    Histories,
    changed_from,
    documents_on,
)
from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.therapy.history import Derivation, derive
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from tests.uploaded_lives import BERLIN, PUMPS, START, Moment, derived, lives, typed


def every(moment: Moment, histories: Histories) -> dict[date, list[Document]]:
    """Return all documents by day, built without reusing earlier ones."""
    found: dict[date, list[Document]] = {}
    for pump, history in histories.items():
        others = {other: one for other, one in histories.items() if other != pump}
        for document in documents(
            history, pump, moment.features, moment.starts, others=others
        ):
            found.setdefault(document.day, []).append(document)
    return found


@settings(max_examples=25)
@given(life=lives())
def test_what_is_built_of_changed_days_is_what_is_wanted_of_all(
    life: list[Moment],
) -> None:
    """After late events, a clock change, a missing pump or a new feature, each day has its current documents."""
    settled: DaysRecords = {}
    kept: CacheByPump = {}
    built = ResultCache()
    held: dict[date, list[Document]] = {}
    derivations = [Derivation() for _ in PUMPS]
    for moment in life:
        histories = derived(moment, derivations)
        days, different = changed_from(
            histories, moment.features, moment.starts, settled, kept
        )
        settled, changed = days, documents_on(different, built)
        held = {day: changed[day] if day in changed else held[day] for day in days}
        wanted = every(moment, derived(moment, [Derivation() for _ in PUMPS]))
        assert {day: of_day for day, of_day in held.items() if of_day} == wanted
        assert [one.hash for of_day in held.values() for one in of_day] == [
            one.hash for day in held for one in wanted.get(day, ())
        ]


def test_an_hour_changes_no_day_but_its_own() -> None:
    """One more hour with every feature on leaves the documents of earlier days, and those sent of this day, as they are."""
    features = frozenset(Feature)
    starts = dict.fromkeys(features, START.date())
    settled: DaysRecords = {}
    kept: CacheByPump = {}
    built = ResultCache()
    documents: list[Document] = []
    evening = max(event.pump_time for event in typed(1)[0] if event).replace(
        hour=18, minute=0
    ) - timedelta(days=1)
    for hour in range(4):
        until = evening + timedelta(hours=hour)
        events = [event for event in typed(1)[0] if event and event.pump_time <= until]
        histories = {PUMPS[0]: derive(events, [], BERLIN, None)}
        before = settled
        settled, changed = changed_from(histories, features, starts, settled, kept)
        if hour:
            assert all(
                is_same
                for day in settled.keys() - changed.keys()
                for is_same in map(operator.is_, settled[day], before[day])
            )
            assert changed.keys() == {until.date()}
        earlier = set(map(id, documents))
        documents = documents_on(changed, built)[until.date()]
        if hour:
            new = [one for one in documents if id(one) not in earlier]
            assert 0 < len(new) < len(documents) / 4
    assert len(settled) > 3
