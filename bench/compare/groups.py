"""Groups of both programs' documents for the same events."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import override

from .common_form import WrittenDocument
from .truth import Logged, Truth


@dataclass(slots=True)
class Group:
    """The documents of each program for some events."""

    events: list[Logged]
    there: list[WrittenDocument] = field(default_factory=list)
    here: list[WrittenDocument] = field(default_factory=list)

    @property
    def code(self) -> int:
        """The code of the first event."""
        return self.events[0].code

    @property
    def codes(self) -> set[int]:
        """The codes of all events."""
        return {event.code for event in self.events}

    @override
    def __str__(self) -> str:
        """List the documents."""
        return "; ".join(map(str, [*self.there, *self.here]))


def groups(documents: Iterable[WrittenDocument], truth: Truth) -> list[Group]:
    """Return one group for all documents that are linked by the events they name."""
    documents = list(documents)
    leaders: dict[int, int] = {}

    def leader(number: int) -> int:
        while leaders[number] != number:
            leaders[number] = number = leaders[leaders[number]]
        return number

    for document in documents:
        for number in document.numbers:
            leaders.setdefault(number, number)
            leaders[leader(number)] = leader(document.numbers[0])
    numbers: dict[int, list[int]] = {}
    for number in leaders:
        numbers.setdefault(leader(number), []).append(number)
    found = {
        first: Group(
            events=sorted(
                (truth.events[number] for number in several),
                key=lambda event: event.place,
            )
        )
        for first, several in numbers.items()
    }
    for document in documents:
        group = found[leader(document.numbers[0])]
        (group.here if document.here else group.there).append(document)
    return list(found.values())
