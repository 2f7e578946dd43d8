"""`make bench`: a report read into records, beside PyMuPDF's own table finder on the same pages.

The paper is drawn by the demo, so that the bench runs anywhere; give a PDF's path to time that one.
"""

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import pymupdf

from demo import papers, story
from parsers import pdf, performance_report

RUNS = 5


def ours(body: bytes) -> int:
    """Everything that the report says; how many facts that is."""
    with pdf.open_pdf(body) as document:
        return len(performance_report.read(document).facts)


def find_tables(body: bytes) -> int:
    """PyMuPDF's tables of every page, without meaning; how many cells."""
    cells = 0
    with pymupdf.open(stream=body, filetype="pdf") as document, contextlib.redirect_stdout(io.StringIO()):
        for page in document:
            for table in page.find_tables().tables:
                cells += sum(len(row) for row in table.extract())
    return cells


def seconds(work: Callable[[bytes], int], body: bytes) -> tuple[float, int]:
    """Median time of some runs after a first one, and what it found."""
    found = work(body)
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        work(body)
        times.append(perf_counter() - start)
    return median(times), found


def main() -> None:
    """Print the table."""
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    body = given.read_bytes() if given else papers.performance_report(story.quarter_facts(story.KNOWN))
    with pdf.open_pdf(body) as document:
        print(f"{given.name if given else 'a drawn report'}: {document.page_count} pages, median of {RUNS} runs")
    mine, facts = seconds(ours, body)
    theirs, cells = seconds(find_tables, body)
    print(f"  kccwatch, into records      {mine:7.2f} s   {facts:5} facts   1.0")
    print(f"  PyMuPDF find_tables, cells  {theirs:7.2f} s   {cells:5} cells   {theirs / mine:.1f}")


if __name__ == "__main__":
    main()
