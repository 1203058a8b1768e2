"""Rounding of figures that may be unknown."""


def rounded(value: float | None, digits: int = 1) -> float | None:
    """Return a value rounded to `digits`, an int for none of them; None stays None."""
    if value is None:
        return None
    return round(value, digits) if digits else round(value)
