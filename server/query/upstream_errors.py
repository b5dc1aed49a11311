"""What another endpoint says of a query that it refuses, as far as it may be handed on."""

from __future__ import annotations

import json
import re

from core.syntax_errors import Misread, readable

_OXIGRAPH = re.compile(r"error at (\d+):(\d+): ")
_ELSEWHERE = re.compile(r"(?:at )?line:? (\d+),? col(?:umn)?:? (\d+)(?:[.:] *)?", re.IGNORECASE)  # Jena, RDF4J
# Addresses, paths and frames of a stack are the other server's business.
_INTERNAL = re.compile(
    r"""
      \w+://(?!www\.w3\.org)[^\s>]*      # an address
    | (?:^|\s)(?:/[\w.-]+){2,} | [A-Z]:\\ # a path
    | \bat\ [\w$]+(?:\.[\w$]+)+\( | Traceback | \.(?:java|py|cpp|c|rs|go|js):\d+ | \b(?:[a-z]\w*\.){2,}[A-Z]\w+
    """,
    re.VERBOSE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST = 300  # characters
_UNTOLD = "the endpoint behind this one does not take it"


def complaint(body: bytes, content_type: str) -> Misread:
    """The first line of a plain text, or what a problem or another JSON object says, with its place if it has one."""
    text = _text(body.decode("utf-8", "replace"), content_type.partition(";")[0].strip().lower())
    own = _OXIGRAPH.match(text)
    if own:
        return Misread(_told(readable(text[own.end() :])), int(own[1]), int(own[2]))
    line = next((line for line in text.strip().splitlines() if line.strip()), "")
    line = _CONTROL.sub(" ", line).strip()
    place = _ELSEWHERE.search(line)
    if place:
        said = line[place.end() :].strip(" ,:;.") or line[: place.start()].strip(" ,:;.")
        return Misread(_told(said), int(place[1]), int(place[2]))
    return Misread(_told(line.rstrip(".")), None, None)


def _text(text: str, media_type: str) -> str:
    if media_type == "text/plain":
        return text
    if media_type == "application/json" or media_type.endswith("+json"):
        try:
            said = json.loads(text)
        except ValueError:
            return ""
        if isinstance(said, dict):
            return next((str(said[key]) for key in ("detail", "message", "error") if said.get(key)), "")
    return ""


def _told(line: str) -> str:
    if not line or len(line) > _LONGEST or _INTERNAL.search(line):
        return _UNTOLD
    return line
