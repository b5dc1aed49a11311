"""Answers of the tools: the types are the output schemas, the texts in them tell a model what a member is."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel as _PydanticModel
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

Address = Annotated[str | None, Field(description="Permanent address: what it names never changes; cite it.")]


class BaseModel(_PydanticModel):
    """Written without what has no value, which would but cost a model's attention."""

    @model_serializer(mode="wrap")
    def _without_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value is not None}


class _Answer(BaseModel):
    release: str = Field(description="Id of the release that the answer is of.")
    truncated: bool = Field(default=False, description="Whether something is left out.")
    left_out: str | None = Field(default=None, description="What is left out, and how to get it.")
    next: str | None = Field(default=None, description="Give it as 'after' for what follows.")


class Term(BaseModel):
    """An IRI, a blank node or a literal, as in SPARQL results in JSON; label: the name of an IRI."""

    type: str
    value: str
    language: str | None = None
    datatype: str | None = None
    label: str | None = None


class Match(BaseModel):
    iri: str
    label: str
    kind: str | None = Field(default=None, description="The name of its class.")
    class_iri: str | None = None
    matched: str = Field(description="The name that fits, or the part of a text that has the words.")
    address: Address = None


class Matches(_Answer):
    found: list[Match] = Field(description="By their names, the best first.")
    in_texts: list[Match] = Field(description="By the words of a text.")


class Detail(BaseModel):
    """A property with a value."""

    property: str
    label: str
    value: Term


class Statement(BaseModel):
    """A statement about a fact, and what it says: who states it, since when, where it stands."""

    iri: str
    says: dict[str, list[str]] = Field(description="Name of a property → its values.")


class Fact(Detail):
    subject: str | None = Field(
        default=None, description="Whose fact it is: a blank node among the values; None for the resource itself."
    )
    statements: list[Statement] = Field(
        default_factory=list, description="Statements about this fact; quote their IRIs."
    )
    more_statements: int | None = Field(default=None, description="So many more are about it.")


class Reference(BaseModel):
    """A resource that refers to this one, by a property."""

    subject: Term
    property: str
    label: str


class Description(_Answer):
    iri: str
    label: str
    address: Address = None
    facts: list[Fact] = Field(description="Names and classes first, then what has fewest values.")
    references: list[Reference] = Field(description="What refers to it.")


class Use(BaseModel):
    iri: str
    label: str
    uses: int


class Property(Use):
    """A property of the members of a class, with the classes or datatypes of its values."""

    classes: list[Use] = Field(default_factory=list)
    datatypes: list[Use] = Field(default_factory=list)


class Schema(_Answer):
    classes: list[Use] = Field(default_factory=list, description="Classes and the numbers of their members.")
    properties: list[Property] = Field(default_factory=list, description="Of members of the class.")
    incoming: list[Use] = Field(default_factory=list, description="Properties that lead to members of the class.")
    values: list[Use] = Field(default_factory=list, description="The most frequent values of the property.")
    prefixes: dict[str, str] = Field(default_factory=dict)


class Parameter(BaseModel):
    name: str
    type: str
    required: bool
    description: str | None = None
    members_of: str | None = Field(default=None, description="The class whose members are its values.")
    default: str | None = None
    example: str | None = None


class SavedQuery(BaseModel):
    name: str
    title: str
    description: str | None = None
    parameters: list[Parameter]
    columns: list[str]


class QueryAnswer(_Answer):
    columns: list[str] = Field(default_factory=list)
    rows: list[dict[str, Term]] = Field(default_factory=list)
    boolean: bool | None = Field(default=None, description="The answer to ASK.")
    graph: str | None = Field(default=None, description="The triples of CONSTRUCT or DESCRIBE, as N-Triples.")
    address: Address = None


class SavedQueryAnswer(QueryAnswer):
    queries: list[SavedQuery] = Field(default_factory=list, description="All saved queries, where none was named.")


class Source(BaseModel):
    """What a statement or a resource rests on, with all that is said of it, as quotation and position."""

    iri: str
    address: Address = None
    says: list[Detail]
    more: bool | None = Field(default=None, description="Whether more is said of it; describe tells it.")


class Backing(BaseModel):
    """One fact, or the resource itself, with what backs it."""

    statement: str | None = Field(
        default=None, description="IRI of the statement about the fact; None for the resource itself."
    )
    address: Address = None
    subject: Term
    property: str | None = None
    value: Term | None = None
    says: list[Detail]
    sources: list[str] = Field(description="IRIs of those in the list of sources.")
    more: bool | None = Field(default=None, description="Whether the statement says more; describe tells it.")
    graphs: list[str] = Field(description="Named graphs that have the fact.")
    more_graphs: bool | None = Field(default=None, description="Whether others have it as well; query tells them.")


class Backings(_Answer):
    iri: str
    backing: list[Backing]
    sources: list[Source]


def term(node: Any, label: str | None = None) -> Term:
    """A term of the engine."""
    kind = type(node).__name__
    if kind == "Literal":
        datatype = None if node.language else node.datatype.value
        return Term(type="literal", value=node.value, language=node.language, datatype=datatype)
    if kind == "NamedNode":
        return Term(type="uri", value=node.value, label=label)
    return Term(type="bnode" if kind == "BlankNode" else "triple", value=str(node))
