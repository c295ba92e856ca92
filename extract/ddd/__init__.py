"""Data³: measures whether a change to how an engineering organisation works made things better."""

__version__ = "0.1.0"
