"""Reads files that others may have put there, only regular ones and in bounds, and writes files whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from typing import TYPE_CHECKING

from core.errors import InputError

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

LARGEST_PART = 64 << 20  # bytes of a context, a rule, a check or a key


def open_regular(path: Path) -> BufferedReader:
    """Open a file for reading; OSError for a folder, a device or a named pipe, which is not waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return os.fdopen(descriptor, "rb")


def read_bytes(path: Path, limit: int) -> bytes:
    """The bytes of a regular file; OSError if they are more than `limit`."""
    with open_regular(path) as file:
        data = file.read(min(limit, os.fstat(file.fileno()).st_size) + 1)  # as much memory is taken as is asked for
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit} bytes", str(path))
    return data


def read_text(path: Path) -> str:
    """The text of a file that is a part of a project; InputError if it is no file, too large or not UTF-8."""
    try:
        return read_bytes(path, LARGEST_PART).decode("utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} cannot be read: it is not UTF-8 ({error.reason} at byte {error.start})") from error


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all: what stood there stays until the text is on the disk. InputError if it fails.

    A link is followed; what is no regular file, such as /dev/stdout, is written to.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    with draft.open("x", encoding="utf-8") as file:
        try:
            file.write(text)
            file.flush()
            if path.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink()
            raise
