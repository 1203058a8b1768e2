"""Text from Tandem, made safe for registries, states, headers, addresses and files."""

import re
from typing import Any, TypeGuard

LONGEST_TEXT = 255
"""The longest state that Home Assistant accepts."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def safe_text(value: Any) -> str | None:
    """Return a text that can be shown and stored anywhere; a number in its place counts as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**LONGEST_TEXT else None
    if not isinstance(value, str):
        return None
    shown = "".join(sign if sign.isprintable() else " " for sign in value)
    return shown.strip()[:LONGEST_TEXT].rstrip() or None


def safe_name(value: Any) -> str | None:
    """Return a text that can be part of a name whose parts are separated by colons."""
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
    """Return whether the JSON in a body may contain lone surrogates, which no file can store."""
    return _ESCAPED_SURROGATE.search(body) is not None


def replace_lone_surrogates(content: Any) -> Any:
    """Return decoded JSON with every lone surrogate replaced."""
    root = [content]
    parts: list[Any] = [root]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            replaced = {_replaced(key): _replaced(value) for key, value in part.items()}
            part.clear()
            part.update(replaced)
        else:
            part[:] = map(_replaced, part)
        inside = part.values() if isinstance(part, dict) else part
        parts += [value for value in inside if isinstance(value, dict | list)]
    return root[0]


def _replaced(value: Any) -> Any:
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value
