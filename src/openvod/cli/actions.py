"""`openvod actions`: what the API knows and what this server offers."""

import click

from openvod import actions
from openvod.core import spec


@click.command
@click.option("--all", "everything", is_flag=True, help="Also the actions this server does not offer.")
def command(everything: bool) -> None:
    """List the API's actions and whether this server offers them."""
    offered = actions.load_all()
    for name in sorted(spec.load().known_actions | offered.keys()):
        if name in offered:
            click.echo(f"{name:40} offered")
        elif everything:
            click.echo(f"{name:40} UnsupportedOperation")
