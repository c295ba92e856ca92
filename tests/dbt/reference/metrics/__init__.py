"""Every metric by its description: rows by key, each a list of figures in the order of the columns."""
