"""Reads the syntax of a query, so that the server can look at it and not only run it."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


def parse(query: bytes) -> Node:
    """The root of the syntax tree; `has_error` where the grammar cannot read it, and the engine perhaps can."""
    return _parser().parse(query).root_node


@cache
def _parser() -> Parser:
    """Loaded when the first query asks for it: few do."""
    import tree_sitter_sparql  # noqa: PLC0415
    from tree_sitter import Language, Parser  # noqa: PLC0415

    with warnings.catch_warnings():
        # the grammar's package still hands over a number where tree-sitter would have a capsule
        warnings.simplefilter("ignore", DeprecationWarning)
        return Parser(Language(tree_sitter_sparql.language()))
