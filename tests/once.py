"""One cycle in a process of its own, on a clock that is handed in: `python -m tests.once CONFIG MOMENT SOURCE…`."""

import sys
from datetime import datetime
from pathlib import Path

from monitor import config, steps
from monitor.work import Work


def main(place: str, moment: str, *sources: str) -> None:
    """What `kccwatch once` does, at that moment."""
    now = datetime.fromisoformat(moment)
    steps.cycle(Work(config=config.load(Path(place)), clock=lambda: now), sources)


if __name__ == "__main__":
    main(*sys.argv[1:])
