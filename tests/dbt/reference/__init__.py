"""The numbers computed a second time: one task after the other, second by second, slow and obvious.

Written from the definitions (the design, docs/decisions.md, the descriptions in the models' YAML) and from
what is known of servers, never from the models' SQL: where both agree, two readings of one definition do.
"""
