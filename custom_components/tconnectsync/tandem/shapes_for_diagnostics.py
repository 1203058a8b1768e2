"""The shape of a response: its keys and the types of its values, without anything that a person wrote."""

import re
from typing import Any

DEEPEST = 8
OTHER_KEY = "(other)"
_KEY_NAME = re.compile(r"[a-z][A-Za-z_]{0,39}")
"""Keys are identifiers of programs; anything that may be an id or a name is left out."""


def shape_of(value: Any, depth: int = 0) -> Any:
    """Return the shape of decoded JSON; a list is shown by its first element."""
    match value:
        case None:
            return None
        case dict() if depth < DEEPEST:
            return {
                key if _KEY_NAME.fullmatch(str(key)) else OTHER_KEY: shape_of(
                    part, depth + 1
                )
                for key, part in value.items()
            }
        case list() if depth < DEEPEST:
            return [shape_of(part, depth + 1) for part in value[:1]]
        case _:
            return type(value).__name__
