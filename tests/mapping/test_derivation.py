"""Articles are evaluated together, and give what each gives alone."""

from __future__ import annotations

import random
import re
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from core.namespaces import RDF_TYPE
from mapping.derivation import Article, Rules, Vocabulary, derive_each
from mapping.project import Project
from mapping.rule_scope import scope
from tests.conftest import ROOT

INVERSE = "CONSTRUCT { ?y ?q ?x } WHERE { ?x ?p ?y . ?p <urn:inverse> ?q }"
THROUGH = "CONSTRUCT { ?x <urn:through> ?z } WHERE { ?x ?p ?y . ?y ?q ?z . FILTER(?x != ?z) }"
KINDS = "CONSTRUCT { ?x <urn:is> ?k } WHERE { ?x <urn:kind> ?k . FILTER NOT EXISTS { ?k <urn:term> true } }"
LONGEST = "CONSTRUCT { ?x <urn:longest> ?l } WHERE { SELECT ?x (MAX(?v) AS ?l) { ?x <urn:label> ?v } GROUP BY ?x }"
RULES = Rules(tuple((Path(f"{n}.rq"), query) for n, query in enumerate((INVERSE, THROUGH, KINDS, LONGEST))))
ONTOLOGY = b"<urn:in> <urn:inverse> <urn:holds> .\n<urn:big> <urn:term> true .\n".replace(
    b"true", b'"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
)
LATER = (None, None, frozenset({b"<urn:label>"}), frozenset[bytes]())
TOGETHER = Vocabulary(ONTOLOGY, frozenset({b"<urn:inverse>", b"<urn:term>"}), later=LATER)
ALONE = Vocabulary(ONTOLOGY)


# Rules and what is known of p and q, for articles that say something about these.
LINKS = (
    "CONSTRUCT { ?y ?p ?x } WHERE { ?p a <urn:Symmetric> . ?x ?p ?y }",
    "CONSTRUCT { ?x <urn:name> ?n } WHERE { ?x <urn:alt>|<urn:label> ?n }",
    "CONSTRUCT { ?x <urn:to-kind> ?k } WHERE { ?x <urn:to> ?y . ?y <urn:kind> ?k }",
    "CONSTRUCT { ?x <urn:seen> ?y } WHERE { ?x <urn:to> ?y FILTER NOT EXISTS { ?y <urn:hidden> ?z } }",
    "CONSTRUCT { ?x <urn:reaches> ?y } WHERE { ?x <urn:part>+ ?y }",
    "CONSTRUCT { ?x <urn:last> ?l } WHERE { SELECT ?x (MAX(?v) AS ?l) { ?x <urn:note> ?v } GROUP BY ?x }",
)
KNOWN = {
    b"<urn:p>": b"<urn:p> <urn:kind> <urn:park> .\n<urn:p> <urn:note> <urn:q> .\n",
    b"<urn:q>": b'<urn:q> <urn:label> "q" .\n',
}


def triples(*texts: str) -> bytes:
    """Triples of names and words in quotes, as N-Triples."""
    rows = [[word if word[0] == '"' else f"<urn:{word}>" for word in text.split()] for text in texts]
    return "".join(" ".join(row) + " .\n" for row in rows).encode()


def article(*texts: str, known: dict[bytes, bytes] | None = None) -> Article:
    """An article that says these triples. known: what is known about terms."""
    own = triples(*texts)
    rows = [line[:-2].split(b" ", 2) for line in own.splitlines()]
    terms = {row[n].strip() for row in rows for n in (0, 2)}
    terms |= {b"<urn:q>"} if known and b"<urn:p>" in terms else set()
    return Article(own, terms, {term: known[term] for term in terms if known and term in known})


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
    monkeypatch.setattr(Rules, "derive_by_rule", lambda _, *given: evaluate(*given))
    assert derive_each(RULES, TOGETHER, articles) == alone
    assert evaluate.call_count == times


def test_what_an_article_sees_of_another_would_matter() -> None:
    """The cases above are worth something: evaluated together without a look, they give more."""
    for name in ("one refers to what the other describes", "both describe one thing"):
        articles, _ = CASES[name]
        together = RULES.derive(b"".join((ONTOLOGY, *(one.own for one in articles))))
        assert together != derive_each(RULES, ALONE, articles)


def vocabulary() -> Vocabulary:
    """That of the rules above, where records use these predicates."""
    used = ("alt", "label", "name", "to", "kind", "to-kind", "part", "reaches", "note", "last", "hidden", "seen")
    found = scope(LINKS, frozenset(f"urn:{name}" for name in used))
    assert found is not None

    def encoded(iris: frozenset[str] | None) -> frozenset[bytes] | None:
        return None if iris is None else frozenset(f"<{iri}>".encode() for iri in iris)

    ontology = triples("near type Symmetric").replace(b"urn:type", RDF_TYPE.encode())
    predicates = [encoded(iris) for iris in (found.vocabulary, found.joined, found.followed)]
    return Vocabulary(ontology, predicates[0], predicates[1], predicates[2], tuple(map(encoded, found.later)))


