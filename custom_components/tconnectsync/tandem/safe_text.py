"""Text as it comes from Tandem, made safe for registries, states, addresses and files."""

import re
from typing import Any, TypeGuard

LONGEST_TEXT = 255
"""Home Assistant takes no longer state."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def safe_text(value: Any) -> str | None:
    """Return a text that can be shown and kept anywhere, a number that stands in its place as well."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**LONGEST_TEXT else None
    if not isinstance(value, str):
        return None
    shown = "".join(sign if sign.isprintable() else " " for sign in value)
    return shown.strip()[:LONGEST_TEXT].rstrip() or None


def safe_name(value: Any) -> str | None:
    """Return a text that can be a part of a name whose parts a colon divides."""
    text = safe_text(value)
    return text.replace(":", "-") if text else None


def is_header_safe(value: Any) -> TypeGuard[str]:
    """Return whether a value is a text that can be part of a header or an address."""
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isprintable()
        and value != ""
    )


def may_contain_lone_surrogates(body: bytes) -> bool:
    """Return whether the JSON of a body may hold surrogates, which no file can keep alone."""
    return _ESCAPED_SURROGATE.search(body) is not None


def replace_lone_surrogates(content: Any) -> Any:
    """Return decoded JSON with every lone surrogate replaced."""
    whole = [content]
    parts: list[Any] = [whole]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            replaced = {_replaced(key): _replaced(value) for key, value in part.items()}
            part.clear()
            part.update(replaced)
        else:
            part[:] = map(_replaced, part)
        inside = part.values() if isinstance(part, dict) else part
        parts += [one for one in inside if isinstance(one, dict | list)]
    return whole[0]


def _replaced(value: Any) -> Any:
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value
