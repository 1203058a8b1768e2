"""Long-term statistics have the hours in which events happened."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from time import sleep
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.tconnectsync import statistics_import
from custom_components.tconnectsync.glucose_unit import MG_DL
from custom_components.tconnectsync.statistics_import import TrueTimeStatistics
from custom_components.tconnectsync.statistics_series import GLUCOSE, SERIES
from custom_components.tconnectsync.therapy.hourly_figures import Hour, Spread
from homeassistant.components.recorder import (
    Recorder,
    get_instance,
    statistics as recorder_statistics,
)
from homeassistant.components.recorder.models import StatisticMetaData
from homeassistant.components.recorder.statistics import (
    get_metadata,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.const import UnitOfBloodGlucoseConcentration
from homeassistant.core import HomeAssistant

from .recorder_rows import recorded

pytestmark = [
    pytest.mark.usefixtures("recorder_mock"),
    pytest.mark.recorded_series(*SERIES),
]

NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACCOUNT = "an account"
ACCOUNTS = count()
MMOL = UnitOfBloodGlucoseConcentration.MILLIMOLE_PER_LITER
BY_KEY = {series.key: series for series in SERIES}

type Write = Callable[[Mapping[int, Hour]], Any]


@pytest.fixture
def statistics(hass: HomeAssistant) -> TrueTimeStatistics:
    """The statistics of an account that shows mg/dL."""
    return TrueTimeStatistics(hass, ACCOUNT, "Tandem Source (Demo)", MG_DL)


def hour(bolus: float = 0, basal: float = 0, glucose: float | None = None) -> Hour:
    """Return an hour with these amounts (U) and glucose (mg/dL)."""
    made = Hour(bolus=bolus, basal=basal)
    if glucose:
        made.glucose.add(glucose)
    return made


def at(hours: Mapping[int, Hour]) -> dict[datetime, Hour]:
    """Return hours by their start, numbered from noon."""
    return {NOON + number * HOUR: figures for number, figures in hours.items()}


async def write(statistics: TrueTimeStatistics, hours: Mapping[int, Hour]) -> bool:
    """Write only these hours."""
    return await statistics.async_write(at(hours), NOON + min(hours) * HOUR)


async def shown(
    hass: HomeAssistant, statistics: TrueTimeStatistics, key: str, value: str
) -> dict[int, float | None]:
    """Return a recorded value of a series by hour, numbered from noon."""
    rows = await recorded(hass, statistics.statistic_id(BY_KEY[key]))
    return {
        (begin - NOON) // HOUR: None if row[value] is None else round(row[value], 6)
        for begin, row in rows.items()
    }


async def test_each_hour_has_its_figures(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Values have mean, minimum and maximum; amounts have a state and a sum."""
    noon = hour(2.5, 1.0)
    noon.glucose = Spread(total=300, weight=3, low=80, high=120)
    noon.basal_rate.add(1.0, 3600)
    noon.insulin_on_board.add(3.25)
    noon.carbs = 40
    assert await write(statistics, {0: noon, 1: hour(1.0, 0.5)})
    for value, glucose in (("mean", 100), ("min", 80), ("max", 120)):
        assert await shown(hass, statistics, "glucose", value) == {0: glucose}
    assert await shown(hass, statistics, "basal_rate", "mean") == {0: 1.0}
    assert await shown(hass, statistics, "insulin_on_board", "mean") == {0: 3.25}
    assert await shown(hass, statistics, "bolus", "state") == {0: 2.5, 1: 1.0}
    assert await shown(hass, statistics, "bolus", "sum") == {0: 2.5, 1: 3.5}
    assert await shown(hass, statistics, "basal", "sum") == {0: 1.0, 1: 1.5}
    assert await shown(hass, statistics, "insulin", "sum") == {0: 3.5, 1: 5.0}
    assert await shown(hass, statistics, "carbs", "sum") == {0: 40, 1: 40}


