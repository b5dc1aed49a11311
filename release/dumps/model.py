"""What a dataset says about its own classes and properties, as far as dumps need it: names, and the shapes' order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.namespaces import OWL, RDF_TYPE, RDFS, SH

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHAPES = f"""
SELECT ?graph ?shape ?target ?path ?order WHERE {{
  GRAPH ?graph {{
    ?shape <{SH}property> ?property .
    ?property <{SH}path> ?path .
    OPTIONAL {{ ?property <{SH}order> ?order }}
    OPTIONAL {{ ?shape <{SH}targetClass> ?target }}
  }}
}}"""
_CLASSES = (ox.NamedNode(RDFS + "Class"), ox.NamedNode(OWL + "Class"))


@dataclass(frozen=True)
class Model:
    """labels: IRI → language → text; targets: classes that a shape is for; orders: class → property → place."""

    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    targets: set[str] = field(default_factory=set)
    _orders: dict[str, dict[str, float]] = field(default_factory=dict)

    def order(self, classes: Iterable[str]) -> dict[str, float]:
        """Property → its place in the shapes for the classes, or else in any shape."""
        order = dict(self._orders.get("", {}))
        for class_ in classes:
            order |= self._orders.get(class_, {})
        return order


def read(store: ox.Store, shapes: str | None, named: Iterable[str]) -> Model:
    """The model of the data in a store. shapes: the graph of the shapes; named: what names are wanted of."""
    model = Model({iri: labels for iri in named if (labels := _labels(store, iri))})
    if shapes is None:
        return model
    rows: Any = store.query(_SHAPES, substitutions={ox.Variable("graph"): ox.NamedNode(shapes)})
    for row in rows:
        path, order = row["path"], _number(row["order"])
        if not isinstance(path, ox.NamedNode):
            continue
        class_ = row["target"] or row["shape"]
        if isinstance(class_, ox.NamedNode) and (row["target"] is not None or _is_class(store, class_)):
            model.targets.add(class_.value)
            _enter(model, class_.value, path.value, order)
        _enter(model, "", path.value, order)
    return model


def _enter(model: Model, class_: str, path: str, order: float) -> None:
    orders = model._orders.setdefault(class_, {})  # noqa: SLF001 - `read` is its constructor
    orders[path] = min(order, orders.get(path, order))


def _is_class(store: ox.Store, shape: ox.NamedNode) -> bool:
    return any(ox.Quad(shape, ox.NamedNode(RDF_TYPE), class_) in store for class_ in _CLASSES)


def _number(order: object) -> float:
    try:
        return float(order.value) if isinstance(order, ox.Literal) else float("inf")
    except ValueError:
        return float("inf")


def _labels(store: ox.Store, iri: str) -> dict[str, str]:
    found: dict[str, str] = {}
    quads = store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(RDFS + "label"), None, ox.DefaultGraph())
    for text in sorted((q.object.language or "", q.object.value) for q in quads if isinstance(q.object, ox.Literal)):
        found.setdefault(*text)
    return found
