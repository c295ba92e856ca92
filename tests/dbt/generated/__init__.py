"""Histories that Hypothesis makes up, written down as all generations of the server did."""
