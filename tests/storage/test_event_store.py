"""The stored events of a pump: each once, raw on disk, typed in memory, for five weeks."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, override

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.tconnectsync.storage.event_store import EventStore
from custom_components.tconnectsync.storage.private_files import (
    FileContent,
    PrivateFile,
)
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    PumpEvent,
    RawEvent,
)
from tests.raw_events import event, files_in, numbers

TODAY = date(2026, 5, 14)
ONE_DAY = timedelta(days=1)


def _cut(path: Path) -> None:
    """Lose the end of a file."""
    path.write_bytes(path.read_bytes()[:-1])


def _replaced(path: Path) -> None:
    """Put other bytes of the same length into a file."""
    path.write_bytes(path.read_bytes()[::-1])


class TestPump:
    """The events of one pump."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> EventStore:
        """An empty store."""
        return EventStore(tmp_path / "pump")

    def test_nothing_is_held_at_first(self, store: EventStore) -> None:
        """A new pump has no days, no events and nothing to load."""
        store.load()
        assert store.days == []
        assert store.newest_day is None
        assert store.events() == []

    def test_events_are_kept_by_pump_day(
        self, store: EventStore, tmp_path: Path
    ) -> None:
        """Each day has its own file and is reported when an event is added to it."""
        raws = [event(1, "2026-05-13T23:59:59"), event(2, "2026-05-14T00:00:00")]
        assert store.add(raws) == {TODAY - ONE_DAY, TODAY}
        assert store.days == [TODAY - ONE_DAY, TODAY]
        names = [path.name for path in files_in(tmp_path)]
        assert names == ["2026-05-13.json", "2026-05-14.json"]

    def test_repeats_are_dropped(self, store: EventStore, tmp_path: Path) -> None:
        """An event that is stored already, or added twice at once, is not new and is not written."""
        assert store.add([event(1), event(1), event(2)]) == {TODAY}
        written = files_in(tmp_path)[0].stat().st_mtime_ns
        assert store.add([event(2), event(1)]) == set()
        assert files_in(tmp_path)[0].stat().st_mtime_ns == written
        assert numbers(store) == [1, 2]

    def test_a_day_of_which_the_same_comes_again_is_not_read(
        self, store: EventStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every upload repeats three days; only the last of them has new events."""
        yesterday = event(1, "2026-05-13T12:00:00")
        store.add([yesterday, event(2)])
        read: list[Path] = []
        read_content = PrivateFile.read_content

        def counted(self: PrivateFile) -> FileContent | None:
            read.append(self._path)
            return read_content(self)

        monkeypatch.setattr(PrivateFile, "read_content", counted)
        assert store.add([event(2), yesterday]) == set()
        assert read == []
        assert store.add([yesterday, event(2), event(3)]) == {TODAY}
        assert [path.stem for path in read] == [TODAY.isoformat()]
        assert numbers(store) == [1, 2, 3]

    @pytest.mark.parametrize("damage", [Path.unlink, _cut, _replaced])
    def test_a_file_that_was_damaged_meanwhile_is_made_good(
        self, store: EventStore, tmp_path: Path, damage: Callable[[Path], object]
    ) -> None:
        """The file is repaired although the events are the same, and the store reports that some were lost."""
        raws = [event(1), event(2), event(3)]
        store.add(raws)
        damage(files_in(tmp_path)[0])
        store.add(raws)
        assert store.damaged
        again = EventStore(tmp_path / "pump")
        again.load()
        assert numbers(again) == [1, 2, 3]

    @pytest.mark.parametrize("properties", [None, {}, {"commandedRate": "soon"}])
    def test_what_came_without_its_content_is_read_once_that_comes(
        self, store: EventStore, tmp_path: Path, properties: object
    ) -> None:
        """Tandem may send an event without its content first; later incomplete copies do not replace the complete one."""
        half = event(2) | {"eventProperties": properties}
        store.add([event(1), half])
        assert [type(one) is PumpEvent for one in store.events()] == [False, True]
        assert store.add([event(1), half]) == set()
        assert store.add([event(1), event(2)]) == {TODAY}
        assert store.add([event(1), half]) == set()
        again = EventStore(tmp_path / "pump")
        again.load()
        assert not again.damaged
        for one in (store, again):
            assert numbers(one) == [1, 2]
            assert not any(type(each) is PumpEvent for each in one.events())
            assert one.add([event(1), event(2)]) == set()

    @pytest.mark.parametrize(
        ("code", "key"),
        [(4, "alertId"), (5, "alarmId"), (6, "malfId"), (171, "dalertId")],
    )
    def test_an_alarm_gets_its_number_once_that_comes(
        self, store: EventStore, tmp_path: Path, code: int, key: str
    ) -> None:
        """The alarm is raised without its number; later copies do not remove the number."""
        whole = event(2) | {"eventCode": code, "eventProperties": {key: 2}}
        half = whole | {"eventProperties": None}
        store.add([half])
        assert store.add([half]) == set()
        assert store.add([whole]) == {TODAY}
        assert store.add([half]) == set()
        again = EventStore(tmp_path / "pump")
        again.load()
        for one in (store, again):
            [raised] = one.events()
            assert isinstance(raised, AlarmRaised)
            assert raised.alarm == 2
            assert one.add([whole]) == set()

    def test_days_may_come_while_it_is_asked_how_far_it_reaches(
        self, store: EventStore
    ) -> None:
        """A thread adds days while another asks for the newest one."""
        store.add([event(1), event(2, "2026-05-15T12:00:00")])

        class Asked(datetime):
            @override
            def __le__(self, other: Any) -> bool:
                store.add([event(3, "2026-05-16T12:00:00")])
                return super().__le__(other)

        assert store.reaches(Asked(2026, 5, 14, 13))

    def test_a_later_group_may_count_from_one_again(self, store: EventStore) -> None:
        """The same number in another group is another event."""
        store.add([event(1), event(1) | {"sequenceGroup": 1}])
        assert len(store.events()) == 2

    def test_the_newest_day_is_that_of_the_log(self, store: EventStore) -> None:
        """A clock that once ran ahead does not determine the newest day."""
        store.add([event(1, "2026-06-30T12:00:00"), event(2)])
        assert store.newest_day == TODAY

    @given(
        logged=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3))),
        restarted=st.booleans(),
    )
    def test_from_the_end_of_the_log_on(
        self, logged: list[tuple[int, int]], restarted: bool
    ) -> None:
        """Events are listed newest first by their place in the log, for any reading order and any clock moves."""
        with TemporaryDirectory() as folder:
            store = EventStore(Path(folder))
            for number, (group, day) in reversed([*enumerate(logged)]):
                raw = event(number, f"2026-05-1{day}T12:00:00")
                store.add([raw | {"sequenceGroup": group}])
            if restarted:
                store = EventStore(Path(folder))
                store.load()
            found = [one.key for one in store.newest_first()]
            assert found == sorted((one.key for one in store.events()), reverse=True)
            assert len(found) == len(logged)

    def test_what_was_written_is_there_after_a_restart(
        self, store: EventStore, tmp_path: Path
    ) -> None:
        """Stored events are restored and typed as before."""
        store.add([event(1), event(2, "2026-05-13T08:00:00")])
        again = EventStore(tmp_path / "pump")
        again.load()
        assert again.events() == store.events()
        assert not again.damaged

    def test_raw_events_are_given_without_padding(self, store: EventStore) -> None:
        """Raw events are returned as they arrived, without padding and without fields that name the pump."""
        store.add([event(1, spare1=0, reserved=[], note=5)])
        (raw,) = store.raws(TODAY)
        assert raw == {
            "eventCode": 279,
            "sequenceGroup": 0,
            "sequenceNumber": 1,
            "pumpDateTime": "2026-05-14T12:00:00",
            "eventProperties": {
                "commandedRate": 800,
                "commandedRateSource": 1,
                "profileBasalRate": 800,
                "note": 5,
            },
        }
        assert store.raws(TODAY - ONE_DAY) == []

    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param({}, id="empty"),
            pytest.param(event(1) | {"pumpDateTime": "soon"}, id="without a time"),
            pytest.param(event(1, rate=2**70), id="a number beyond any file"),
            pytest.param(event(1, note="\ud800"), id="half a letter"),
        ],
    )
    def test_what_cannot_be_kept_is_counted(
        self, store: EventStore, raw: RawEvent
    ) -> None:
        """An event that makes no sense does not keep the others from being stored."""
        assert store.add([raw, event(2)]) == {TODAY}
        assert numbers(store) == [2]
        assert store.unreadable == 1

    def test_properties_need_not_be_any(self, store: EventStore) -> None:
        """An event without properties is stored without properties."""
        store.add([event(1) | {"eventProperties": None}])
        assert store.raws(TODAY)[0]["eventProperties"] is None

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b'{"version":2,"data":[]}',
            b'{"version":1,"data":[[279,0]]}',
            b'{"version":1,"data":7}',
        ],
    )
    def test_a_day_that_cannot_be_read_is_missed(
        self, store: EventStore, tmp_path: Path, content: bytes
    ) -> None:
        """The other days are restored; the damaged day returns when it is read again."""
        raws = [event(1, "2026-05-13T08:00:00"), event(2)]
        store.add(raws)
        damaged = tmp_path / "pump" / "2026-05-13.json"
        damaged.write_bytes(content)
        again = EventStore(tmp_path / "pump")
        again.load()
        assert again.damaged
        assert again.days == [TODAY]
        assert damaged.with_suffix(".aside").read_bytes() == content
        assert again.add(raws) == {TODAY - ONE_DAY}
        assert numbers(again) == [1, 2]

    def test_days_that_no_version_counted(
        self, store: EventStore, tmp_path: Path
    ) -> None:
        """A day without a file between others is missing, unless a clock ran far ahead."""
        days = ("2026-05-11", "2026-05-12", "2026-05-14", "2027-05-14")
        store.add(event(n, f"{day}T12:00:00") for n, day in enumerate(days, start=1))
        again = EventStore(tmp_path / "pump")
        again.load()
        assert again.incomplete_days(date.max) == [date(2026, 5, 13)]
        again.load({date(2026, 5, 11): 1})
        assert not again.damaged

    def test_what_is_not_there_again_stays_missed(
        self, store: EventStore, tmp_path: Path
    ) -> None:
        """Events that a second read does not return stay missing, because they could be any events."""
        store.load({TODAY: 2, TODAY - ONE_DAY: 1})
        assert store.lost_days == 2
        store.add([event(1), event(2)])
        assert store.incomplete_days(TODAY) == [TODAY - ONE_DAY]
        assert store.incomplete_days(TODAY - 2 * ONE_DAY) == []
        assert store.highest_counts == {TODAY: 2, TODAY - ONE_DAY: 1}
        (file,) = files_in(tmp_path)
        file.unlink()
        store.add([event(2)])
        assert store.incomplete_days(TODAY) == [TODAY - ONE_DAY, TODAY]
        assert store.lost_days == 3

    def test_five_weeks_are_kept(self, store: EventStore, tmp_path: Path) -> None:
        """Older days are deleted from memory and disk."""
        for number in range(40):
            store.add([event(number + 1, f"{TODAY - number * ONE_DAY}T12:00:00")])
        store.remove_files(store.forget(store.oldest_to_keep(TODAY)))
        assert store.days[0] == TODAY - 34 * ONE_DAY
        assert len(store.days) == len(files_in(tmp_path)) == 35

    def test_a_clock_that_ran_ahead_drops_nothing(self, store: EventStore) -> None:
        """Days in the future do not count as the newest."""
        store.add([event(1), event(2, "2027-05-14T12:00:00")])
        store.remove_files(store.forget(store.oldest_to_keep(TODAY)))
        assert numbers(store) == [1, 2]

    def test_a_clock_that_runs_ahead_for_long_fills_no_disk(
        self, tmp_path: Path, store: EventStore
    ) -> None:
        """Only the last weeks by that clock are stored."""
        ahead = TODAY + 300 * ONE_DAY
        days = [ahead + n * ONE_DAY for n in range(50)]
        store.add([event(1)])
        store.add(event(n, f"{day}T12:00:00") for n, day in enumerate(days, start=2))
        store.remove_files(store.forget(store.oldest_to_keep(TODAY)))
        assert store.days == [TODAY, *days[-35:]]
        assert len(files_in(tmp_path)) == 36

    def test_a_pump_that_fell_silent_keeps_its_last_weeks(
        self, store: EventStore
    ) -> None:
        """Days count from the newest one."""
        store.add([event(1)])
        store.forget(store.oldest_to_keep(TODAY + 90 * ONE_DAY))
        assert numbers(store) == [1]

    def test_what_has_passed_is_only_kept_on_disk(
        self, tmp_path: Path, store: EventStore
    ) -> None:
        """Predictions of earlier days use no memory and are not stored twice when read again."""
        days = ("2026-05-12", "2026-05-13", "2026-05-14")
        raws = [
            {**event(number, f"{day}T12:00:00"), "eventCode": 140}
            | {"eventProperties": {"pgv": 120, "pgvValid": 1}}
            for number, day in enumerate(days, start=1)
        ]
        ahead = event(4, "2026-06-30T12:00:00")
        again = event(5, "2026-05-14T12:05:00")
        store.add([*raws, ahead, again])
        assert numbers(store) == [2, 3, 4, 5]
        assert store.add(raws) == set()
        reopened = EventStore(tmp_path / "pump")
        reopened.load()
        assert numbers(reopened) == [2, 3, 4, 5]
        assert [raw["sequenceNumber"] for raw in store.raws(date(2026, 5, 12))] == [1]


RAWS = [event(number, f"2026-05-{10 + number % 5}T12:00:00") for number in range(1, 11)]


@settings(max_examples=30)
@given(
    parts=st.lists(st.lists(st.sampled_from(RAWS)), max_size=6),
    rest=st.permutations(RAWS),
)
def test_order_and_repetition_do_not_matter(
    parts: list[list[RawEvent]], rest: list[RawEvent]
) -> None:
    """In any order and with any repetition the store has the same events, now and after a restart."""
    with TemporaryDirectory() as folder:
        store = EventStore(Path(folder))
        for part in [*parts, rest]:
            store.add(part)
        again = EventStore(Path(folder))
        again.load()
        assert numbers(store) == numbers(again) == list(range(1, 11))
