"""`python -m openvod` is the `openvod` command."""

from openvod.cli import main

main()
