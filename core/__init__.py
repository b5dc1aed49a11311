"""What every room of the house may use; imports nothing of the others."""

__version__ = "0.1.0"
