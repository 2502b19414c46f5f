"""`python -m cli` is `dialer`; how the demo starts the processes it needs."""

from cli.main import main

main()
