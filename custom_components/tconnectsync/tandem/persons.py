"""The people whose pumps an account may see: its owner, or everybody whom a guardian or clinic looks after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from .client import TandemClient
from .errors import NoPump, TandemBusy, TandemChanged, TandemError
from .pumper import Pumper, read_pumper
from .safe_text import is_header_safe, safe_text

PERSON_ID = "pumperId"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person who has pumps."""

    pumper_id: str = field(repr=False)
    name: str | None = field(repr=False)
    """For choosing the person, and for nothing else."""
    pumper: Pumper


async def read_persons(
    client: TandemClient, pumper_ids: tuple[str, ...]
) -> list[Person]:
    """Return everybody of an account who has a pump.

    Raises NoPump where nobody has one, and any other error of errors.py.
    """
    persons: list[Person] = []
    requested: set[str] = set()
    waiting = list(pumper_ids)
    failed: TandemError | None = None
    while waiting:
        pumper_id = waiting.pop(0)
        if pumper_id in requested:
            continue
        requested.add(pumper_id)
        try:
            answer = await client.pumper_answer(pumper_id)
            if others := listed_persons(answer):
                waiting += others
                continue
            pumper = read_pumper(answer)
        except TandemChanged as error:
            failed = failed or error
            continue
        except TandemBusy as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
            failed = failed or error
            continue
        if pumper.pumps:
            name = _name(answer)
            persons.append(Person(pumper_id=pumper_id, name=name, pumper=pumper))
    if persons:
        return persons
    if failed is None or await client.looks_after_others(pumper_ids):
        raise NoPump("pumper", "the account has no pump of its own")
    raise failed


def listed_persons(answer: Any) -> list[str]:
    """Return the ids of the people that a pumper answer lists instead of pumps."""
    if isinstance(answer, dict) and isinstance(answer.get("pumps"), list):
        return []
    lists = answer.values() if isinstance(answer, dict) else [answer]
    return [
        part[PERSON_ID]
        for listed in lists
        if isinstance(listed, list)
        for part in listed
        if isinstance(part, dict) and is_header_safe(part.get(PERSON_ID))
    ]


def _name(answer: Mapping[str, Any]) -> str | None:
    parts = [safe_text(answer.get(key)) for key in ("firstName", "lastName")]
    return " ".join(filter(None, parts)) or safe_text(answer.get("name"))
