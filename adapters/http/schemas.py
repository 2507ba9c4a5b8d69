"""What answers must look like, told as types. An answer of another shape is a failure, never an empty answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

Word = Annotated[str, Field(min_length=1)]
Number = Annotated[int, Field(gt=0)]


def readable(read: Callable[[str], object], why: str) -> AfterValidator:
    """For a text that `read` understands; `why` is said of one for which it raises ValueError."""

    def check(text: str) -> str:
        try:
            read(text)
        except ValueError:
            raise ValueError(why) from None
        return text

    return AfterValidator(check)


class UnexpectedAnswer(ValueError):
    """An answer has another shape than was promised; the text says where, and holds nothing of the answer's values."""


class Shape:
    """A type that answers of JSON are held against, strictly: a number is no text, and null is nothing else.

    Args:
        kind: the type; keys of an object that it does not name are left out of what is read.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self._kind)

    def read(self, body: object) -> Any:
        """The answer, as far as the shape names it. Raises UnexpectedAnswer."""
        try:
            return self._adapter.validate_python(body, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))[:200]
            said = str(first["msg"]).removeprefix("Value error, ")
            raise UnexpectedAnswer(f"{where or 'the whole'}: {said[:1].lower()}{said[1:200]}") from None


ANYTHING = Shape(Any)
"""Where nothing of the answer is used."""
