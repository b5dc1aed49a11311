"""What a release says of its resources, read for documents and pages, and written as RDF."""
