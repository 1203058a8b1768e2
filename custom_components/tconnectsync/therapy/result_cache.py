"""Results of before, for as long as what they follow from is equal."""

from collections.abc import Callable, Hashable


class ResultCache:
    """Results of pure functions, the last one for each name and place.

    Whether one still holds is decided by comparing everything that goes into it, by value: nothing
    has to be announced, and what goes into a function is all that it can depend on.
    """

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._cached: dict[Hashable, tuple[tuple[object, ...], object]] = {}
        self._used: dict[Hashable, tuple[tuple[object, ...], object]] = {}

    def get_or_compute[*Ts, R](
        self, name: str, place: Hashable, inputs: tuple[*Ts], work: Callable[[*Ts], R]
    ) -> R:
        """Return what follows from these inputs, which must not be changed later, as little as the result."""
        key = name, place
        found = self._cached.get(key)
        if found is None or found[0] != inputs:
            found = inputs, work(*inputs)
        self._used[key] = found
        result: R = found[1]  # type: ignore[assignment]  # kept under the name of this function
        return result

    def forget_unused(self) -> None:
        """Forget what was not asked for since this was last done."""
        self._cached, self._used = self._used, {}
