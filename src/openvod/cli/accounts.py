"""`openvod accounts`: accounts and their applications."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from openvod.cli import options
from openvod.core.settings import Settings
from openvod.store import Store


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """The store, with its first account made."""
    with options.refusals(), Store.open(settings) as store:
        store.accounts.ensure_first(settings.secret_id, settings.secret_key, settings.sub_app_id)
        yield store


@click.group
def command() -> None:
    """Make and list accounts and applications."""


@command.command("list")
@options.data_option
def list_accounts(data: Path | None, config: Path | None) -> None:
    """List accounts and their applications."""
    with opened(options.settings(config, data=data)) as store:
        for account in store.accounts.list_accounts():
            click.echo(f"account {account.id}  {account.name}")
            for sub_app in store.accounts.list_sub_apps(account.id):
                click.echo(f"  SubAppId {sub_app.id}  {sub_app.name}  {sub_app.status}")


@command.command
@click.argument("name")
@click.option("--sub-app", type=int, help="SubAppId of its first application; made up if not given.")
@options.data_option
def create(name: str, sub_app: int | None, data: Path | None, config: Path | None) -> None:
    """Make an account with an application and a key, and print them, once."""
    with opened(options.settings(config, data=data)) as store:
        if sub_app is not None and store.accounts.sub_app(sub_app) is not None:
            raise click.ClickException(f"the SubAppId {sub_app} is taken")
        account = store.accounts.create_account(name)
        made = store.accounts.create_sub_app(account.id, name, number=sub_app)
        key = store.accounts.create_key(account.id)
        click.echo(f"account   {account.id}\nSubAppId  {made.id}")
        click.echo(f"SecretId  {key.secret_id}\nSecretKey {key.secret_key}")
