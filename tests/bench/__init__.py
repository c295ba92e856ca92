"""What the extraction costs, beside a bare loop that sends the same requests: `make bench`."""