async def test_the_series_tell_not_whose_they_are(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Statistic ids come from a hash and names from the entry's title, not from the account."""
    await write(statistics, {0: hour(1.0, glucose=100)})
    metadata = await get_instance(hass).async_add_executor_job(
        lambda: get_metadata(hass, statistic_source="tconnectsync")
    )
    assert len(metadata) == len(SERIES) - 2
    assert not any(ACCOUNT in f"{id_}{data}" for id_, data in metadata.items())
    assert {data["name"] for _, data in metadata.values()} >= {
        "Glucose (Tandem Source (Demo))"
    }


async def test_the_same_hours_again_write_nothing(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Hours that are already recorded are not written again."""
    hours = {0: hour(1.0, 1.0, 100), 1: hour(1.0, 1.0, 120)}
    await write(statistics, hours)
    with patch(
        "custom_components.tconnectsync.statistics_import.async_add_external_statistics"
    ) as add:
        assert await write(statistics, hours)
    assert not add.called


async def test_late_data_corrects_its_hour_and_every_later_sum(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """A late bolus corrects its hour and all later sums."""
    await write(statistics, {0: hour(1.0), 1: hour(1.0), 2: hour(1.0)})
    await write(statistics, {1: hour(5.0), 2: hour(1.0)})
    assert await shown(hass, statistics, "bolus", "state") == {0: 1, 1: 5, 2: 1}
    assert await shown(hass, statistics, "bolus", "sum") == {0: 1, 1: 6, 2: 7}


async def test_an_older_span_shifts_later_sums(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Writing an earlier span raises later sums, but not their amounts."""
    await write(statistics, {0: hour(1.0), 1: hour(1.0)})
    older = at({-50: hour(2.0), -49: hour(3.0)})
    assert await statistics.async_write(older, min(older), max(older))
    assert await shown(hass, statistics, "bolus", "state") == {
        -50: 2,
        -49: 3,
        0: 1,
        1: 1,
    }
    assert await shown(hass, statistics, "bolus", "sum") == {
        -50: 2,
        -49: 5,
        0: 6,
        1: 7,
    }


async def test_later_hours_are_moved_and_not_written_again(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Only the hours of the span are written, and later sums are adjusted."""
    await write(statistics, {number: hour(1.0) for number in range(100)})
    older = at({-3: hour(2.0), -2: hour(3.0)})
    with patch.object(
        statistics_import,
        "async_add_external_statistics",
        wraps=recorder_statistics.async_add_external_statistics,
    ) as add:
        assert await statistics.async_write(older, min(older), max(older))
    written = {row["start"] for call in add.call_args_list for row in call.args[2]}
    assert written == older.keys()
    sums = await shown(hass, statistics, "bolus", "sum")
    assert sums == {-3: 2, -2: 5} | {number: number + 6 for number in range(100)}


async def test_whoever_ends_it_leaves_no_step_in_the_sums(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """A cancelled write still adjusts the later sums, so that they have no step."""
    await write(statistics, {0: hour(1.0), 1: hour(1.0)})
    older = at({-2: hour(2.0)})

    def ended(hass: HomeAssistant, about: StatisticMetaData, rows: Any) -> None:
        recorder_statistics.async_add_external_statistics(hass, about, rows)
        if about["statistic_id"] == statistics.statistic_id(BY_KEY["bolus"]):
            task.cancel()

    with patch.object(statistics_import, "async_add_external_statistics", ended):
        task = asyncio.create_task(
            statistics.async_write(older, min(older), max(older))
        )
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await shown(hass, statistics, "bolus", "sum") == {-2: 2, 0: 3, 1: 4}


async def test_sums_the_recorder_did_not_move_stay_pending(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """If the recorder does not adjust the sums, the next attempt does so once."""
    await write(statistics, {0: hour(1.0), 1: hour(1.0)})
    older = at({-2: hour(2.0)})
    with patch.object(Recorder, "async_adjust_statistics"):
        assert not await statistics.async_write(older, min(older), max(older))
    assert await shown(hass, statistics, "bolus", "sum") == {-2: 2, 0: 1, 1: 2}
    for _ in range(2):
        assert await statistics.async_write(older, min(older), max(older))
        assert await shown(hass, statistics, "bolus", "sum") == {-2: 2, 0: 3, 1: 4}


async def test_a_gap_before_the_first_hour_goes_on_from_the_last_sum(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Sums continue after a gap, as of a pump that was off for a day."""
    await write(statistics, {0: hour(2.0)})
    await write(statistics, {30: hour(1.0)})
    assert await shown(hass, statistics, "bolus", "sum") == {0: 2, 30: 3}


async def test_hours_that_vanish_are_emptied(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Hours without events after a clock correction are emptied."""
    await write(statistics, {0: hour(1.0), 1: hour(2.0, 0, 100), 2: hour(1.0, 0, 90)})
    moved = at({2: hour(3.0, 0, 110)})
    assert await statistics.async_write(moved, NOON + HOUR)
    assert await shown(hass, statistics, "glucose", "mean") == {1: None, 2: 110}
    assert await shown(hass, statistics, "bolus", "state") == {0: 1, 1: 0, 2: 3}
    assert await shown(hass, statistics, "bolus", "sum") == {0: 1, 1: 1, 2: 4}
    await write(statistics, {1: hour(2.0, 0, 100), 2: hour(1.0, 0, 90)})
    assert await shown(hass, statistics, "glucose", "mean") == {1: 100, 2: 90}


async def test_an_amount_that_is_not_known(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """An unknown amount has no state and does not change the sum until it is known."""
    unread = Hour(basal=1.0, bolus=2.0, bolus_unreadable=True)
    hours = {0: hour(1.0), 1: unread, 2: hour(4.0)}
    assert await write(statistics, hours)
    assert await shown(hass, statistics, "bolus", "state") == {0: 1, 1: None, 2: 4}
    assert await shown(hass, statistics, "bolus", "sum") == {0: 1, 1: 1, 2: 5}
    assert await shown(hass, statistics, "basal", "state") == {0: 0, 1: 1, 2: 0}
    assert await shown(hass, statistics, "insulin", "state") == {0: 1, 1: None, 2: 4}
    assert await write(statistics, {**hours, 1: hour(2.0)})
    assert await shown(hass, statistics, "bolus", "state") == {0: 1, 1: 2, 2: 4}
    assert await shown(hass, statistics, "bolus", "sum") == {0: 1, 1: 3, 2: 7}


async def test_what_lies_behind_a_span_is_not_emptied(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Hours after the end of a span are not emptied."""
    await write(statistics, {0: hour(1.0, 0, 100), 1: hour(1.0, 0, 100)})
    assert await statistics.async_write(at({0: hour(2.0, 0, 90)}), NOON, NOON)
    assert await shown(hass, statistics, "glucose", "mean") == {0: 90, 1: 100}
    assert await shown(hass, statistics, "bolus", "sum") == {0: 2, 1: 3}


async def test_the_other_glucose_unit(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Choosing mmol/L converts recorded values and the unit of later ones."""
    await write(statistics, {0: hour(glucose=90), 1: hour(glucose=80)})
    await statistics.async_write({}, NOON + HOUR)
    other = TrueTimeStatistics(hass, ACCOUNT, "Tandem Source (Demo)", MMOL)
    assert await write(other, {2: hour(glucose=180)})
    assert await shown(hass, other, "glucose", "mean") == {
        0: pytest.approx(4.9956, abs=1e-3),
        1: None,
        2: pytest.approx(9.9911, abs=1e-3),
    }
    assert await write(statistics, {2: hour(glucose=180)})
    for value in ("mean", "min", "max"):
        assert await shown(hass, statistics, "glucose", value) == {
            0: pytest.approx(90),
            1: None,
            2: pytest.approx(180),
        }


async def test_no_hour_ever_stands_in_the_other_unit(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Nothing is written in the new unit until the recorder has converted the series."""
    await write(statistics, {0: hour(glucose=90)})
    other = TrueTimeStatistics(hass, ACCOUNT, "Tandem Source (Demo)", MMOL)
    with patch(
        "custom_components.tconnectsync.statistics_import.async_add_external_statistics"
    ) as add:
        assert not await write(other, {1: hour(glucose=180)})
    assert [len(call.args[2]) for call in add.call_args_list] == [1, 1, 1]
    assert await shown(hass, statistics, "glucose", "mean") == {0: 90}


async def test_hours_the_recorder_does_not_take_stay_pending(
    statistics: TrueTimeStatistics,
) -> None:
    """Hours stay pending until they are read back from the recorder."""
    with patch(
        "custom_components.tconnectsync.statistics_import.async_add_external_statistics"
    ):
        assert not await write(statistics, {0: hour(1.0)})
    assert await write(statistics, {0: hour(1.0)})


async def test_a_recorder_that_is_slow_is_waited_for(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """Reads wait for pending writes, since a half-converted value would be converted twice."""
    await write(statistics, {0: hour(glucose=90)})
    other = TrueTimeStatistics(hass, ACCOUNT, "Tandem Source (Demo)", MMOL)
    import_statistics = recorder_statistics.import_statistics
    at_work = False

    def slowly(*arguments: Any) -> bool:
        nonlocal at_work
        at_work = True
        sleep(0.1)
        taken: bool = import_statistics(*arguments)
        sleep(0.1)
        at_work = False
        return taken

    def read(*arguments: Any) -> Any:
        assert not at_work
        return statistics_during_period(*arguments)

    statistics_py = "custom_components.tconnectsync.statistics_import"
    with (
        patch.object(recorder_statistics, "import_statistics", slowly),
        patch(f"{statistics_py}.statistics_during_period", read),
    ):
        assert await write(other, {1: hour(1.0, glucose=180)})
    assert await shown(hass, other, "glucose", "mean") == {
        0: pytest.approx(4.9956, abs=1e-3),
        1: pytest.approx(9.9911, abs=1e-3),
    }


async def test_a_question_that_the_recorder_lost_is_asked_again(
    hass: HomeAssistant, statistics: TrueTimeStatistics
) -> None:
    """A request that the recorder lost in a database error is repeated."""
    answer, asked = SynchronizeTask.run, list[SynchronizeTask]()

    def lose_the_first(task: SynchronizeTask, recorder: Recorder) -> None:
        if asked:
            answer(task, recorder)
        asked.append(task)

    with (
        patch.object(SynchronizeTask, "run", lose_the_first),
        patch.object(statistics_import, "ASK_AGAIN_SECONDS", 0.05),
    ):
        assert await write(statistics, {0: hour(1.0)})
    assert len(asked) > 1
    assert await shown(hass, statistics, "bolus", "state") == {0: 1}


figures = st.builds(
    hour,
    bolus=st.integers(0, 8).map(lambda n: n / 4),
    basal=st.integers(0, 8).map(lambda n: n / 8),
    glucose=st.none() | st.integers(40, 400).map(float),
)
days = st.dictionaries(st.integers(0, 8), figures, min_size=1, max_size=9)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    final=days,
    before=st.lists(st.tuples(days, st.integers(0, 8), st.integers(0, 8)), max_size=4),
    older=st.dictionaries(st.integers(-8, -1), figures, min_size=1),
)
async def test_only_what_happened_counts(
    hass: HomeAssistant,
    final: Mapping[int, Hour],
    before: list[tuple[Mapping[int, Hour], int, int]],
    older: Mapping[int, Hour],
) -> None:
    """The recorded hours do not depend on those that were written before, in any order.

    Writing earlier hours raises the sums and changes nothing else.
    """
    statistics = TrueTimeStatistics(hass, f"{next(ACCOUNTS)}", "Other", MG_DL)
    for known, one, other in before:
        first, last = sorted((one, other))
        await statistics.async_write(at(known), NOON + first * HOUR, NOON + last * HOUR)
    assert await statistics.async_write(at(final), NOON)
    assert await statistics.async_write(at(final), NOON)
    lifting = at(older)
    assert await statistics.async_write(lifting, min(lifting), max(lifting))
    final = {**older, **final}
    glucose = await shown(hass, statistics, GLUCOSE.key, "mean")
    assert {begin: mean for begin, mean in glucose.items() if mean is not None} == {
        begin: one.glucose.mean for begin, one in final.items() if one.glucose.weight
    }
    total = 0.0
    states = await shown(hass, statistics, "bolus", "state")
    sums = await shown(hass, statistics, "bolus", "sum")
    assert states.keys() >= final.keys()
    for begin, state in sorted(states.items()):
        assert state == (final[begin].bolus if begin in final else 0)
        total += state or 0
        assert sums[begin] == pytest.approx(total)
