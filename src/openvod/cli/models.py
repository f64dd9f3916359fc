"""`openvod models`: list, fetch and check the models."""

from collections.abc import Iterable
from pathlib import Path

import click

from openvod.cli import model_recipes, options
from openvod.engines import catalog, recipes

folder_option = click.option("--folder", type=click.Path(path_type=Path), help="The model folder.")


@click.group
def command() -> None:
    """List, fetch and check the models."""


def _folder(folder: Path | None) -> Path:
    return options.settings(models=folder).model_folder()


@command.command("list")
@folder_option
def list_models(folder: Path | None) -> None:
    """Show every model, its licence and its state."""
    where = _folder(folder)
    click.echo(f"Models in {where}")
    for model in catalog.MODELS:
        default = "default" if model.default else ""
        state = catalog.state(model, where)
        click.echo(f"  {model.id:20} {state:8} {model.kind:20} {model.licence:14} {default:8} {model.wheel}")
    _list_recognisers(where)
    _list_translators(where)


def _list_recognisers(where: Path) -> None:
    """What else is in the folder that recognises speech. Their module loads numpy, which no other command needs."""
    from openvod.engines.recognisers import finding  # noqa: PLC0415

    for found in finding.find(where):
        known = sorted(found.languages)
        languages = " ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
        languages = languages or f"language unknown: write it into {finding.STATED}"
        state = f"needs pip install {found.package}" if found.package else "ready"
        click.echo(f"  {found.id}: {found.kind}, {state}; {languages}")


def _list_translators(where: Path) -> None:
    from openvod.engines.translation import local_models  # noqa: PLC0415

    for model in local_models.find(where):
        between = " to ".join(model.pair) if model.pair else "many languages"
        click.echo(f"  {model.name}: translation, {between}")


@command.command("recipes")
@click.argument("name", required=False)
@folder_option
def print_recipes(name: str | None, folder: Path | None) -> None:
    """Print commands that fetch models for other languages; with NAME only that command."""
    where = _folder(folder)
    if name is None:
        for recipe in recipes.RECIPES:
            _print_recipe(recipe, where)
        return
    try:
        click.echo(recipes.find(name).command(where))
    except KeyError as error:
        known = ", ".join(recipe.id for recipe in recipes.RECIPES)
        raise click.ClickException(f"no recipe is called {name!r}; there are: {known}") from error


def _print_recipe(recipe: recipes.Recipe, where: Path) -> None:
    names = ", ".join((recipe.id, *recipe.also))
    click.echo(f"{names}: {recipe.does}")
    click.echo(f"  {recipe.size / 1e6:.0f} MB; licence: {recipe.licence}; {recipe.page}")
    for each in recipe.downloads:
        click.echo(f"  {each.url}")
        click.echo(f"    sha256 {each.sha256} ({each.sum.value})")
    click.echo(f"  {recipe.command(where)}")


@command.command
@click.argument("ids", nargs=-1)
@click.option("--clips", is_flag=True, help="Also the clips that the tests and the demo use.")
@click.option("--mirror", default="", help="An address instead of https://huggingface.co.")
@click.option(
    "--from",
    "fetched",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder with a recipe's files, fetched otherwise.",
)
@folder_option
def pull(ids: tuple[str, ...], clips: bool, mirror: str, fetched: Path | None, folder: Path | None) -> None:
    """Fetch models, check them and keep them; without IDS the default set.

    IDS are those of `openvod models list`, which come with pip, or of `openvod models recipes`, which come from their
    publishers.
    """
    where = _folder(folder)
    named = [each for each in ids if _is_recipe(each)]
    if wheels := [each for each in ids if each not in named] if ids else default_ids(clips=clips):
        fetch(wheels, where)
    source = model_recipes.source_of(mirror, fetched)
    for name in named:
        try:
            model_recipes.fetch(recipes.find(name), where, source, lambda line: click.echo(line, err=True))
        except catalog.ModelError as error:
            raise click.ClickException(str(error)) from error


def _is_recipe(name: str) -> bool:
    try:
        recipes.find(name)
    except KeyError:
        return False
    return True


def default_ids(*, clips: bool) -> list[str]:
    """The models that the set-up fetches, and the clips of the tests and the demo if wanted."""
    return [model.id for model in catalog.MODELS if model.default or (clips and model.kind == "clips")]


def fetch(ids: Iterable[str], folder: Path) -> None:
    """Fetch what is absent or damaged, and say so; a failure ends the command."""

    def report(progress: catalog.Progress) -> None:
        if progress.stage != "present":
            click.echo(f"{progress.model}: {progress.stage}", err=True)

    try:
        catalog.pull(ids, folder, report)
    except catalog.ModelError as error:
        raise click.ClickException(str(error)) from error


@command.command
@folder_option
def verify(folder: Path | None) -> None:
    """Read every installed model again and compare it with its checksum."""
    states = catalog.verify(_folder(folder))
    for model_id, state in states.items():
        click.echo(f"{model_id:20} {state}")
    if "damaged" in states.values():
        raise click.ClickException("fetch the damaged ones again: openvod models pull ID")
