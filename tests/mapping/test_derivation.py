"""Articles are evaluated together, and give what each gives alone."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import MagicMock

import pytest

from mapping.derivation import Article, Rules, Vocabulary, derive_each

INVERSE = "CONSTRUCT { ?y ?q ?x } WHERE { ?x ?p ?y . ?p <urn:inverse> ?q }"
THROUGH = "CONSTRUCT { ?x <urn:through> ?z } WHERE { ?x ?p ?y . ?y ?q ?z . FILTER(?x != ?z) }"
KINDS = "CONSTRUCT { ?x <urn:is> ?k } WHERE { ?x <urn:kind> ?k . FILTER NOT EXISTS { ?k <urn:term> true } }"
LONGEST = "CONSTRUCT { ?x <urn:longest> ?l } WHERE { SELECT ?x (MAX(?v) AS ?l) { ?x <urn:label> ?v } GROUP BY ?x }"
RULES = Rules(tuple((Path(f"{n}.rq"), query) for n, query in enumerate((INVERSE, THROUGH, KINDS, LONGEST))))
ONTOLOGY = b"<urn:in> <urn:inverse> <urn:holds> .\n<urn:big> <urn:term> true .\n".replace(
    b"true", b'"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
)
LATER = (None, None, frozenset({b"<urn:label>"}), frozenset[bytes]())
TOGETHER = Vocabulary(ONTOLOGY, frozenset({b"<urn:inverse>", b"<urn:term>"}), LATER)
ALONE = Vocabulary(ONTOLOGY)


def article(*triples: str) -> Article:
    """An article that says these triples, of names and words in quotes, and looks nothing up."""
    terms = [[word if word[0] == '"' else f"<urn:{word}>" for word in triple.split()] for triple in triples]
    own = "".join(" ".join(triple) + " .\n" for triple in terms).encode()
    subjects, objects = ({triple[n].encode() for triple in terms} for n in (0, 2))
    return Article(own, subjects, subjects | objects, [])


CASES = {
    "nothing in common": ([article("a to b"), article("c to d")], 1),
    "one refers to what the other describes": ([article("a to b"), article("b to c")], 2),
    "both describe one thing": ([article('a label "x"'), article('a label "yy"')], 2),
    "both refer to one thing": ([article("a to p"), article("b to p")], 1),
    "a derived triple is about what both refer to": ([article("a in p"), article("b in p")], 3),
    "one describes the vocabulary": ([article("a kind big"), article("c kind small"), article("big to small")], 2),
    "one uses a predicate of the vocabulary": ([article("a to b"), article("to inverse back")], 3),
}


@pytest.mark.parametrize("name", CASES)
def test_articles_together_give_what_each_gives_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also how often the rules were evaluated for it: once for articles that cannot see each other."""
    articles, times = CASES[name]
    alone = derive_each(RULES, ALONE, articles)
    evaluate = MagicMock(side_effect=RULES.derive_by_rule)
    monkeypatch.setattr(Rules, "derive_by_rule", lambda _, triples: evaluate(triples))
    assert derive_each(RULES, TOGETHER, articles) == alone
    assert evaluate.call_count == times


def test_what_an_article_sees_of_another_would_matter() -> None:
    """The cases above are worth something: evaluated together without a look, they give more."""
    for name in ("one refers to what the other describes", "both describe one thing"):
        articles, _ = CASES[name]
        together = RULES.derive(b"".join((ONTOLOGY, *(one.own for one in articles))))
        assert together != derive_each(RULES, ALONE, articles)
