"""One page of each kind, for what is asked of all of them; each path is one of the project's own release."""

from urllib.parse import urlencode

ONTOLOGY = "https://w3id.org/parkgraph/ontology#"
PAGES = {
    "home": "/",
    "entity": "/doc/park/sophia-antipolis",
    "entity-with-statements": "/doc/article/002",
    "entity-with-dates": "/doc/event/global-science-city-dialogue",
    "entity-with-a-map": "/doc/place/chengdu",
    "entity-with-decisions": "/doc/org/hikvision",
    "passage": "/doc/evidence/002-1053-1198",
    "long-text": "/doc/article/004?segments=100",
    "person": "/doc/person/chen-lin",
    "figure": "/doc/figure/001-xian-growth",
    "concept": "/doc/layout/four-tier-structure",
    "claim-of-an-article": "/doc/claim/000-special-zones",
    "search-in-chinese": "/search?q=%E6%88%90%E9%83%BD&lang=zh",
    "search": "/search?q=sophia",
    "search-without-finds": "/search?q=xyzzyxyzzy",
    "list": "/list?" + urlencode({"class": ONTOLOGY + "Agreement"}),
    "network": "/network",
    "vocabulary": "/ontology",
    "term": "/ontology/Park",
    "shapes": "/ontology/shapes",
    "editor": "/query",
    "saved-queries": "/queries",
    "saved-query": "/query/speakers",
    "saved-timeline": "/query/timeline",
    "saved-map": "/query/map",
    "endpoint": "/sparql",
    "results": "/sparql?" + urlencode({"format": "html", "query": "SELECT * WHERE { ?s ?p ?o } LIMIT 20"}),
    "explanation": "/sparql?" + urlencode({"explain": "true", "query": "SELECT * WHERE { ?s ?p ?o } LIMIT 20"}),
    "downloads": "/dumps/",
    "catalog": "/catalog",
    "releases": "/releases",
    "changes": "/changes",
    "in-german": "/doc/park/sophia-antipolis?lang=de",
    "in-chinese": "/?lang=zh",
}
MISSING = "/doc/park/sophia-antipoli"
