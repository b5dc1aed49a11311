"""Random queries of SPARQL 1.1 over the terms of a dataset, the same for the same seed, most of them with answers.

In: the quads of a dataset without blank nodes. Out: texts of queries whose answers the specification determines up to
the order of rows: no SAMPLE, no text of GROUP_CONCAT, no names of blank nodes; LIMIT and OFFSET stand beside an order
of all rows. Each pattern is made of quads that are there, in which terms become variables.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.namespaces import XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row: TypeAlias = tuple[Term, ox.NamedNode, Term]

NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
DATES = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))
_HUB = 30  # quads of a predicate with one object, beyond which no pattern goes on over it: rows would multiply
_PROLOGUE = f"PREFIX xsd: <{XSD}>\n"


class RandomQueries:
    """Makes one query after the other."""

    def __init__(self, quads: Iterable[ox.Quad], seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - data, not secrets
        self._rows: list[Row] = []
        self._named: list[tuple[ox.NamedNode, Row]] = []
        self._by_subject: dict[Term, list[Row]] = defaultdict(list)
        self._by_object: dict[Term, list[Row]] = defaultdict(list)
        links: Counter[tuple[ox.NamedNode, Term]] = Counter()
        for quad in quads:
            row = (quad.subject, quad.predicate, quad.object)
            if isinstance(quad.graph_name, ox.NamedNode):
                self._named.append((quad.graph_name, row))
                continue
            self._rows.append(row)
            self._by_subject[quad.subject].append(row)
            links[quad.predicate, quad.object] += 1
        hubs = {predicate for (predicate, _), count in links.items() if count > _HUB}
        for row in self._rows:
            if row[1] not in hubs:
                self._by_object[row[2]].append(row)
        self._predicates = sorted({row[1].value for row in self._rows})

    def text(self) -> str:
        """The next query."""
        return _PROLOGUE + _Query(self, self._random).text()

    def row(self) -> Row:
        return self._random.choice(self._rows)

    def named_row(self) -> tuple[ox.NamedNode, Row]:
        return self._random.choice(self._named)

    def predicate(self) -> str:
        return f"<{self._random.choice(self._predicates)}>"

    def next_to(self, term: Term) -> tuple[Row, bool] | None:
        """A row that begins with the term (True) or ends with it, if there is one."""
        both = ((self._by_subject.get(term, []), True), (self._by_object.get(term, []), False))
        found = [(rows, is_subject) for rows, is_subject in both if rows]
        if not found:
            return None
        rows, is_subject = self._random.choice(found)
        return self._random.choice(rows), is_subject


class _Query:
    """One query in the making. `known`: each variable with a term that it may have."""

    def __init__(self, source: RandomQueries, chance: random.Random) -> None:
        self._source, self._random = source, chance
        self._known: dict[str, Term] = {}
        self._count = 0

    def text(self) -> str:
        where = self._group()
        form = self._random.random()
        if form < 0.06:  # noqa: PLR2004
            return f"ASK {{ {where} }}"
        if form < 0.16:  # noqa: PLR2004
            return self._construct(where)
        if form < 0.38:  # noqa: PLR2004
            return self._aggregation(where)
        return self._select(where)

    def _variable(self, term: Term) -> str:
        self._count += 1
        name = f"?v{self._count}"
        self._known[name] = term
        return name

    def _some(self, wanted: frozenset[str] | None = None) -> str | None:
        """A variable, if wanted one whose term has one of these datatypes."""
        names = [
            name
            for name, term in self._known.items()
            if wanted is None or (isinstance(term, ox.Literal) and term.datatype.value in wanted)
        ]
        return self._random.choice(names) if names else None

    def _group(self, depth: int = 0) -> str:
        """A basic graph pattern, and what may stand behind it."""
        first = self._patterns(depth)
        makers = [
            *((self._optional, self._filter, self._filter, self._bind, self._path) * 2),
            *(self._union, self._minus, self._exists, self._values, self._graph, self._sub_select),
        ]
        count = self._random.choice((0, 1, 1, 2, 2, 3))
        return " ".join([first, *(self._random.choice(makers)(depth) for _ in range(count))])

    def _patterns(self, depth: int, start: str | None = None) -> str:
        """One to three triple patterns that go on from each other; start: the variable to go on from."""
        made: list[str] = []
        subject = start
        for _ in range(self._random.choice((1, 1, 2, 2, 3))):
            found = self._source.next_to(self._known[subject]) if subject in self._known else None
            row, is_subject = found or (self._source.row(), True)
            here, there = (row[0], row[2]) if is_subject else (row[2], row[0])
            if found is None:  # a pattern that shares nothing with the others has few rows, or it multiplies theirs
                is_first = depth == 0 and not made
                subject = self._variable(here) if is_first and self._random.random() < 0.7 else str(here)  # noqa: PLR2004
            other = str(there) if self._random.random() < 0.25 else self._variable(there)  # noqa: PLR2004
            predicate = self._variable(row[1]) if self._random.random() < 0.1 else str(row[1])  # noqa: PLR2004
            ends = (subject, other) if is_subject else (other, subject)
            if not ends[0].startswith('"'):
                made.append(f"{ends[0]} {predicate} {ends[1]} .")
            if other.startswith("?") and isinstance(there, ox.NamedNode) and self._random.random() < 0.5:  # noqa: PLR2004
                subject = other
        return " ".join(made)

    def _inner(self, depth: int) -> str:
        """A group that goes on from a variable; what it names is not seen outside for certain."""
        before = dict(self._known)
        resource = [name for name, term in self._known.items() if isinstance(term, ox.NamedNode)]
        inner = self._patterns(1, self._random.choice(resource) if resource else None)
        if depth < 1 and self._random.random() < 0.4:  # noqa: PLR2004
            inner = f"{inner} {self._filter(depth + 1)}"
        self._hidden = {name for name in self._known if name not in before}
        return inner

    def _forget(self) -> None:
        for name in self._hidden:
            self._known.pop(name, None)

    def _optional(self, depth: int) -> str:
        return f"OPTIONAL {{ {self._inner(depth)} }}"

    def _union(self, depth: int) -> str:
        return f"{{ {self._inner(depth)} }} UNION {{ {self._inner(depth)} }}"

    def _minus(self, depth: int) -> str:
        text = f"MINUS {{ {self._inner(depth)} }}"
        self._forget()
        return text

    def _exists(self, depth: int) -> str:
        text = f"FILTER {self._random.choice(('EXISTS', 'NOT EXISTS'))} {{ {self._inner(depth)} }}"
        self._forget()
        return text

    def _graph(self, _depth: int) -> str:
        graph, (s, p, o) = self._source.named_row()
        name = str(graph) if self._random.random() < 0.4 else self._variable(graph)  # noqa: PLR2004
        known = [variable for variable, term in self._known.items() if term == s]
        return f"GRAPH {name} {{ {known[0] if known else s} {p} {self._variable(o)} }}"

    def _sub_select(self, depth: int) -> str:
        inner = self._inner(depth)
        shown = sorted(name for name in self._known if name in inner.replace(")", " ").split())
        if not shown:
            return ""
        kept = self._random.sample(shown, self._random.randint(1, min(2, len(shown))))
        for name in self._hidden - set(kept):
            self._known.pop(name, None)
        return f"{{ SELECT {self._random.choice(('', 'DISTINCT '))}{' '.join(kept)} {{ {inner} }} }}"

    def _values(self, _depth: int) -> str:
        name = self._some()
        if name is None:
            return ""
        terms = [str(self._known[name]), *(str(self._source.row()[2]) for _ in range(2))]
        return f"VALUES {name} {{ {' '.join(terms)} }}"

    def _path(self, _depth: int) -> str:
        row, (one, other) = self._source.row(), (self._source.predicate(), self._source.predicate())
        step = str(row[1])
        path = self._random.choice(
            (
                f"{step}/{one}?",
                f"{step}|{one}",
                f"{step}+",
                f"^{one}/{step}",
                f"{step}|^{one}",
                f"!({one}|{other})",
                f"!({step}|^{one})",
                f"{step}*",
                f"({step}/^{step})",
                f"{step}?",
            )
        )
        return f"{row[0]} {path} {self._variable(row[2])} ."

    def _bind(self, _depth: int) -> str:
        expression, example = self._expression()
        return f"BIND({expression} AS {self._variable(example)})" if expression else ""

    def _filter(self, _depth: int) -> str:
        condition = self._condition()
        if condition and self._random.random() < 0.3:  # noqa: PLR2004
            other = self._condition()
            condition = self._random.choice((f"{condition} && {other}", f"{condition} || {other}", f"!({condition})"))
        return f"FILTER({condition})" if condition else ""

    def _condition(self) -> str:
        name = self._some()
        if name is None:
            return "true"
        term = self._known[name]
        if isinstance(term, ox.Literal) and term.datatype.value in NUMBERS:
            return self._random.choice(
                (
                    f"{name} {self._random.choice(('<', '<=', '>', '>=', '=', '!='))} {self._number()}",
                    f"{name} IN ({self._number()}, {term}, {self._number()})",
                    f"{name} NOT IN ({term})",
                    f"{name} + {self._number()} < {self._number()}",
                    f"isNUMERIC({name})",
                )
            )
        if isinstance(term, ox.Literal) and term.datatype.value in DATES:
            return self._random.choice(
                (
                    f"{name} {self._random.choice(('<', '>', '=', '!='))} {term}",
                    f"YEAR({name}) >= {self._random.randint(2015, 2024)}",
                    f"STR({name}) < {ox.Literal(str(self._random.randint(2015, 2024)))}",
                    f"DATATYPE({name}) = {term.datatype}",
                )
            )
        if isinstance(term, ox.Literal):
            return self._text_condition(name, term)
        return self._random.choice(
            (
                f"{name} {self._random.choice(('=', '!='))} {term}",
                f"isIRI({name})",
                f'STRENDS(STR({name}), "{self._random.choice("aeknt0")}")',
                f"sameTerm({name}, {term})",
                f'CONTAINS(STR({name}), "{self._random.choice(("park", "id/", "org", "schema"))}")',
                f"BOUND({self._some()})",
                f"{name} = {self._some()}",
                f"{name} IN ({term}, {self._source.row()[0]})",
            )
        )

    def _text_condition(self, name: str, term: ox.Literal) -> str:
        piece = "".join(c for c in term.value[:40] if c.isalnum() or c == " ")[:4] or "a"
        return self._random.choice(
            (
                f'CONTAINS({name}, "{piece}")',
                f'STRSTARTS(STR({name}), "{piece}")',
                f'REGEX(STR({name}), "^{piece}.*[a-z]$", "i")',
                f'LANGMATCHES(LANG({name}), "{self._random.choice(("en", "de", "*", "zh"))}")',
                f'LANG({name}) = "{self._random.choice(("en", "de", ""))}"',
                f"STRLEN({name}) {self._random.choice(('<', '>'))} {self._random.randint(3, 30)}",
                f"{name} {self._random.choice(('<', '>', '='))} {term}",
                f"LCASE(STR({name})) != UCASE(STR({name}))",
                f"isLITERAL({name})",
            )
        )

    def _number(self) -> str:
        chance = self._random
        return chance.choice((str(chance.randint(-3, 400)), f"{chance.randint(0, 99)}.5", f"{chance.randint(1, 9)}e1"))

    def _expression(self) -> tuple[str, Term]:
        """An expression, and a value of its kind."""
        name = self._some()
        if name is None:
            return "", ox.Literal(0)
        term, chance = self._known[name], self._random
        if isinstance(term, ox.Literal) and term.datatype.value in NUMBERS:
            return (
                chance.choice(
                    (
                        f"{name} {chance.choice('+-*')} {self._number()}",
                        f"{name} / {chance.choice(('4', '2.5', '0'))}",
                        f"ABS({name})",
                        f"ROUND({name} / 10)",
                        f"CEIL({name})",
                        f"FLOOR({name} / 3)",
                        f"xsd:double({name})",
                        f"-{name}",
                        f"IF({name} > 5, {name}, 0)",
                    )
                ),
                ox.Literal(7),
            )
        if isinstance(term, ox.Literal) and term.datatype.value in DATES:
            function = chance.choice(
                ("YEAR", "MONTH", "DAY", "STR", "DATATYPE", "xsd:dateTime", "xsd:date", "xsd:string")
            )
            return f"{function}({name})", ox.Literal(1) if len(function) < 6 else ox.Literal("2020")  # noqa: PLR2004
        if isinstance(term, ox.Literal):
            return self._text_expression(name), ox.Literal("text")
        return (
            chance.choice(
                (
                    f"STR({name})",
                    f'STRAFTER(STR({name}), "{chance.choice(("id/", "#", "zz"))}")',
                    f'IF(isIRI({name}), "iri", "literal")',
                    f"COALESCE(DATATYPE({name}), {name})",
                    f"STRLEN(STR({name}))",
                    f"IRI(CONCAT(STR({name}), 'x'))",
                )
            ),
            ox.Literal("text"),
        )

    def _text_expression(self, name: str) -> str:
        chance = self._random
        return chance.choice(
            (
                f"UCASE({name})",
                f"LCASE({name})",
                f"STRLEN({name})",
                f"SUBSTR({name}, {chance.randint(1, 4)}, {chance.randint(0, 8)})",
                f"CONCAT({name}, '-', STR({name}))",
                f'STRBEFORE({name}, "a")',
                f'STRAFTER({name}, " ")',
                f'REPLACE({name}, "[aeiou]", "$0_")',
                f"ENCODE_FOR_URI({name})",
                f'COALESCE(LANG({name}), "none")',
                f"DATATYPE({name})",
                f"MD5(STR({name}))",
                f'STRLANG(STR({name}), "fr")',
                f"xsd:integer(STR({name}))",
                f"STRDT(STR({name}), xsd:token)",
                f"CONCAT({name}, {name})",
                f"IF(LANG({name}) = 'en', {name}, 1)",
            )
        )

    def _select(self, where: str) -> str:
        shown = sorted(name for name in self._known if self._is_shown(name, where))
        if not shown:
            return f"ASK {{ {where} }}"
        if self._random.random() < 0.5:  # noqa: PLR2004
            shown = self._random.sample(shown, self._random.randint(1, len(shown)))
        distinct = self._random.choice(("", "", "DISTINCT "))
        text = f"SELECT {distinct}{' '.join(shown)} {{ {where} }}"
        if self._random.random() < 0.35:  # noqa: PLR2004
            keys = [
                f'{self._random.choice(("ASC", "DESC"))}(COALESCE({of}, ""))'
                for name in shown
                for of in (f"STR({name})", f"LANG({name})", f"STR(DATATYPE({name}))")
            ]
            text += f" ORDER BY {' '.join(keys)} LIMIT {self._random.randint(1, 40)}"
            text += self._random.choice(("", f" OFFSET {self._random.randint(0, 9)}"))
        return text

    @staticmethod
    def _is_shown(name: str, where: str) -> bool:
        return name in where.replace(")", " ").replace("(", " ").replace(",", " ").split()

    def _construct(self, where: str) -> str:
        resources = [name for name, term in self._known.items() if isinstance(term, ox.NamedNode)]
        if not resources:
            return f"ASK {{ {where} }}"
        subject, value = self._random.choice(resources), self._some()
        return f"CONSTRUCT {{ {subject} <urn:x:p> {value} . <urn:x:s> <urn:x:q> {value} }} WHERE {{ {where} }}"

    def _aggregation(self, where: str) -> str:
        name, number = self._some(), self._some(NUMBERS)
        if name is None:
            return f"ASK {{ {where} }}"
        functions = ["COUNT(*)", f"COUNT({name})", f"COUNT(DISTINCT {name})"]
        functions += [f"MIN(STR({name}))", f"MAX(STR({name}))", f'STRLEN(GROUP_CONCAT(STR({name}); SEPARATOR="|"))']
        if number:
            functions += [f"{function}{number})" for function in ("SUM(", "AVG(", "MIN(", "MAX(", "SUM(DISTINCT ")]
        chosen = self._random.sample(functions, self._random.randint(1, 3))
        shown = " ".join(f"({function} AS ?a{place})" for place, function in enumerate(chosen))
        key = self._some() if self._random.random() < 0.7 else None  # noqa: PLR2004
        if key is None:
            return f"SELECT {shown} {{ {where} }}"
        having = self._random.choice(("", "", f" HAVING(COUNT(*) > {self._random.randint(1, 3)})"))
        return f"SELECT {key} {shown} {{ {where} }} GROUP BY {key}{having}"
