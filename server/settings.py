"""The settings of the server: one frozen value, read from the environment once; docs/settings.md explains each."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.rdf import parse_iri

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "PARKGRAPH_"
# Variables with the same prefix that other commands, and the tests, read.
NOT_OF_THE_SERVER = frozenset(
    {
        "PARKGRAPH_BASE",
        "PARKGRAPH_ARTICLES",
        "PARKGRAPH_KEEP",
        "PARKGRAPH_LOAD_PASSWORD",
        "PARKGRAPH_MEMORY",
        "PARKGRAPH_SECOND_OPINION",
        "PARKGRAPH_SIGN_KEY",
        "PARKGRAPH_SUITES",
    }
)

_URL = re.compile(r"https?://[^/?#\s]+(/[^?#\s]*)?(\?[^#\s]*)?", re.IGNORECASE)
_HOST_AND_PORT = re.compile(r"(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})", re.ASCII)
OFF = "off"
_OTHER_THREADS = 8  # of each web process, for answers from memory and refusals, which take a moment
_TRUE = {"1": True, "true": True, "yes": True, "on": True}
_FALSE = {"0": False, "false": False, "no": False, "off": False}
_MAY_BE_ZERO = frozenset({"port", "trusted_proxies", "cache_memory", "query_queue"})  # of the numbers, none negative


@dataclass(frozen=True)
class Settings:
    """What a server is told; each field is the variable `PARKGRAPH_<FIELD>` of the environment.

    Times are in seconds, sizes in MiB (2^20 bytes), and the counts of queries and threads hold for each process.
    """

    releases: Path = Path("releases")
    project: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    document_threads: int = 64
    file_threads: int = 48
    body_threads: int = 32
    body_seconds: float = 10.0
    open_releases: int = 4
    endpoint: str = ""
    endpoint_default_graph: str = ""
    query_seconds: float = 10.0
    chart_seconds: float = 4.0
    query_memory: int = 512
    query_result: int = 256
    result_files: int = 2048
    query_fast: int = 2
    query_slow: int = 1
    query_queue: int = 48
    query_length: int = 1
    client_connections: int = 100
    client_requests: int = 40
    client_slow: int = 32
    cache_memory: int = 64
    trusted_proxies: int = 0
    nginx_files: str = ""
    metrics: str = ""
    access_log: str = ""
    access_log_queries: bool = False
    require_sandbox: bool = True

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) in {int, float} and not (value > 0 or (value == 0 and name in _MAY_BE_ZERO)):
                least = "0 or more" if name in _MAY_BE_ZERO else "more than 0"
                raise InputError(f"{PREFIX}{name.upper()} has to be {least}")
        if self.result_files < self.query_result:
            raise InputError(f"{PREFIX}RESULT_FILES has to be at least {PREFIX}QUERY_RESULT: one result has room then")
        try:
            ipaddress.ip_address(self.host)
        except ValueError as error:
            raise InputError(f"{PREFIX}HOST={self.host!r} is not an IP address, as 127.0.0.1 or ::1") from error
        if self.nginx_files and not (self.nginx_files.startswith("/") and self.nginx_files.endswith("/")):
            raise InputError(f"{PREFIX}NGINX_FILES begins and ends with a slash")
        if self.metrics not in {"", OFF} and self.metrics_address is None:
            raise InputError(f"{PREFIX}METRICS={self.metrics!r} is not HOST:PORT, nor {OFF}, nor empty")
        if self.endpoint and not is_address(self.endpoint):
            raise InputError(
                f"{PREFIX}ENDPOINT={self.endpoint!r} is not the address of an endpoint, http:// or https://"
            )

        if self.endpoint_default_graph:
            try:
                parse_iri(self.endpoint_default_graph)
            except InputError as error:
                raise InputError(f"{PREFIX}ENDPOINT_DEFAULT_GRAPH: {error}") from error

    @property
    def threads(self) -> int:
        """Threads of one web process: one for all that may be under way of each kind, so that none takes another's."""
        queries = self.query_fast + self.query_slow + self.query_queue
        return queries + self.document_threads + self.file_threads + self.body_threads + _OTHER_THREADS

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Host and port at which metrics are told alone, if they are."""
        found = _HOST_AND_PORT.fullmatch(self.metrics)
        return (found["host"].strip("[]"), int(found["port"])) if found and 0 < int(found["port"]) < 1 << 16 else None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the variables; InputError names the one that is unknown or has a value that does not fit."""
        environment = os.environ if environment is None else environment
        known = {PREFIX + field.name.upper(): field.name for field in fields(cls)}
        values: dict[str, object] = {}
        for variable, text in environment.items():
            if not variable.startswith(PREFIX) or variable in NOT_OF_THE_SERVER:
                continue
            if variable not in known:
                raise InputError(f"{variable} is not a setting; there are {', '.join(sorted(known))}")
            values[known[variable]] = _value(variable, text, getattr(cls, known[variable]))
        return cls(**values)  # type: ignore[arg-type]


def is_address(url: str) -> bool:
    """Whether it can be the address of an endpoint."""
    return _URL.fullmatch(url) is not None


def _value(variable: str, text: str, default: object) -> object:
    try:
        if isinstance(default, bool):
            return (_TRUE | _FALSE)[text.lower()]
        return type(default)(text)  # type: ignore[call-arg]
    except (ValueError, KeyError) as error:
        expected = "true or false" if isinstance(default, bool) else f"a value of type {type(default).__name__}"
        raise InputError(f"{variable}={text!r} is not {expected}") from error
