"""Checks a file of records as `parkgraph check` checks it where it stands in its project."""

from __future__ import annotations

import os
import re
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from mapping.build import check_project
from mapping.documents import SUFFIXES, parse_documents
from mapping.project import INPUT_FOLDERS
from validation.outcome import Outcome

if TYPE_CHECKING:
    from core.problems import Problem
    from core.validation import ValidationResult
    from mapping.build import CheckedProject

_DATA = "data"
_ARTICLES, _REGISTRY = "articles", "registry"
_NAME = re.compile(
    rf"{_DATA}/(?:{_ARTICLES}|{_REGISTRY}|gazetteer|editorial)/(?:[A-Za-z0-9_-][A-Za-z0-9._-]{{0,99}}/){{0,3}}"
    rf"[A-Za-z0-9_-][A-Za-z0-9._-]{{0,99}}"
)


def check_records(project: Path, releases: Path, base: str, data: bytes, name: str, suffix: str, work: Path) -> Outcome:
    """The problems of the data, as a file of the project, and those that others have through it.

    releases: what builds have kept there of the project is used. name: of the file, which it takes the place of if
    there is one; if empty, what `file_name` gives. suffix: what it ends with. work: an empty folder.

    InputError if the project cannot be read, ValueError if the name is none.
    """
    name = name or file_name(data, suffix)
    if not _NAME.fullmatch(name) or not name.endswith(SUFFIXES) or name.endswith(".jsonl") != (suffix == ".jsonl"):
        raise ValueError(name)
    copy = work / "project"
    _link(project, copy, name)
    (copy / name).write_bytes(data)
    told = _told(_checked(copy, releases, base))
    if any(problem.place.file != name for problem in told):
        before = _told(_checked(project, releases, base))
        told = {problem: result for problem, result in told.items() if problem not in before}
    return Outcome.of(base, told)


def file_name(data: bytes, suffix: str) -> str:
    """The path below the project that data have if they do not say: after the article that they are about, if any."""
    documents = list(parse_documents(data, f"posted{suffix}"))
    slug = next((document.slug for document in documents if document.slug), "")
    if slug and _NAME.fullmatch(name := f"{_DATA}/{_ARTICLES}/{slug}{suffix}"):
        return name
    is_article = any(document.article is not None for document in documents)
    readable = all(document.records for document in documents)
    return f"{_DATA}/{_ARTICLES if is_article or not readable else _REGISTRY}/posted{suffix}"


def _checked(project: Path, releases: Path, base: str) -> CheckedProject:
    with chdir(project):  # names of files in problems are relative
        return check_project(Path(), base=base, releases=releases, allow_missing=True, second_opinion=0, number=0)


def _told(found: CheckedProject) -> dict[Problem, ValidationResult | None]:
    """The problems of a check, each with its result."""
    results = {problem: result for result, problem in found.project.results.items()}
    return {problem: results.get(problem) for problem in found.problems}


def _link(project: Path, copy: Path, name: str) -> None:
    """Make a copy of a project, of links to its files; of its data all but the one with the name."""
    copy.mkdir()
    for folder in INPUT_FOLDERS:
        if folder != _DATA:
            (copy / folder).parent.mkdir(exist_ok=True)
            (copy / folder).symlink_to((project / folder).resolve())
    for folder, _, files in os.walk(project / _DATA, followlinks=True):
        relative = Path(folder).relative_to(project)
        (copy / relative).mkdir(parents=True, exist_ok=True)
        for file in files:
            if (relative / file).as_posix() != name:
                (copy / relative / file).symlink_to((Path(folder) / file).resolve())
    try:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise InputError(f"{name} stands in no folder of the project") from error
