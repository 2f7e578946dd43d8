"""A small replica of the sites that kccwatch watches, for the `demo` command and the tests.

`story` holds the facts, `papers` draws them as PDFs, `pages` writes the web pages,
`replica` serves it all on loopback. Nothing here knows how the readers work: the
replica is an independent hand, so that a reader that is wrong is seen to be wrong.
"""
