"""Validates the data of a release by SHACL while it is built, beside the rest of the build.

The default graph is validated in the blocks of the lines, by a process of its own (release/block_validation.py), and
what each block gives is kept for the next build. Other data, and shapes that cannot be validated node by node, are
validated as a whole, when the rest is done.
"""

from __future__ import annotations

import base64
import hashlib
import marshal
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, Self

from core.errors import InputError
from core.files import open_regular
from core.focus import inverse_prefix
from core.ntriples import split
from core.validation import SECOND_OPINION, ShaclOutcome
from release import graphs
from release.block_validation import INVERSE, InversePart, Task
from release.validation import ShaclProcess, concluded, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.progress import Progress
    from release.blocks import Block
    from release.lines import Difference, Lines
    from release.memo import Memo
    from release.parts import Part

_VERSION = b"1"  # of what is kept
_TASK, _TRIPLES = "validation.task", "validation.triples"  # files of a build


@dataclass(frozen=True)
class Shacl:
    """What data are to conform to, and which. shapes: a file. base: IRI that its relative IRIs are resolved against.

    write: writes what is validated of sorted N-Quads to a file and gives its path (release/graphs.py); by_graph:
    whether that are graphs with their names. second_opinion: pyshacl validates too what has at most so many triples.
    """

    shapes: Path
    base: str
    write: Callable[[Path, Path], Path] = graphs.default
    by_graph: bool = False
    second_opinion: int = SECOND_OPINION

    def key(self) -> bytes:
        """What the outcomes depend on besides the data: the shapes, and the versions of what reads them.

        InputError if the file does not open.
        """
        versions = (version(name) for name in ("shacl", "pyoxigraph"))
        said = "\0".join((self.base, self.shapes.suffix, *versions)).encode()
        try:
            with open_regular(self.shapes) as file:
                return hashlib.sha256(b"\0".join((_VERSION, said, file.read()))).digest()
        except OSError as error:
            raise InputError(f"{self.shapes}: {error.strerror or error}") from error


class Last(NamedTuple):
    """The last release: its lines, and how the new ones differ from them."""

    lines: Lines
    difference: Difference


