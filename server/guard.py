"""Finds queries that want to send something to another endpoint, so that they are refused with a clear word.

It runs in the query process: a long query takes a while to read. And it is for clarity alone: these processes cannot
open a connection in the first place (server/sandbox.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server.grammar import parse

if TYPE_CHECKING:
    from tree_sitter import Node

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_HIGHEST = 0x10FFFF


def asks_elsewhere(query: str) -> bool:
    """Whether the query has a SERVICE pattern (https://www.w3.org/TR/sparql11-federated-query/).

    The word in a comment, a text, a prefix or a variable is none. A query that the grammar cannot read counts only
    if such a pattern was recognised in it: the engine judges the rest.
    """
    text = _ESCAPE.sub(_character, query)  # https://www.w3.org/TR/sparql11-query/#codepointEscape
    if "service" not in text.lower():
        return False
    return _contains_service(parse(text.encode("utf-8", "replace")))


def _character(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number <= _HIGHEST else match[0]


def _contains_service(root: Node) -> bool:
    """Iterative: queries may be nested deeper than Python's stack."""
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if node.type == "service_graph_pattern":
            return True
        nodes.extend(node.children)
    return False
