"""Watching: what is due, what the facts add up to, who is told.

`steps` is the way through (crawl, read, check, judge, deliver); `cli` and `daemon`
are two callers of it. Nothing in here writes SQL: that is db's.
"""
