"""Folders that several machines see, by fsspec: in a file system that they share, or a store such as S3."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = "pip install 'parkgraph[cluster]'"


@dataclass(frozen=True)
class SharedFolder:
    """A folder. url: its absolute path, or a URL that fsspec knows, such as s3://bucket/folder."""

    url: str

    def __str__(self) -> str:
        return self.url

    def under(self, name: str) -> SharedFolder:
        """The folder of this name in it."""
        return SharedFolder(f"{self.url.rstrip('/')}/{name}")

    def read(self, name: str, start: int | None = None, end: int | None = None) -> bytes:
        """The bytes of a file, or some of them; InputError if it cannot be read."""
        with _told(f"{self.url}/{name}", "read"):
            data: bytes = self._system.cat_file(self._path(name), start=start, end=end)
        return data

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole, or not at all; InputError if it cannot be written."""
        with _told(f"{self.url}/{name}", "written"):
            if self._is_local:  # where a killed process leaves half a file behind; stores write whole objects
                draft = Path(self._path(f".{uuid4().hex}"))
                draft.parent.mkdir(parents=True, exist_ok=True)
                draft.write_bytes(data)
                draft.replace(self._path(name))
            else:
                self._system.pipe_file(self._path(name), data)

    def send(self, file: Path, name: str) -> None:
        """Write a file of this machine."""
        with _told(f"{self.url}/{name}", "written"):
            self._system.put_file(str(file), self._path(name))

    def fetch(self, name: str, file: Path) -> None:
        """Copy a file to this machine; InputError if it cannot be read."""
        with _told(f"{self.url}/{name}", "read"):
            self._system.get_file(self._path(name), str(file))

    def copy(self, folders: tuple[str, ...], suffixes: frozenset[str], target: Path) -> None:
        """Copy the files with these suffixes in these folders of it to a folder of this machine."""
        with _told(self.url, "read"):
            found = {}
            for folder in folders:
                for path in self._system.find(self._path(folder)):
                    name = PurePosixPath(path[len(self._root) :].lstrip("/"))
                    if ".." in name.parts:  # objects of a store may have any name
                        raise InputError(f"{self.url}/{name} is no name of a file: rename it")
                    if name.suffix in suffixes:
                        found[path] = target / name
            for file in found.values():
                file.parent.mkdir(parents=True, exist_ok=True)
            if found:
                self._system.get([*found], [str(file) for file in found.values()])

    def remove(self) -> None:
        """Remove the folder with what is in it; InputError if that fails."""
        with _told(self.url, "removed"):
            if self._system.exists(self._root):
                self._system.rm(self._root, recursive=True)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @property
    def _is_local(self) -> bool:
        return "file" in self._system.protocol

    @property
    def _system(self) -> Any:
        return self._opened[0]

    @property
    def _root(self) -> str:
        return self._opened[1]

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        with _told(self.url, "opened"):
            from fsspec.core import url_to_fs  # noqa: PLC0415 - builds without other machines do without it

            system, root = url_to_fs(self.url)
        return system, root.rstrip("/")


@contextmanager
def _told(place: str, done: str) -> Iterator[None]:
    """InputError for what fsspec or the library of a store raises."""
    try:
        yield
    except InputError:
        raise
    except ImportError as error:
        raise InputError(f"{place} cannot be {done}: {error}; {PACKAGES}, or what that store needs") from error
    except FileNotFoundError as error:
        raise InputError(f"{place} cannot be {done}: it cannot be seen from here: {reason(error)}") from error
    except PermissionError as error:
        raise InputError(f"{place} cannot be {done}: {reason(error)}; check the credentials and rights") from error
    except Exception as error:  # each library of a store has its own
        raise InputError(f"{place} cannot be {done}: {reason(error)}; check the address and credentials") from error


def reason(error: Exception) -> str:
    """The first line of what an error says."""
    return (str(error) or type(error).__name__).splitlines()[0]
