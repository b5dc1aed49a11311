"""One page of each kind, for what is asked of all of them; each path is one of the project's own release."""

PAGES = {
    "home": "/",
    "entity": "/doc/park/sophia-antipolis",
    "entity-with-statements": "/doc/article/002",
    "entity-of-a-meeting": "/doc/event/global-science-city-dialogue",
    "class": "/doc?iri=https%3A%2F%2Fw3id.org%2Fparkgraph%2Fontology%23Park",
    "vocabulary": "/ontology",
    "editor": "/query",
    "saved-queries": "/queries",
    "saved-network": "/query/network",
    "saved-timeline": "/query/timeline",
    "saved-map": "/query/map",
    "endpoint": "/sparql",
    "results": "/sparql?format=html&query=SELECT%20*%20WHERE%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%2020",
    "downloads": "/dumps/",
    "catalogue": "/catalog",
}
MISSING = "/doc/park/none"
