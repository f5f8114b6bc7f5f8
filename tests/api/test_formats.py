"""Numbers and times as pages show them."""

from __future__ import annotations

import pytest

from api.web import formats
from hatang.i18n import use_language


@pytest.mark.parametrize(
    ("language", "value", "shown"),
    [
        ("vi", 6 * 3_600, "6 giờ"),
        ("vi", 86_400 + 7_200, "1 ngày 2 giờ"),
        ("vi", 61, "1 phút 1 giây"),
        ("en", 6 * 3_600, "6 hr"),
        ("en", 61, "1 min 1 sec"),
    ],
)
def test_how_long_something_took_is_told_in_words_of_the_language(
    language: str, value: float, shown: str
) -> None:
    with use_language(language):
        assert formats.seconds(value) == shown
