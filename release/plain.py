"""Reads plain RDF files as the quads of a release, without mapping or adding anything."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from typing import IO, TYPE_CHECKING

from core.errors import InputError
from release import rdf_reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_READ_AT_ONCE = 1 << 20  # bytes


class RdfFiles:
    """RDF files whose format follows from the extension: `.nq .nt .ttl .trig .rdf .jsonld`, each also `.gz`.

    prefixes: those that the files declare, complete when the quads have been read.
    """

    def __init__(self, paths: Iterable[Path], base: str) -> None:
        """base: IRI that relative IRIs are resolved against."""
        self._paths, self._base = tuple(paths), base
        self.prefixes: dict[str, str] = {}

    def quads(self) -> Iterator[bytes]:
        """Canonical N-Quads in blocks of whole lines, read by a process of its own (release/rdf_reader.py).

        InputError names file, line and column of what is not RDF, or says why reading ended.
        """
        command = [sys.executable, "-P", "-m", rdf_reader.__name__, self._base, *map(str, self._paths)]
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
            self.prefixes |= self._outcome(process.wait(), errors)

    def _outcome(self, code: int, errors: IO[bytes]) -> dict[str, str]:
        """The prefixes of the files; InputError if they were not read to the end."""
        errors.seek(0)
        text = errors.read().decode(errors="replace").strip()
        if code == -signal.SIGXCPU:
            reason = f"labelling their blank nodes takes longer than {rdf_reader.LABEL_SECONDS} s: give them IRIs"
        elif code < 0:
            reason = "they are nested too deeply, or take more than half of this machine's memory"
        else:
            try:
                outcome: dict[str, dict[str, str]] = json.loads(text.rpartition("\n")[2])
            except ValueError:
                outcome = {}
            if code == 0 and "prefixes" in outcome:
                return outcome["prefixes"]
            if "error" in outcome:
                raise InputError(str(outcome["error"]))
            reason = text.rpartition("\n")[2] or f"exit code {code}"
        raise InputError(f"{', '.join(path.name for path in self._paths)} cannot be read: {reason}")
