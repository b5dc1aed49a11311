"""An open release: what it says of itself, its data as an rdflib Dataset and as frames, and its answers."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from core.errors import InputError
from parkgraph.answers import Answer, Terms
from parkgraph.frames import frame
from parkgraph.tables import Table, find_table, name_columns, read_columns

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import rdflib

    from parkgraph.answers import Library
    from parkgraph.sources import Source

_LARGEST = 4 << 30  # bytes of a file that is downloaded, if nothing else is said
_FORMS = ("text", "bibtex", "ris", "csl-json")


def open(where: str | Path, *, cache: str | Path | None = None, largest: int = _LARGEST) -> Release:  # noqa: A001 - as gzip.open
    """Open a release.

    where: a folder that `parkgraph build` wrote, one of its releases, or the URL of a service or of a release in it.
    cache: folder where the downloads of a URL stay for the next time; else they are in a temporary one, and go with the
    release. largest: bytes of a file that is downloaded. Every file that is read is compared with its digest.

    ReleaseError if there is no release, InputError if the server does not answer.
    """
    from parkgraph.sources import FolderSource, UrlSource

    if isinstance(where, str) and where.startswith(("http://", "https://")):
        return Release(UrlSource(where, Path(cache) if cache else None, largest))
    return Release(FolderSource(Path(where)))


class Release:
    """A release of a dataset, which never changes."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._manifest = source.manifest

    def __repr__(self) -> str:
        return f"<Release {self.id} of {self.title!r}>"

    @property
    def id(self) -> str:
        """The id, made of the content: equal data have an equal one."""
        return self._manifest.id

    @property
    def base(self) -> str:
        """The IRI that those of the dataset begin with."""
        return self._manifest.base

    @property
    def created(self) -> str:
        """Date and time of the release, in ISO 8601."""
        return self._manifest.created

    @property
    def title(self) -> str:
        """The title of the dataset, in English if it has one."""
        return _english(self._manifest.dataset.title) or self.base

    @property
    def licence(self) -> str | None:
        """The IRI of the licence, or else what is allowed, in words."""
        return self._manifest.dataset.license or _english(self._manifest.dataset.rights)

    @property
    def prefixes(self) -> dict[str, str]:
        """Prefix → namespace, as queries may use them."""
        return dict(self._manifest.prefixes)

    @property
    def classes(self) -> dict[str, int]:
        """The IRI of each class → its number of members."""
        return dict(self._manifest.counts.classes)

    def citation(self, form: str = "text") -> str:
        """How the release is cited, as `text`, `bibtex`, `ris` or `csl-json`."""
        from datetime import date

        from core.formats import CITATIONS
        from release.reader import RELEASE
        from server.semantics.citation import Citation

        if form not in _FORMS:
            raise InputError(f"a citation is one of {', '.join(_FORMS)}")
        dataset = self._manifest.dataset
        publisher = _english(dataset.publisher) or ", ".join(dataset.creators) or None
        address, day = f"{self.base}{RELEASE}{self.id}", date.fromisoformat(self.created[:10])
        citation = Citation(self.title, address, None, self.id, day, publisher, self.licence)
        return citation.text(CITATIONS[_FORMS.index(form)])

    def dataset(self) -> rdflib.Dataset:
        """All quads: the default graph has every triple once, named graphs say where each comes from.

        ValueError if there are triples as terms, which rdflib does not have.
        """
        import gzip

        import pyoxigraph as ox
        import rdflib

        from release.reader import NQUADS

        found, to_rdflib = rdflib.Dataset(), Terms()
        for prefix, namespace in self.prefixes.items():
            found.bind(prefix, namespace, replace=True)
        graphs: dict[Any, rdflib.Graph] = {ox.DefaultGraph(): found.default_graph}
        with gzip.open(self._source.file(NQUADS), "rb") as lines:
            for quad in ox.parse(cast("IO[bytes]", lines), ox.RdfFormat.N_QUADS):
                name = quad.graph_name
                if name not in graphs:
                    graphs[name] = found.graph(to_rdflib(name))
                graphs[name].add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
        return found

    def frame(self, class_: str, library: Library = "pandas", *, names: str | None = None) -> Any:
        """The members of a class as a data frame: a row for each, a column for each property.

        class_: an IRI, a name with a prefix, as `pg:Park`, or the name of its table, as `Park`. library: `pandas` or
        `polars`. names: a language, for a column `…_name` behind each one with IRIs, with what they are called, units
        included. Numbers, dates and truth values are such; several values are a list. InputError if there is no such
        class.
        """
        table = self._table(class_)
        columns = read_columns(self._source.file(table.path))
        if names is not None:
            columns = name_columns(columns, table.iri_columns(self._source.file(table.path)), names, self.query)
        made = frame(columns, library)
        if library == "pandas":
            made.attrs = {"release": self.id, "licence": self.licence, "citation": self.citation()}
        return made

    def to_pandas(self, class_: str, *, names: str | None = None) -> pd.DataFrame:
        """The members of a class as a data frame of pandas; see `frame`."""
        return cast("pd.DataFrame", self.frame(class_, "pandas", names=names))

    def to_polars(self, class_: str, *, names: str | None = None) -> pl.DataFrame:
        """The members of a class as a data frame of Polars; see `frame`."""
        return cast("pl.DataFrame", self.frame(class_, "polars", names=names))

    def query(self, sparql: str) -> Answer | bool | rdflib.Graph:
        """The answer to a query: rows for SELECT, a truth value for ASK, a graph for CONSTRUCT and DESCRIBE.

        It may use the prefixes of the release, IRIs relative to its base, and `text:query`. A release in a folder is
        asked in this process, without limits; one at a URL by its endpoint. QueryError if there is no answer.
        """
        return _answer(self._source.query(sparql))

    @property
    def saved_queries(self) -> list[str]:
        """The names of the saved queries."""
        return self._source.saved_names()

    def saved_query(self, name: str, **values: str) -> Answer | bool | rdflib.Graph:
        """The answer to a saved query, with values for its parameters; an IRI may be relative to the base.

        QueryError if there is no such query, ParameterError or QueryError if a value is missing or wrong.
        """
        return _answer(self._source.saved(name, values))

    def _table(self, class_: str) -> Table:
        return find_table(self._source.file, class_, self.prefixes)


def _answer(answer: Any) -> Answer | bool | rdflib.Graph:
    """The answer of the engine as one of rdflib."""
    import pyoxigraph as ox
    import rdflib

    if isinstance(answer, ox.QueryBoolean):
        return bool(answer)
    if isinstance(answer, ox.QuerySolutions):
        return Answer.of(answer)
    graph, to_rdflib = rdflib.Graph(), Terms()
    for triple in answer:
        graph.add((to_rdflib(triple.subject), to_rdflib(triple.predicate), to_rdflib(triple.object)))
    return graph


def _english(texts: dict[str, str]) -> str | None:
    return texts.get("en") or next(iter(texts.values()), None)
