"""Records derived from changed parts of a log equal records derived from the complete log."""

from hypothesis import given, settings

from custom_components.tconnectsync.therapy.history import Derivation, derive
from custom_components.tconnectsync.therapy.history_joining import KINDS
from tests.uploaded_lives import PUMPS, Moment, by_day, lives


@settings(max_examples=40)
@given(life=lives())
def test_what_is_kept_changes_nothing(life: list[Moment]) -> None:
    """The results are equal after late events, a moved clock, another zone, forgotten days and uploads.

    Records of each kind are in the order of the log.
    """
    kept = [Derivation() for _ in PUMPS]
    for moment in life:
        for derivation, events, uploads in zip(
            kept, moment.events, moment.uploads, strict=True
        ):
            view = (), moment.zone, moment.last_upload, uploads
            found = derivation.derive(by_day(events), *view)
            for kind in KINDS:
                places = [record.key for record in getattr(found, kind)]
                assert places == sorted(places)
            assert found == derive(events, *view)
            assert found == derivation.derive(by_day(reversed(events)), *view)