SHARED = {
    "what a rule matches alone": (["p alt x"], ["a to p"], 1),
    "what is known anyway": (["p kind park"], ["a to p"], 1),
    "what no rule is led to": (["p to b"], ["a to p"], 1),
    "what a rule is led to": (["p kind zoo"], ["a to p"], 2),
    "what hides something": (["p hidden x"], ["a to p"], 2),
    "what a rule is led to on a path": (["p part b"], ["a part p"], 2),
    "two statements that go together": (["p to b"], ["p to c"], 2),
    "two values of a group": (["p note x"], ["p note y"], 2),
    "what one of the articles alone knows of": (["b kind x"], ["a to b"], 2),
    "a predicate": (["far alt x"], ["c far d"], 3),
}


@pytest.mark.parametrize("name", SHARED)
def test_what_an_article_says_of_a_known_thing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """How often the rules are evaluated for two articles of which the second speaks of what the first describes."""
    *said, times = SHARED[name]
    articles = [article(*texts, known=KNOWN) for texts in said]
    rules, found = Rules(tuple((Path(f"{n}.rq"), query) for n, query in enumerate(LINKS))), vocabulary()
    alone = derive_each(rules, Vocabulary(found.triples), articles)
    evaluate = MagicMock(side_effect=rules.derive_by_rule)
    monkeypatch.setattr(Rules, "derive_by_rule", lambda _, *given: evaluate(*given))
    assert derive_each(rules, found, articles) == alone
    assert evaluate.call_count == times


def test_any_articles_give_together_what_each_gives_alone() -> None:
    """400 times two to four articles of random triples about few things."""
    rules, found = Rules(tuple((Path(f"{n}.rq"), query) for n, query in enumerate(LINKS))), vocabulary()
    chosen = random.Random(14)  # noqa: S311 - the same in each run
    subjects = ("p", "p", "q", "a", "b", "near")
    predicates = ("alt", "label", "to", "kind", "part", "note", "near", "name", "hidden", "seen")
    for _ in range(400):
        articles = [
            article(
                *(
                    f"{chosen.choice(subjects)} {chosen.choice(predicates)} {chosen.choice('pqabcd')}"
                    for _ in range(chosen.randrange(1, 4))
                ),
                known=KNOWN,
            )
            for _ in range(chosen.randrange(2, 5))
        ]
        assert derive_each(rules, found, articles) == derive_each(rules, Vocabulary(found.triples), articles)


def test_the_rules_of_this_project_give_for_articles_together_what_each_gives_alone() -> None:
    """20 times random triples of what names are made of, about few things, two of which are known."""
    project = Project(ROOT, "https://example.org/")
    found, chosen = project._vocabulary(None), random.Random(15)  # noqa: S311 - the same in each run
    assert found.predicates is not None
    texts = ("label", "title", "altLabel", "post", "paraphrase")
    links = ("member", "heldAt", "participant", "event", "saidBy", "differentFrom")
    classes = ("Membership", "Participation", "Claim", "Group", "Concept", "Park", "NewsArticle")

    def lines(most: int, *subjects: str) -> bytes:
        return "".join(sorted({line(thing(*subjects)) for _ in range(chosen.randrange(1, most))})).encode()

    def thing(*names: str) -> str:
        return f"<https://example.org/id/{chosen.choice(names or 'pqabcd')}>"

    def line(subject: str) -> str:
        if chosen.random() < 0.3:
            return f"{subject} <{RDF_TYPE}> <{project.context.classes[chosen.choice(classes)]}> .\n"
        key = chosen.choice((*texts, *links))
        value = thing() if key in links else f'"{chosen.choice("xy")}"@{chosen.choice(("en", "zh", "fr"))}'
        return f"{subject} <{project.context.terms[key].iri}> {value} .\n"

    resource = re.compile(rb"<https://example.org/id/.>")
    for _ in range(20):
        known = {f"<https://example.org/id/{name}>".encode(): lines(4, name) for name in "pq"}
        articles = []
        for own in (lines(6) for _ in range(chosen.randrange(2, 5))):
            terms = set(resource.findall(own))
            for _ in known:
                terms.update(*(resource.findall(known[term]) for term in terms & known.keys()))
            articles.append(Article(own, terms, {term: known[term] for term in terms & known.keys()}))
        alone = derive_each(project.rules, Vocabulary(found.triples), articles)
        assert derive_each(project.rules, found, articles) == alone
