"""`openvod keys`: access keys of an account."""

from pathlib import Path

import click

from openvod.cli import options
from openvod.cli.accounts import opened


@click.group
def command() -> None:
    """Make, list, enable and disable access keys."""


@command.command("list")
@options.data_option
def list_keys(data: Path | None, config: Path | None) -> None:
    """List the keys; secrets are not shown."""
    with opened(options.settings(config, data=data)) as store:
        for account in store.accounts.list_accounts():
            for key in store.accounts.list_keys(account.id):
                state = "enabled" if key.enabled else "disabled"
                click.echo(f"{key.secret_id}  account {account.id}  {state}")


@command.command
@click.argument("account", type=int)
@options.data_option
def create(account: int, data: Path | None, config: Path | None) -> None:
    """Make a key for an account and print it, once."""
    with opened(options.settings(config, data=data)) as store:
        if account not in {known.id for known in store.accounts.list_accounts()}:
            raise click.ClickException(f"there is no account {account}")
        key = store.accounts.create_key(account)
        click.echo(f"SecretId  {key.secret_id}\nSecretKey {key.secret_key}")


@command.command
@click.argument("secret_id")
@options.data_option
def enable(secret_id: str, data: Path | None, config: Path | None) -> None:
    """Let a key be used again."""
    _set_status(secret_id, True, data, config)


@command.command
@click.argument("secret_id")
@options.data_option
def disable(secret_id: str, data: Path | None, config: Path | None) -> None:
    """Refuse a key from now on."""
    _set_status(secret_id, False, data, config)


def _set_status(secret_id: str, enabled: bool, data: Path | None, config: Path | None) -> None:
    with opened(options.settings(config, data=data)) as store:
        known = store.accounts.set_key_status(secret_id, enabled)
        if not known:
            raise click.ClickException(f"there is no key {secret_id}")
