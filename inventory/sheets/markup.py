"""XML as a stream of events, without entities of its own making."""

from __future__ import annotations

from typing import Any, Final
from xml.parsers import expat

from hatang.errors import InvalidInputError
from inventory.sheets.book import refuse

Attributes = dict[str, str]
TRUE: Final = frozenset(("1", "true"))


class Markup:
    """Feeds one part to handlers, refusing a document type: its entities could grow."""

    def __init__(self, where: str) -> None:
        self._where = where

    def parse(self, data: bytes) -> None:
        """Call `start`, `end` and `text` for what `data` holds."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.Parse(data, True)  # noqa: FBT003 - expat takes it by place only
        except InvalidInputError:
            raise
        except (expat.ExpatError, ValueError, KeyError) as error:
            raise refuse(self._where, f"holds damaged markup ({error})", "Save it anew.") from error

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element, named without its prefix."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def text(self, text: str) -> None:
        """Take some text."""

    def _start(self, name: str, attributes: Attributes) -> None:
        self.start(name[name.rfind(":") + 1 :] if ":" in name else name, attributes)

    def _end(self, name: str) -> None:
        self.end(name[name.rfind(":") + 1 :] if ":" in name else name)

    def _refuse(self, *_given: Any) -> None:  # noqa: ANN401 RUF100 - expat's own signature
        raise refuse(self._where, "declares a document type", "Save it anew.")
