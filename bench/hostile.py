"""Queries that a stranger might send to take an engine down: deep, long, or with an answer beyond all memory."""

from __future__ import annotations

SECONDS = 1.0  # of processor time for each
_DEEP, _LONG = 2_000, 20_000
_P = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def queries() -> dict[str, str]:
    """Name → query."""
    doubled = " ".join(f"BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(60))
    return {
        "nested groups": f"SELECT * {'{' * _DEEP} ?s ?p ?o {'}' * _DEEP}",
        "nested parentheses": f"SELECT * {{ FILTER({'(' * _DEEP}1{')' * _DEEP}) }}",
        "nested negation": f"ASK {{ FILTER({'!' * _DEEP}true) }}",
        "nested OPTIONAL": f"SELECT * {{ {'OPTIONAL { ?s ?p ?o ' * 300} {'}' * 300} }}",
        "nested EXISTS": f"SELECT * {{ ?s ?p ?o {'FILTER EXISTS { ?s ?p ?o ' * 100} {'}' * 100} }} LIMIT 1",
        "nested sub-queries": f"SELECT * {{ {'{ SELECT * { ' * 500} ?s ?p ?o {'} } ' * 500} }} LIMIT 1",
        "nested paths": f"SELECT * {{ ?s {'(' * _DEEP}{_P}{')*' * _DEEP} ?o }} LIMIT 1",
        "long path": f"SELECT * {{ ?s {'/'.join([_P] * _LONG)} ?o }} LIMIT 1",
        "long alternatives": f"SELECT * {{ ?s {'|'.join([_P] * _LONG)} ?o }} LIMIT 1",
        "long sum": f"SELECT ({'+'.join(['1'] * _LONG)} AS ?n) {{}}",
        "long UNION": f"SELECT * {{ {' UNION '.join(['{ ?s ?p 1 }'] * _LONG)} }} LIMIT 1",
        "long IN": f"ASK {{ ?s ?p ?o FILTER(?o IN ({','.join(map(str, range(5 * _LONG)))})) }}",
        "long VALUES": f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {' '.join(map(str, range(10 * _LONG)))} }} }}",
        "many patterns": f"SELECT * {{ {' '.join(f'?a{n} ?b{n} ?c{n} .' for n in range(1000))} }} LIMIT 1",
        "cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        "count of a cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        "order of a cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c LIMIT 5",
        "distinct cross product": "SELECT DISTINCT ?a ?f { ?a ?b ?c . ?d ?e ?f }",
        "grouped cross product": "SELECT ?a ?d (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?a ?d",
        "concatenated cross product": "SELECT (GROUP_CONCAT(STR(?c)) AS ?t) { ?a ?b ?c . ?d ?e ?f }",
        "filtered cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f FILTER(CONTAINS(STR(?c), STR(?f)) && 1 = 2) }",
        "OPTIONAL of cross products": "SELECT * { ?a ?b ?c OPTIONAL { ?d ?e ?f OPTIONAL { ?g ?h ?i } } }",
        "MINUS of a cross product": "SELECT * { ?a ?b ?c MINUS { ?a ?x ?y . ?d ?e ?f } }",
        "all paths": "SELECT (COUNT(*) AS ?n) { ?a (<urn:x:none>|!<urn:x:none>)* ?b }",
        "all paths both ways": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x:none>|!^<urn:x:none>)+ ?b }",
        "doubled text": f'SELECT ?t60 {{ BIND("0123456789" AS ?t0) {doubled} }}',
        "replaced text": 'SELECT ?t { BIND(REPLACE(REPLACE(REPLACE("%s", ".", "%s"), ".", "%s"), ".", "%s") AS ?t) }'
        % (("x" * 1000,) * 4),
        "backtracking": f'ASK {{ FILTER(REGEX("{"a" * 5000}!", "^(a+)+$")) }}',
        "repeated pattern": f'ASK {{ FILTER(REGEX("{"a" * 100}", "((a{{1,1000}}){{1,1000}}){{1,1000}}")) }}',
        "deep pattern": f'ASK {{ FILTER(REGEX("a", "{"(" * _DEEP}a{")" * _DEEP}")) }}',
        "large numbers": f"SELECT (9223372036854775807 * 9223372036854775807 AS ?a) ({'9' * 5000} + 1 AS ?b) {{}}",
        "division by nothing": "SELECT (1 / 0 AS ?a) (1.0 / 0.0 AS ?b) (xsd:integer('x') AS ?c) {}".replace(
            "xsd:integer", "<http://www.w3.org/2001/XMLSchema#integer>"
        ),
        "large LIMIT": "SELECT * { ?s ?p ?o } LIMIT 18446744073709551615 OFFSET 18446744073709551615",
        "larger LIMIT": f"SELECT * {{ ?s ?p ?o }} LIMIT {'9' * 100}",
        "SUBSTR out of range": 'SELECT (SUBSTR("é€😀", -9223372036854775808, 9223372036854775807) AS ?t) {}',
        "long IRI": f"ASK {{ <http://x/{'a' * 900_000}> ?p ?o }}",
        "unclosed text": '"' + '\\"' * 450_000,
        "no query": "\x00\ufffe" * 1000,
        "service": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "load": "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
    }
