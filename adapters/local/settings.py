"""`[local]`: the embedded tracker."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from adapters.system import Section


class LocalSettings(Section):
    """`[local]`: the embedded tracker."""

    path: str = ""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,19}$")] = "LOCAL"
