"""A cache of the results of pure functions, reused while their inputs are equal."""

from collections.abc import Callable, Hashable


class ResultCache:
    """The last result of a pure function for each name and key.

    A result is reused while all its inputs are equal, compared by value. So nothing has to be
    invalidated, and a function can depend on nothing but its inputs.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._cached: dict[Hashable, tuple[tuple[object, ...], object]] = {}
        self._used: dict[Hashable, tuple[tuple[object, ...], object]] = {}

    def get_or_compute[*Ts, R](
        self, name: str, key: Hashable, inputs: tuple[*Ts], compute: Callable[[*Ts], R]
    ) -> R:
        """Return the result for these inputs; neither they nor the result may be changed later."""
        name_and_key = name, key
        cached = self._cached.get(name_and_key)
        if cached is None or cached[0] != inputs:
            cached = inputs, compute(*inputs)
        self._used[name_and_key] = cached
        result: R = cached[1]  # type: ignore[assignment]  # stored under the name of this function
        return result

    def forget_unused(self) -> None:
        """Drop all results that were not asked for since the last call."""
        self._cached, self._used = self._used, {}
