"""`make bench`: our reading of a report beside what one would use instead, in one run, as ratios.

    the whole report into records       kccwatch, beside pdfplumber's tables and PyMuPDF's find_tables
    memory of reading it                the peak of a process that does nothing else, less what it had before
    agenda pages without facts          how many a second are found to hold nothing

The paper is the real report of 71 pages where it lies beside the project (../shared/papers), else one
that the demo draws; give a PDF's path to time that one.
"""

import contextlib
import io
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import pymupdf

from demo import papers, story
from parsers import dispatch

REAL = Path(__file__).parents[2] / "shared/papers/cabinet/2025-03-04/QPR Q3 Cabinet appendix 1.pdf"
RUNS = 5
AGENDA_PAGES = 1000
GOAL_SHARE, GOAL_MEMORY, GOAL_RATE = 0.1, 100, 300


def ours(body: bytes) -> int:
    """Everything that the report says; how many facts that is."""
    return len(dispatch.parse(body, url="https://bench.invalid/report.pdf").facts)


def pdfplumber_tables(body: bytes) -> int:
    """pdfplumber's tables of every page, without meaning; how many cells."""
    import pdfplumber  # of the dev group: only the bench needs it

    with pdfplumber.open(io.BytesIO(body)) as document:
        return sum(len(row) for page in document.pages for table in page.extract_tables() for row in table)


def find_tables(body: bytes) -> int:
    """PyMuPDF's tables of every page, without meaning; how many cells."""
    cells = 0
    with pymupdf.open(stream=body, filetype="pdf") as document, contextlib.redirect_stdout(io.StringIO()):
        for page in document:
            for table in page.find_tables().tables:
                cells += sum(len(row) for row in table.extract())
    return cells


def seconds(work: Callable[[bytes], int], body: bytes, runs: int = RUNS) -> tuple[float, int]:
    """Median processor time of some runs after a first one, and what it found."""
    found = work(body)
    times = []
    for _ in range(runs):
        start = process_time()
        work(body)
        times.append(process_time() - start)
    return median(times), found


# The peak of the process's own memory: ru_maxrss would begin with that of the bench that started it.
_CHILD = """
import re, resource, sys
from pathlib import Path
from parsers import dispatch

def peak():
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

body = Path(sys.argv[1]).read_bytes()
before = peak()
dispatch.parse(body, url="https://bench.invalid/report.pdf")
print(before, peak())
"""


def memory(path: Path) -> tuple[float, float]:
    """(of the program before it reads, more at the peak of reading), in MB, of a process of its own."""
    run = [sys.executable, "-c", _CHILD, str(path)]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    before, peak = (int(kilobytes) / 1024 for kilobytes in done.stdout.split())
    return before, peak - before


def agenda(pages: int = AGENDA_PAGES) -> bytes:
    """A pack of so many pages of an agenda's prose and small tables of money, without a fact that is kept."""
    document = pymupdf.open()
    prose = (
        "The Committee is asked to note the proposals that were consulted on and to agree the next steps. "
        "Officers met residents, parish councils and partners; their replies are set out below and weighed in turn. "
    ) * 6
    for number in range(pages):
        page = document.new_page()
        page.insert_textbox((60, 60, 535, 90), f"Item {number // 6 + 1}: a report on another matter", fontsize=14)
        page.insert_textbox((60, 100, 535, 520), prose, fontsize=11)
        for row in range(6):
            page.draw_rect((60, 540 + 20 * row, 535, 560 + 20 * row), width=0.5)
            page.draw_line((300, 540 + 20 * row), (300, 560 + 20 * row), width=0.5)
            page.insert_text((66, 554 + 20 * row), f"Option {row + 1}", fontsize=10)
            page.insert_text((306, 554 + 20 * row), f"£{(number + 1) * (row + 3):,}", fontsize=10)
        page.insert_text((290, 815), str(number + 1), fontsize=9)
    body: bytes = document.tobytes(garbage=3, deflate=True)
    return body


def main() -> None:
    """Print the table."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else REAL
    if not path.is_file():
        print(f"the real report is not here ({path.parent.name}/{path.name}); one that the demo draws stands in for it")
        path = Path(tempfile.mkdtemp()) / "drawn-report.pdf"
        path.write_bytes(papers.performance_report(story.quarter_facts(story.KNOWN)))
    body = path.read_bytes()
    with pymupdf.open(stream=body, filetype="pdf") as document:
        print(f"{path.name}: {document.page_count} pages; median of {RUNS} runs, one core\n")
    mine, facts = seconds(ours, body)
    rows = [("kccwatch, into records", mine, f"{facts:,} facts")]
    rows += [
        (name, *_with_unit(seconds(work, body, runs=3)))
        for name, work in (("pdfplumber extract_tables", pdfplumber_tables), ("PyMuPDF find_tables", find_tables))
    ]
    for name, taken, what in rows:
        print(f"  {name:<28}{taken:7.2f} s{taken / mine:8.1f} x{what:>16}")
    print(f"\n  share of pdfplumber's time that we take   {mine / rows[1][1]:6.3f}   (goal: {GOAL_SHARE})")
    before, more = memory(path)
    print(f"  peak memory of reading it                 {more:4.0f} MB   on top of {before:.0f} (goal: {GOAL_MEMORY})")
    taken, found = seconds(ours, agenda(), runs=3)
    rate = AGENDA_PAGES / taken
    print(f"  agenda pages in which nothing is found    {rate:5,.0f} a second, {found} facts (goal: {GOAL_RATE})")


def _with_unit(result: tuple[float, int]) -> tuple[float, str]:
    return result[0], f"{result[1]:,} cells"


if __name__ == "__main__":
    main()