class ReleaseValidation:
    """The validation of one release; a context manager, which ends its process and removes its files.

    First its `parts` are made, then it starts, and at last its outcome is asked for.
    """

    def __init__(self, shacl: Shacl | None, memo: Memo, memo_path: Path, folder: Path, progress: Progress) -> None:
        """shacl: None if nothing is validated. memo: at that path. folder: of the release that is built."""
        self._shacl, self._memo, self._memo_path, self._folder = shacl, memo, memo_path, folder
        self._progress = progress
        self._key = shacl.key() if shacl is not None and shacl.write is graphs.default else b""
        self._inverse: frozenset[bytes] = frozenset()
        self._process: ShaclProcess | None = None
        self._kept: list[bytes] = []  # of each block, what its outcome is kept by
        self._used: set[bytes] = set()
        self._running = ExitStack()

    def __enter__(self) -> Self:
        """Begin to read the shapes, if it is not known what they read of data."""
        if self._shacl is not None and self._key and self._reach_key not in self._memo:
            self._process = self._start("reach")
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def parts(self) -> list[Part]:
        """The parts that it needs before it starts. InputError if the shapes are ill-formed."""
        if not self._key:
            return []
        known = self._memo.get(self._reach_key)
        if known is None:
            known = self._read_shapes()
            self._memo.put(self._reach_key, known)
        self._used.add(self._reach_key)
        bounded, inverse = marshal.loads(known)  # noqa: S302 - written here, and its digest is right
        if not bounded:
            self._key = b""
            return []
        self._inverse = frozenset(inverse)
        return [InversePart(self._inverse)]

    def start(self, lines: Lines, last: Last | None, triples: int) -> None:
        """Begin to validate the lines, of which `parts` are made. last: if it is known. triples: their number."""
        if not self._key:
            return
        self._progress(f"validating {triples} triples")
        self._kept = self._kept_for(lines, last)
        task = Task(
            lines=str(lines.path),
            blocks=[(block.start, block.end, block.digest, block.continues) for block in lines.blocks],
            inverse=str(self._file(INVERSE)),
            memo=str(self._memo_path),
            kept=self._kept,
            changed=sorted(self._changed(last.difference)) if last is not None and any(self._kept) else [],
        )
        task.write(self._file(_TASK))
        self._process = self._start("blocks", str(self._folder / _TASK))

    def outcome(self, lines: Lines, triples: int) -> ShaclOutcome:
        """The outcome, when it is there. InputError as for `validate`."""
        shacl = self._shacl
        if shacl is None:
            return ShaclOutcome()
        with self._running:
            outcome = self._of_blocks(lines, triples) if self._key else None
        if outcome is not None:
            return outcome
        with TemporaryDirectory(dir=self._folder) as work:
            return validate(
                shacl.write(lines.path, Path(work) / "triples"),
                shacl.shapes,
                shacl.base,
                self._progress,
                second_opinion=shacl.second_opinion,
                by_graph=shacl.by_graph,
            )

    def keep(self, lines: Lines) -> set[bytes]:
        """Keep what the blocks gave for the next build, now that their release is current; keys of what is used."""
        if self._key:
            self._memo.put(self._last_key, marshal.dumps((lines.digest, self._kept)))
            self._used.update((self._last_key, *self._kept))
        return self._used

    @property
    def _reach_key(self) -> bytes:
        return b"shapes %b" % self._key

    @property
    def _last_key(self) -> bytes:
        return b"last validation %b" % self._key

    def _start(self, validator: str, *data: str) -> ShaclProcess:
        assert self._shacl is not None  # noqa: S101 - the caller has seen to it
        output = self._running.enter_context(tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115 - it is
        process = ShaclProcess(validator, self._shacl.shapes, self._shacl.base, *data, output=output)
        return self._running.enter_context(process)

    def _file(self, name: str) -> Path:
        """A file in the folder, which is removed in the end."""
        path = self._folder / name
        self._running.callback(path.unlink, missing_ok=True)
        return path

    def _read_shapes(self) -> bytes:
        """Whether the shapes can be validated in blocks, and what they look up by objects, as that is kept."""
        assert self._process is not None  # noqa: S101 - it was started on entry
        _, found = self._process.written(self._progress)
        return marshal.dumps((found["bounded"], [name.encode() for name in found["inverse"]]))

    def _kept_for(self, lines: Lines, last: Last | None) -> list[bytes]:
        """The keys of what the last build has kept for each block that it had too; empty for others."""
        none = [b""] * len(lines.blocks)
        record = self._memo.get(self._last_key) if last is not None else None
        if record is None or last is None:
            return none
        content, keys = marshal.loads(record)  # noqa: S302 - written by `keep`, and its digest is right
        if content != last.lines.digest:
            return none
        known = dict(zip(_distinguished(last.lines.blocks), keys, strict=True))
        return [known.get(block, b"") for block in _distinguished(lines.blocks)]

    def _changed(self, difference: Difference) -> set[bytes]:
        """What look-ups may have other answers to than before: nodes, and beginnings of inverse lines."""
        found = set()
        for line in chain.from_iterable(difference):
            subject, predicate, value, graph = split(line)
            if graph is None:
                found.add(subject)
                if predicate in self._inverse:
                    found.add(inverse_prefix(value, predicate))
        return found

    def _of_blocks(self, lines: Lines, triples: int) -> ShaclOutcome | None:
        """The outcome of the process; None if the shapes read too much for some node."""
        assert self._process is not None  # noqa: S101 - `start` was called
        assert self._shacl is not None  # noqa: S101 - else there is no key
        read, reports = {}, []
        for written in self._process.written(self._progress):
            if "excess" in written:
                self._key = b""
                return None
            if "outcome" in written:
                value = base64.b64decode(written["outcome"])
                key = b"validated %b" % hashlib.sha256(value).digest()
                self._memo.put(key, value)
                self._kept[written["block"]] = key
            elif "report" in written:
                reports.append(written)
            else:
                read = written
        asked = self._shacl.second_opinion and triples <= self._shacl.second_opinion
        return concluded(read, reports, partial(self._second, lines) if asked else None, self._progress)

    def _second(self, lines: Lines) -> ShaclProcess:
        assert self._shacl is not None  # noqa: S101 - the caller has seen to it
        data = self._shacl.write(lines.path, self._file(_TRIPLES))
        return ShaclProcess("pyshacl", self._shacl.shapes, self._shacl.base, str(data))


def _distinguished(blocks: Sequence[Block]) -> list[tuple[bytes, bool, bool]]:
    """What tells blocks apart: their lines, and whether their first subject and their last one are in others too."""
    following = [*(block.continues for block in blocks[1:]), False]
    return [(block.digest, block.continues, more) for block, more in zip(blocks, following, strict=False)]
