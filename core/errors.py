"""The exceptions that ParkGraph raises on purpose.

ParkGraphError
├── InputError      something given cannot be read, or an output cannot be written
├── ReleaseError    a release is missing, incomplete or altered
└── BusyError       another process holds what is needed
"""


class ParkGraphError(Exception):
    """Base of all errors that the command line and the server report in one sentence."""


class InputError(ParkGraphError):
    """Something given cannot be read, or an output cannot be written."""


class ReleaseError(ParkGraphError):
    """A release is missing, incomplete or altered."""


class BusyError(ParkGraphError):
    """Another process holds what is needed."""
