"""`python -m monitor …` is `kccwatch …`."""

from monitor.cli import main

main()
