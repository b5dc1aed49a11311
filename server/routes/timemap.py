"""TimeMaps: the versions of what has an address, as lists for programs (RFC 7089, 5)."""

from __future__ import annotations

import re
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.formats import JSON, LINK_FORMAT
from release.reader import RELEASE
from release.retention import IDENTITY
from server.http.context import current_release
from server.http.languages import gettext
from server.http.responses import answer, chosen_or_named, link, of_all_releases, see_other, to_json
from server.routes.releases import kept_versions
from server.semantics.conditional import date_field
from server.semantics.memento import has_versions, memento_links, since
from server.semantics.problem import HTTPProblem
from server.versions import PAGE

if TYPE_CHECKING:
    from server.model.urls import Urls
    from server.semantics.memento import Memento
    from server.versions import KeptVersions

OFFERS = (LINK_FORMAT, JSON)
_PAGE = re.compile(r"[1-9][0-9]{0,5}")
_MEMENTO = re.compile(rf"{RELEASE}{IDENTITY.pattern}/")

blueprint = Blueprint("timemap", __name__)


@blueprint.get("/timemap")
def timemap() -> Response:
    """Of what is at the address `?uri=`: all its versions, or the pages that they are on; `page=` is one of these."""
    urls = current_release().urls
    if urls.within:
        return see_other(f"{urls.site}timemap?{request.query_string.decode('latin-1')}")
    local = _local(urls)
    choice = chosen_or_named(OFFERS, request.args.get("format"))
    found = kept_versions()
    page = _page(found)
    make = _json if choice.format is JSON else _link_format
    response = answer(choice, lambda: make(found, local, page), found.digest)
    response.vary.add("Accept")
    return of_all_releases(response)


def _local(urls: Urls) -> str:
    """The path of the original resource below the root; a 400 or 404 problem if there is none that has versions."""
    asked = request.args.get("uri", "")
    if not asked:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext("Say which address is meant: /timemap?uri=<address>."))
    local = asked.removeprefix(urls.base)
    local = local if local != asked else local.removeprefix(urls.site).removeprefix("/")
    local = _MEMENTO.sub("", local, count=1)
    if "://" in local.partition("?")[0] or not has_versions(local):
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("There are no versions of <%(iri)s> here.", iri=asked))
    return local


def _page(found: KeptVersions) -> int | None:
    """The number of the page that is asked for, from 0 on; None if there is but one, or all are asked for."""
    text = request.args.get("page")
    if text is None:
        return 0 if found.pages <= 1 else None
    if not _PAGE.fullmatch(text):
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext("'page' has to be a number from 1."))
    if int(text) > found.pages:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("The versions have no page %(page)s.", page=text))
    return int(text) - 1


def _mementos(found: KeptVersions, local: str, page: int) -> list[Memento]:
    """A 404 problem if no release has the resource."""
    urls = current_release().urls
    iri = found.resource(local, urls)
    mementos = found.mementos(iri, page, partial(urls.permanent, urls.root + local))
    if not mementos and found.pages <= 1:
        detail = gettext("No release that is kept says anything of <%(iri)s>.", iri=iri or local)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    return mementos


def _extent(found: KeptVersions, page: int) -> dict[str, str]:
    """The times that a page of the versions spans."""
    on_page = found.all[page * PAGE : (page + 1) * PAGE]
    return {"from": date_field(since(on_page[0])), "until": date_field(since(on_page[-1]))} if on_page else {}


def _link_format(found: KeptVersions, local: str, page: int | None) -> str:
    """Links as the body of an answer (RFC 7089, 5 and 5.1)."""
    urls, type_ = current_release().urls, LINK_FORMAT.media_type
    own = urls.timemap(local) if page is None or found.pages <= 1 else urls.timemap(local, page=page + 1)
    links = [link(urls.base + local, "original timegate")]
    if page is None:
        links.append(link(own, "self", type=type_))
        for number in range(found.pages):
            target = urls.timemap(local, page=number + 1)
            links.append(link(target, "timemap", type=type_, **_extent(found, number)))
    else:
        links.append(link(own, "self", type=type_, **_extent(found, page)))
        mementos = _mementos(found, local, page)
        listed = memento_links(mementos, is_first=page == 0, is_last=page == found.pages - 1)
        links += [link(target, relation, **attributes) for target, relation, attributes in listed]
    return ",\n ".join(links) + "\n"


def _json(found: KeptVersions, local: str, page: int | None) -> str:
    """A TimeMap in JSON, by the names that other archives use (http://mementoweb.org/guide/timemap-json/)."""
    urls = current_release().urls
    address = partial(urls.timemap, local)
    body: dict[str, object] = {
        "original_uri": urls.base + local,
        "timegate_uri": urls.base + local,
        "timemap_uri": {
            "link_format": address(format=LINK_FORMAT.extension),
            "json_format": address(format=JSON.extension),
        },
    }
    if page is None:
        body["timemap_index"] = [
            {**_extent(found, number), "uri": address(page=number + 1, format=JSON.extension)}
            for number in range(found.pages)
        ]
        return to_json(body)
    listed = [
        {"datetime": f"{memento.since:%Y-%m-%dT%H:%M:%SZ}", "uri": [memento.address]}
        for memento in _mementos(found, local, page)
    ]
    ends = {"first": listed[:1] if page == 0 else [], "last": listed[-1:] if page == found.pages - 1 else []}
    body["mementos"] = {**{name: one for name, found_ in ends.items() for one in found_}, "list": listed}
    return to_json(body)
