"""The address for reports of mistakes: a URI template that a dataset may have, with what is wrong filled in."""

from __future__ import annotations

from functools import lru_cache

from core.uri_template import UriTemplate, UriTemplateError

# page: its address in the release. release: its id. resource: the IRI of what the page is about. statement: the IRI of
# what states the value, or else the triple. source: the IRIs of what backs it. value: resource, property and value in
# words. The last three are empty in the link about the whole page.
VARIABLES = ("page", "release", "resource", "statement", "source", "value")
_SCHEMES = ("mailto:", "https://", "http://")


@lru_cache(64)
def corrections_template(text: str) -> UriTemplate:
    """The template; UriTemplateError if it is none, has other variables, or leads to neither a page nor mail."""
    template = UriTemplate.parse(text, VARIABLES)
    if not text.startswith(_SCHEMES):
        raise UriTemplateError(f"it does not begin with one of {', '.join(_SCHEMES)}")
    return template
