"""Columns as data frames of pandas or Polars, which are imported where one is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LIBRARIES = ("pandas", "polars")


def frame(columns: Mapping[str, Sequence[Any]], library: str) -> Any:
    """A data frame of the columns; InputError if there is no such library."""
    if library not in _LIBRARIES:
        raise InputError(f"there is no library '{library}' for frames: take {' or '.join(_LIBRARIES)}")
    try:
        module = import_module(library)
    except ImportError as error:
        raise InputError(f"{library} is not installed: pip install {library}") from error
    if library == "polars":
        return module.DataFrame({name: module.Series(name, values, strict=False) for name, values in columns.items()})
    return module.DataFrame(
        {name: module.Series(list(values), dtype=_pandas_type(values)) for name, values in columns.items()}
    )


def _pandas_type(values: Sequence[Any]) -> str:
    """The type of a column of pandas, each of which has a value for what is missing."""
    types = {type(value).__name__ for value in values if value is not None}
    if len(types) != 1:
        return "object"
    return {"str": "string", "int": "Int64", "bool": "boolean", "float": "Float64"}.get(types.pop(), "object")
