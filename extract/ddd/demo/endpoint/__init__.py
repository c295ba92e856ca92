"""A loopback endpoint that speaks Conduit as a real server does, over documents in memory."""

from ddd.demo.endpoint.server import serve, serve_until_interrupted
from ddd.demo.endpoint.store import DocumentStore
from ddd.demo.endpoint.trouble import Trouble

__all__ = ["DocumentStore", "Trouble", "serve", "serve_until_interrupted"]
