"""How long a regular expression may take is known before a server relies on it."""

from __future__ import annotations

import pytest

from generator.normalise.patterns import Effort, effort


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^[a-z]+$", "linear"),
        ("(a+)+b", "linear"),
        (r"\p{L}+", "linear"),
        ("^(?!xn--)(?=.*[0-9])[a-z0-9-]+$", "linear"),
        (r"^(?=[)\]](?:a|b))x", "linear"),
        ("(?=x)y", "quadratic"),
        (r"^(a*)*\1b$", "quadratic"),
        ("^(?!.*(?=a)b)a", "quadratic"),
        ("[", "impossible"),
        ("(?P<name", "impossible"),
    ],
)
def test_effort_is_told(pattern: str, expected: Effort) -> None:
    assert effort(pattern) == expected
