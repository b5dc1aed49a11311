"""The saved queries of a project, as files; what is wrong with one is a problem like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.query_files import BrokenQueryError, read
from core.saved_queries import EXTENSION
from mapping.problems import Place, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "docs/queries"


def read_queries(
    folder: Path, shown: str, base: str, prefixes: Mapping[str, str], problems: list[Problem]
) -> dict[str, bytes]:
    """The files of the folder by their names without extension; none, where the folder is missing.

    shown: how problems name the folder.
    """
    found = {}
    for path in sorted(folder.glob(f"*{EXTENSION}")):
        found[path.stem] = path.read_bytes()
        try:
            read(path.stem, found[path.stem], base, prefixes)
        except BrokenQueryError as error:
            for problem in error.problems:
                place = Place(f"{shown}/{path.name}", problem.line, problem.column)
                problems.append(Problem(place, Severity.VIOLATION, "saved-query", problem.message, problem.mend))
    return found
