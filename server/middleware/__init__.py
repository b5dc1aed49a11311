"""WSGI middleware; server/app.py has the list."""
