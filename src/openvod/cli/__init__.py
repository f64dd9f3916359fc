"""The `openvod` command. One module per command; each is imported only when it is called, so that `--help` is quick."""

from importlib import import_module

import click

from openvod import __version__

COMMANDS = {
    "serve": "Start the API, the console and the workers.",
    "worker": "Start one more worker on the same data.",
    "demo": "Show the whole walk on a small clip, through the official SDK.",
    "upload": "Put a file into the media library and print its FileId.",
    "subtitles": "See a file's subtitles and put corrected ones back.",
    "export": "Write what a task has found as EDL, OpenTimelineIO or chapters.",
    "models": "List, fetch and check the models.",
    "doctor": "Say what works here, what is missing and how to get it.",
    "accounts": "Make and list accounts and applications.",
    "keys": "Make, list, enable and disable access keys.",
    "events": "See events that could not be pushed, and push them again.",
    "actions": "List the API's actions and whether this server offers them.",
}


class Commands(click.Group):
    """A group whose commands live in modules of the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table, which is the order of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The module's `command`."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        command.help = COMMANDS[cmd_name]
        command.short_help = COMMANDS[cmd_name]
        return command


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """OpenVOD: Tencent Cloud VOD's ProcessMediaByMPS on your own machine."""
