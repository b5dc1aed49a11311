"""Temporary files, and what is said where they cannot be written: a full or missing folder, or too many open files."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import ParkGraphError

if TYPE_CHECKING:
    from collections.abc import Iterator


class TemporaryFileError(ParkGraphError):
    """A temporary file cannot be written; the message names the folder and the error of the system."""


@contextmanager
def writing_temporary_file() -> Iterator[None]:
    """Raise an OSError as a TemporaryFileError."""
    try:
        yield
    except OSError as error:
        folder = tempfile.tempdir or os.environ.get("TMPDIR") or "any folder for temporary files"
        raise TemporaryFileError(
            f"cannot write to {folder}: [Errno {error.errno}] {error.strerror or error}"
        ) from error
