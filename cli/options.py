"""Options of several commands, and the lines in which commands report their progress."""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from prettytable import PrettyTable
from tqdm import tqdm

from core import memory
from core.errors import InputError
from core.files import write_text
from core.progress import Progress
from core.rdf import parse_base, parse_iri
from core.validation import SECOND_OPINION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FINDINGS = 1
_STAGE = "{desc}: {percentage:3.0f}%, {n_fmt} of {total_fmt}{unit}, {rate_fmt}, {remaining} left"

RELEASES = click.option(
    "--releases",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("releases"),
    show_default=True,
    envvar="PARKGRAPH_RELEASES",
    help="Folder that holds the releases.",
)


def _base(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        return parse_base(value)
    except InputError as error:
        raise click.BadParameter(str(error)) from error


BASE = click.option(
    "--base",
    default="http://localhost:8000/",
    show_default=True,
    envvar="PARKGRAPH_BASE",
    callback=_base,
    help="IRI that the data's IRIs begin with; where the release will be served.",
)
PROJECT = click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Folder with ontology/, mapping/ and data/.  [default: the current folder]",
)
ARTICLES = click.option(
    "--articles",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="PARKGRAPH_ARTICLES",
    help="Folder with the texts of the articles, to check the evidence against.",
)
ALLOW_MISSING = click.option(
    "--allow-missing",
    is_flag=True,
    help="Accept that the project lacks rules, shapes or checks that the current release was built with.",
)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="How problems are written to standard output.",
)
ASK_PYSHACL = click.option(
    "--second-opinion",
    type=click.IntRange(0),
    default=SECOND_OPINION,
    show_default=True,
    envvar="PARKGRAPH_SECOND_OPINION",
    metavar="N",
    help="Validate by pyshacl as well what has at most N triples, and tell where it differs; 0: never.",
)


def _memory(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    try:
        return memory.Memory(memory.parse(value)).total
    except InputError as error:
        raise click.BadParameter(str(error)) from error


MEMORY = click.option(
    "--memory",
    default="1.5G",
    show_default=True,
    envvar="PARKGRAPH_MEMORY",
    callback=_memory,
    metavar="SIZE",
    help="What all processes of the build may take together: MiB, or a size such as 800M or 4G.",
)
REPORT_FILE = click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the SHACL validation report (Turtle) to this file, also where nothing is published.",
)


def write_report(report: bytes, file: Path | None) -> None:
    """Write the SHACL validation report to the file that --report names, if there is one."""
    if file is not None:
        write_text(file, report.decode())


def http_url(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """The callback of an option that takes the URL of another server."""
    if value and not value.startswith(("http://", "https://")):
        raise click.BadParameter("give an address that begins with http:// or https://")
    return value


def iri(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """The callback of an option that takes an absolute IRI."""
    if value:
        try:
            parse_iri(value)
        except InputError as error:
            raise click.BadParameter(str(error)) from error
    return value


class ProgressLines(Progress):
    """Writes to standard error: sentences, each with the seconds since the start, and at a terminal a line per stage.

    A stage's line has its rate, its share of the total and the time left. profile: whether `write_profile` is to tell
    where the time went.
    """

    def __init__(self, *, quiet: bool = False, profile: bool = False) -> None:
        self._quiet, self._profile = quiet, profile
        self._start = time.monotonic()
        self._stages: list[tuple[str, float]] = []  # name and seconds
        self._spent: defaultdict[str, float] = defaultdict(float)

    def __call__(self, sentence: str) -> None:
        if not self._quiet:
            click.echo(f"{time.monotonic() - self._start:8.2f} s  {sentence}", err=True)

    @contextmanager
    def stage(self, name: str, total: int, unit: str) -> Iterator[Callable[[int], object]]:
        begun = time.monotonic()
        disable = True if self._quiet else None  # None: where standard error is no terminal
        with tqdm(desc=name, total=total, unit=f" {unit}", bar_format=_STAGE, disable=disable) as line:
            yield line.update
        self._stages.append((name, time.monotonic() - begun))

    def spent(self, name: str, seconds: float) -> None:
        self._spent[name] += seconds

    def write_profile(self) -> None:
        """Write the seconds of each stage, and the processor time of the processes in them, if it was asked for."""
        if not self._profile:
            return
        total = time.monotonic() - self._start
        stages = PrettyTable(["stage", "seconds", "share"], align="r")
        stages.add_rows([[name, f"{seconds:.2f}", f"{seconds / total:.0%}"] for name, seconds in self._stages])
        stages.add_row(["all", f"{total:.2f}", "100%"])
        spent = PrettyTable(["work in processes", "processor seconds"], align="r")
        spent.add_rows(
            [[name, f"{seconds:.2f}"] for name, seconds in sorted(self._spent.items(), key=lambda row: -row[1])]
        )
        for table in (stages, spent):
            table.align[table.field_names[0]] = "l"
            click.echo(table.get_string(), err=True)
