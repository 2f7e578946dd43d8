"""What goes wrong in the watching itself.

MonitorError
├── ConfigError     config.toml, or the environment it names, is wrong: exit 2
├── Busy            another process has the archive: exit 1
├── Stopped         we were asked to end
└── Unusable        a file or an address that was given cannot be used: exit 1
"""

from pathlib import Path


class MonitorError(Exception):
    """Root of what monitor raises on purpose. Its text is a sentence for the operator."""


class ConfigError(MonitorError):
    """The configuration cannot be used. `problems` holds one line for each thing that is wrong."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.path = path
        self.problems = problems
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{path}: {count}\n" + "\n".join(f"  {problem}" for problem in problems))


class Busy(MonitorError):
    """Another process is writing to the archive."""


class Stopped(MonitorError):
    """The work was called off between two of its parts; what was done is kept."""


class Unusable(MonitorError):
    """A file or an address that was given on the command line cannot be used."""
