"""Why a query has no answer."""

from __future__ import annotations

from core.errors import ParkGraphError


class QueryError(ParkGraphError):
    """A query has no answer.

    QueryError
    ├── SyntaxFault         it is not SPARQL; `line` and `column` say where, where the engine told
    ├── FormatFault         its form (`results` or `graph`) comes in none of the formats asked for
    ├── UnwritableFault     the format cannot hold the result
    ├── ServiceFault        it asks another endpoint
    ├── EvaluationFault     the engine could not evaluate it
    ├── GatewayFault        another endpoint, which was to answer it, did not, or not as it should
    ├── TimeFault           it took longer than it may
    ├── MemoryFault         it needed more memory than it may
    ├── SizeFault           its result is larger than it may be
    ├── KilledFault         its process was killed by somebody else
    ├── BusyFault           too many queries run and wait already
    └── ShareFault          too many long queries of this client do
    """


class SyntaxFault(QueryError):  # noqa: N818 - a kind of QueryError
    def __init__(self, message: str, line: int | None, column: int | None) -> None:
        super().__init__(message)
        self.line, self.column = line, column


class FormatFault(QueryError):  # noqa: N818 - a kind of QueryError
    def __init__(self, form: str) -> None:
        super().__init__(f"a result of the form '{form}' comes in none of the formats asked for")
        self.form = form


class UnwritableFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class ServiceFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class EvaluationFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class GatewayFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class TimeFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class MemoryFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class SizeFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class KilledFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class BusyFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass


class ShareFault(QueryError):  # noqa: N818 - a kind of QueryError
    pass
