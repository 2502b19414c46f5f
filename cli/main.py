"""The `dialer` command."""

import click


@click.group()
def main() -> None:
    """Dial lists of numbers to free agents."""
