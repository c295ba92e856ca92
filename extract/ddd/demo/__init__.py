"""The embedded demo: a simulated organisation and a loopback server that speaks Conduit."""
