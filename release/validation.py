"""Runs the SHACL validators over sorted triples in a file (core/validation.py), each as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Self

from core import with_parent
from core.errors import InputError
from core.problems import Place, Problem, Severity
from core.shacl_validator import MOST_VIOLATIONS
from core.validation import (
    SECOND_OPINION,
    ShaclOutcome,
    ValidationResult,
    described,
    differences,
    in_order,
    read_results,
    shortened,
)
from release import shacl_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from core.validation import Described


def validate(
    data: Path,
    shapes: Path,
    base: str,
    progress: Callable[[str], None],
    *,
    second_opinion: int = SECOND_OPINION,
    by_graph: bool = False,
) -> ShaclOutcome:
    """Validate data by shapes (https://www.w3.org/TR/shacl/#validation).

    data: sorted N-Triples; with by_graph, sorted lines of the name of a graph, a tab and a triple: each graph is
    validated by itself. base: IRI that relative IRIs of the shapes are resolved against. progress: called with the name
    of each step that begins. second_opinion: pyshacl is asked too, if there are at most so many triples.

    InputError if the shapes are ill-formed or ask for what is not offered, or the validator needs too much memory.
    """
    triples = _count_lines(data)
    progress(f"validating {triples} triples")
    options = [base, str(data), *(["by-graph"] if by_graph else [])]
    with ShaclProcess("shacl", shapes, *options) as process:
        read, *written = process.written(progress)
    second = partial(ShaclProcess, "pyshacl", shapes, *options)
    return concluded(read, written, second if second_opinion and triples <= second_opinion else None, progress)


def concluded(
    read: Mapping[str, Any],
    reports: Iterable[Mapping[str, str]],
    second: Callable[[], ShaclProcess] | None,
    progress: Callable[[str], None],
) -> ShaclOutcome:
    """The outcome of a validation.

    read: what the process says of the shapes. reports: what it says of the data. second: starts pyshacl, if it is to be
    asked.
    """
    said = described(read["shapes"])
    found, more = _cut(_by_graph(reports, said))
    remarks: list[ValidationResult] = []
    if more:
        message = f"validation ended with {MOST_VIOLATIONS} violations: there may be more"
        remarks.append(ValidationResult("", "more", Severity.INFO, message))
    elif second is not None:
        progress("asking pyshacl for a second opinion")
        try:
            with second() as process:
                _, *others = process.written(progress)
        except InputError as error:
            message = f"pyshacl has no opinion: {error}"
            remarks.append(ValidationResult("", "second-opinion", Severity.INFO, message))
        else:
            remarks += differences(found, _by_graph(others, said))
    results = tuple(result for group in found.values() for result in group)
    return ShaclOutcome(results, tuple(remarks), tuple(_problem(**fields) for fields in read["problems"]))


def _by_graph(written: Iterable[Mapping[str, str]], shapes: Described) -> dict[str, list[ValidationResult]]:
    """Graph → the results of its reports, in order."""
    found: dict[str, list[ValidationResult]] = {}
    for part in written:
        found.setdefault(part["graph"], []).extend(read_results(part["report"], shapes))
    return {graph: in_order(results) for graph, results in sorted(found.items())}


def _cut(found: Mapping[str, list[ValidationResult]]) -> tuple[dict[str, list[ValidationResult]], bool]:
    """The results up to the last violation that is told, and whether that is reached."""
    kept: dict[str, list[ValidationResult]] = {}
    violations = 0
    for graph, results in found.items():
        kept[graph] = []
        for result in results:
            kept[graph].append(result)
            violations += result.severity is Severity.VIOLATION
            if violations == MOST_VIOLATIONS:
                return kept, True
    return kept, False


def _problem(place: dict[str, Any], severity: str, **fields: Any) -> Problem:
    return Problem(Place(**place), Severity(severity), **fields)


def _count_lines(data: Path) -> int:
    with data.open("rb") as lines:
        return sum(1 for _ in lines)


class ShaclProcess:
    """A validator at work (release/shacl_process.py); a context manager, which ends it."""

    def __init__(
        self, validator: str, shapes: Path, base: str, *arguments: str, output: IO[bytes] | None = None
    ) -> None:
        """Start it. arguments: behind the first ones of its command line.

        output: file that takes what it writes, so that it never waits for who reads that.
        """
        module = shacl_process.__name__
        command = with_parent.command(sys.executable, "-P", "-m", module, validator, str(shapes), base, *arguments)
        self._shapes, self._output, self._errors = shapes, output, tempfile.TemporaryFile()  # noqa: SIM115 - `__exit__` closes it
        self._process = subprocess.Popen(
            with_parent.command(*command),
            stdin=subprocess.DEVNULL,
            stdout=output or subprocess.PIPE,
            stderr=self._errors,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()

    def written(self, progress: Callable[[str], None]) -> Iterator[dict[str, Any]]:
        """What it writes: about the shapes, then of the data. Sentences of progress are told.

        InputError at the end if the shapes or the validator failed.
        """
        lines = self._process.stdout
        if self._output is not None:
            self._process.wait()
            self._output.seek(0)
            lines = self._output
        assert lines is not None  # noqa: S101 - it is a pipe
        for line in lines:
            if not line.endswith(b"\n"):  # the process has died
                break
            written = json.loads(line)
            if "progress" in written:
                progress(written["progress"])
            else:
                yield written
        if error := _error(self._process.wait(), self._errors, self._shapes):
            raise InputError(error)


def _error(code: int, errors: IO[bytes], shapes: Path) -> str:
    """Why a validator failed, in one line; empty if it did not."""
    if code == -signal.SIGXCPU:
        return f"{shapes}: validation takes longer than {shacl_process.PYSHACL_SECONDS} s"
    if code == -signal.SIGKILL:
        return f"{shapes}: the validator was killed, perhaps for lack of memory"
    if code < 0:
        return f"{shapes}: validation takes more than half of this machine's memory, or recurs without end"
    errors.seek(0)
    last = errors.read().decode(errors="replace").strip().rpartition("\n")[2]
    try:
        error = str(json.loads(last)["error"])
    except (ValueError, KeyError, TypeError):
        error = f"{shapes}: {last or f'exit code {code}'}"
    return shortened(" ".join(error.split()), 400)
