"""Reads plain RDF files as the quads of a release, without mapping or adding anything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from core import with_parent
from core.errors import InputError
from release import rdf_reader
from release.rdf_formats import stem
from release.rdf_reader import RdfFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_READ_AT_ONCE = 1 << 20  # bytes


class RdfFiles:
    """RDF files that are read together.

    files: with their bases and formats. prefixes: those that the files declare; empty: the files without a quad. Both
    are complete when the quads have been read.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        base: str,
        *,
        bases: Mapping[Path, str] | None = None,
        form: str = "",
        contexts: Path | None = None,
    ) -> None:
        """base: IRI of the dataset. bases: file → IRI that its relative IRIs are resolved against, instead of the base
        of `document_bases`. form: extension that says the format of all files, instead of their own. contexts: folder
        of JSON-LD contexts (release/remote_contexts.py).
        """
        self._paths = tuple(paths)
        of_files = document_bases(self._paths, base) | dict(bases or {})
        self.files = tuple(RdfFile(path, of_files[path], form) for path in self._paths)
        self._contexts = contexts and str(contexts)
        self.prefixes: dict[str, str] = {}
        self.empty: list[Path] = []

    def quads(self) -> Iterator[bytes]:
        """Canonical N-Quads in blocks of whole lines, read by a process of its own (release/rdf_reader.py).

        InputError names file, line and column of what is not RDF, or says why reading ended.
        """
        files = [(str(file.path), file.base, file.format) for file in self.files]
        task = json.dumps({"files": files, "contexts": self._contexts})
        command = with_parent.command(sys.executable, "-P", "-m", rdf_reader.__name__, task)
        with (
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors) as process,
        ):
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            rest = b""
            try:
                while block := process.stdout.read(_READ_AT_ONCE):
                    lines, end, last = block.rpartition(b"\n")
                    if end:
                        yield rest + lines + end
                        rest = last
                    else:
                        rest += last
            finally:
                process.kill()
            outcome = self._outcome(process.wait(), errors)
        self.prefixes |= outcome["prefixes"]
        self.empty += map(Path, outcome["empty"])

    def _outcome(self, code: int, errors: IO[bytes]) -> dict[str, Any]:
        """The last line of the reading process; InputError if the files were not read to the end."""
        errors.seek(0)
        text = errors.read().decode(errors="replace").strip()
        if code == -signal.SIGKILL:
            reason = "the process that reads them was killed, perhaps for lack of memory"
        elif code < 0:
            reason = "they are nested too deeply, or take more than half of this machine's memory"
        else:
            try:
                outcome: dict[str, Any] = json.loads(text.rpartition("\n")[2])
            except ValueError:
                outcome = {}
            if code == 0 and "prefixes" in outcome:
                return outcome
            if "error" in outcome:
                raise InputError(str(outcome["error"]))
            reason = text.rpartition("\n")[2] or f"exit code {code}"
        raise InputError(f"{', '.join(path.name for path in self._paths)} cannot be read: {reason}")


def distinct_names(paths: Iterable[Path]) -> dict[Path, str]:
    """File → the shortest end of its path that no other file has, with slashes: mostly its name."""
    parts = {path: Path(os.path.abspath(path)).parts for path in paths}  # noqa: PTH100 - links are names too
    lengths = dict.fromkeys(parts.values(), 1)
    while True:
        ends = Counter(whole[-length:] for whole, length in lengths.items())
        same = [whole for whole, length in lengths.items() if ends[whole[-length:]] > 1 and length < len(whole)]
        if not same:
            return {path: "/".join(whole[-lengths[whole] :]) for path, whole in parts.items()}
        for whole in same:
            lengths[whole] += 1


def document_bases(paths: Sequence[Path], base: str) -> dict[Path, str]:
    """File → IRI that its relative IRIs are resolved against, so that `<>` and `<#me>` of two files are two.

    A single file stands for the dataset, whose IRI is `base`. Of several files each has its name behind that, without
    extensions where no other has the name: `people.ttl` is `<base>people`.
    """
    if len(paths) == 1:
        return {paths[0]: base}
    names = distinct_names(paths)
    stems = Counter(stem(name) for name in names.values())
    return {path: base + quote(stem(name) if stems[stem(name)] == 1 else name) for path, name in names.items()}
