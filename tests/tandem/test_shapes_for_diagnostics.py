"""The shape of an answer describes its structure and contains no personal data."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.tandem.shapes_for_diagnostics import (
    DEEPEST,
    OTHER_KEY,
    shape_of,
)

SECRET = "Ada Lovelace 1990-01-01"

leaves = st.sampled_from([None, True, 7, 7.5, SECRET])
answers = st.recursive(
    leaves,
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(st.sampled_from(["pumps", "name", SECRET]), parts)
    ),
)


@pytest.mark.parametrize(
    ("answer", "shape"),
    [
        (
            {"pumps": [{"serialNumber": SECRET}, {}]},
            {"pumps": [{"serialNumber": "str"}]},
        ),
        ({"tandem_pumper_id": [SECRET, SECRET]}, {"tandem_pumper_id": ["str"]}),
        ({"1b493210-9336": {"name": 1}}, {OTHER_KEY: {"name": "int"}}),
        ({"Ada": None}, {OTHER_KEY: None}),
        ([], []),
        (None, None),
        (True, "bool"),
    ],
)
def test_keys_and_types(answer: Any, shape: Any) -> None:
    """Keys that may be an id or a name are left out; of a list only the first part is described."""
    assert shape_of(answer) == shape


@given(answers)
def test_nothing_that_anybody_wrote(answer: Any) -> None:
    """Text is left out everywhere in the answer."""
    text = json.dumps(shape_of(answer))
    assert SECRET not in text
    assert "7" not in text


def test_endless_nesting() -> None:
    """The description ends at a depth that no real answer has."""
    answer: Any = SECRET
    for _ in range(100):
        answer = {"pumps": answer}
    assert json.dumps(shape_of(answer)).count("pumps") == DEEPEST
