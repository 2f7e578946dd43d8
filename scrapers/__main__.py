"""`python -m scrapers JOBFILE`: one crawl in one process.

The last line of standard output is JSON (scrapers.tally). Exit status: 0 done; 1 done, but something
failed; 2 the job cannot be understood. The log goes to standard error.
"""

import sys
from pathlib import Path

from db import StoreError
from scrapers.job import CrawlJob
from scrapers.tally import Tally


def main(arguments: list[str]) -> int:
    """Run the job in the file; the exit status."""
    if len(arguments) != 1:
        print("usage: python -m scrapers JOBFILE", file=sys.stderr)
        return 2
    try:
        job = CrawlJob.from_json(Path(arguments[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 2
    from scrapers.run import crawl  # installs a reactor, which a wrong call should not wait for

    try:
        tally = crawl(job)
    except StoreError as error:
        tally = Tally(error=f"the archive: {error}")
    print(tally.as_json(), flush=True)
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
