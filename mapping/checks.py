"""The checks of `ontology/checks/`: rules about the whole dataset, each one SELECT query with a header."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core import __version__
from core.errors import InputError, QuerySyntaxError
from core.evaluation import execute
from core.files import read_text
from core.problems import Severity
from core.validation import ValidationResult

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = re.compile(r"#\s*(title|severity|message|fix):\s*(.+)")
_PLACEHOLDER = re.compile(r"\{\?(\w+)\}")


@dataclass(frozen=True)
class Check:
    """A rule about the dataset: a query that selects the resources that break it as ?this.

    message: may name variables of the query, as {?name}.
    """

    path: Path
    query: str
    title: str
    severity: Severity
    message: str
    fix: str

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def key(self) -> bytes:
        """What the results depend on besides the data."""
        return hashlib.sha256(f"{self.name}\0{__version__}\0{ox.__version__}\0{self.query}".encode()).digest()

    @classmethod
    def read(cls, path: Path) -> Check:
        """Read a check and its header; InputError if the header lacks a line or has an unknown severity."""
        query = read_text(path)
        header = dict(_HEADER.findall(query))
        try:
            severity = Severity(header["severity"])
            return cls(path, query, header["title"], severity, header["message"], header["fix"])
        except (KeyError, ValueError) as error:
            raise InputError(
                f"{path}: the header lines title, severity, message and fix are needed: {error}"
            ) from error

    def run(self, store: ox.Store) -> list[ValidationResult]:
        """A result for each resource of the default graph that breaks the rule, by the resources and messages.

        InputError if the file is not a SELECT query with ?this.
        """
        try:
            rows = execute(store, self.query)
        except QuerySyntaxError as error:
            raise InputError(f"{self.path}:{error.line}:{error.column}: {error.reason}") from error
        if not isinstance(rows, ox.QuerySolutions) or ox.Variable("this") not in rows.variables:
            del rows  # an error keeps the frames that it passed, which another thread may drop
            raise InputError(f"{self.path}: a check is a SELECT query with the variable ?this")
        # an engine that sorts reads each term again for each comparison
        found = sorted((str(row["this"]), self._fill(row)) for row in rows if row["this"] is not None)
        return [ValidationResult(focus, self.name, self.severity, message, self.fix) for focus, message in found]

    def _fill(self, row: ox.QuerySolution) -> str:
        def text(match: re.Match[str]) -> str:
            term = row[match[1]]
            return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)

        return _PLACEHOLDER.sub(text, self.message)


def read_checks(folder: Path) -> list[Check]:
    """The checks of a folder in the order of their file names; none if there is no such folder."""
    return [Check.read(path) for path in sorted(folder.glob("*.rq"))]
