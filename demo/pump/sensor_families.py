"""Define the glucose sensors a pump can be used with, and the codes each of them logs."""

from dataclasses import dataclass
from typing import Literal

type SensorName = Literal["g6", "g7", "libre2", "libre3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What differs between sensors: codes, days of use, minutes of warm-up, the state that means all is well."""

    name: SensorName
    reading: int
    type: int
    days: int
    warm_up: int
    well: int
    stop: int
    start: int | None
    join: int
    alert: int
    alert_cleared: int
    alert_acknowledged: int | None = None


FAMILIES: dict[SensorName, Family] = {
    family.name: family
    for family in (
        Family(
            name="g6",
            reading=256,
            type=1,
            days=10,
            warm_up=120,
            well=6,
            stop=214,
            start=212,
            join=213,
            alert=171,
            alert_cleared=172,
        ),
        Family(
            name="g7",
            reading=399,
            type=3,
            days=10,
            warm_up=30,
            well=32,
            stop=447,
            start=None,
            join=394,
            alert=369,
            alert_cleared=370,
            alert_acknowledged=371,
        ),
        Family(
            name="libre2",
            reading=372,
            type=2,
            days=14,
            warm_up=60,
            well=100,
            stop=405,
            start=404,
            join=406,
            alert=460,
            alert_cleared=461,
        ),
        Family(
            name="libre3",
            reading=480,
            type=4,
            days=14,
            warm_up=60,
            well=100,
            stop=486,
            start=None,
            join=477,
            alert=460,
            alert_cleared=461,
        ),
    )
}
