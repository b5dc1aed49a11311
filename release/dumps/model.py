"""What a dataset says about its own classes and properties, as far as dumps need it: names, and the shapes' order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.labels import by_language
from core.shapes import read_graph

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyoxigraph as ox

    from core.shapes import Shapes


@dataclass(frozen=True)
class Model:
    """labels: IRI → language → text."""

    labels: dict[str, dict[str, str]]
    shapes: Shapes

    @property
    def targets(self) -> set[str]:
        return set(self.shapes.by_class)

    def order(self, classes: Iterable[str]) -> dict[str, float]:
        """Property → its place in the shapes for the classes, or else in any shape."""
        return self.shapes.orders(classes)


def read(store: ox.Store, shapes: str | None, named: Iterable[str]) -> Model:
    """The model of the data in a store. shapes: the graph of the shapes; named: what names are wanted of."""
    return Model({iri: labels for iri in named if (labels := by_language(store, iri))}, read_graph(store, shapes))
