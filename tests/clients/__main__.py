"""`make test-clients`: every client through the same steps against one server; ends with 1 if anything failed."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.clients.matrix import Row, as_json, passed, shown, tried
from tests.clients.redirection import by_node, by_python, came
from tests.clients.roster import CLIENTS, Client, missing
from tests.clients.steps import STEPS, Walk
from tests.clients.world import World, running
from tests.conftest import NODE_MODULES

AT_ONCE = 2
"""Clients; while one waits for its task, the other asks."""
UPLOADERS = {
    "vod-python-sdk": (("openssl",), by_python),
    "vod-node-sdk": (("openssl", "node", NODE_MODULES / "vod-node-sdk"), by_node),
}


def walked(client: Client, world: World) -> Row:
    """A client through all steps."""
    reason = missing(client.needs)
    if reason:
        return Row(client.name, {}, reason)
    with client.started(world.server.address) as ask:
        walk = Walk(world.server, world.clip, ask, client.refuses_by, client.sends_anything)
        return Row(client.name, {name: tried(partial(step, walk)) for name, step in STEPS.items()})


def uploaded(name: str, world: World) -> Row:
    """A stock uploader: a file with its cover in one piece, and a larger one in parts."""
    needs, uploader = UPLOADERS[name]
    reason = missing(needs)
    if reason:
        return Row(name, {}, reason)

    def upload() -> None:
        assert world.redirected is not None
        for media, *cover in ((world.clip, world.cover), (world.sound,)):
            came(world.redirected, uploader(world.redirected, media, *cover), media)

    return Row(name, {"upload": tried(upload)})


def rows(folder: Path, only: str) -> Iterator[Row]:
    """All rows whose name has that in it, in the order of the roster."""
    work: list[Callable[[World], Row]] = [partial(walked, each) for each in CLIENTS if only in each.name]
    work += [partial(uploaded, name) for name in UPLOADERS if only in name]
    with running(folder) as world, ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda run: run(world), work)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.clients", description=__doc__)
    parser.add_argument("--json", type=Path, help="where to keep the matrix, with the seconds of each step")
    parser.add_argument("--only", default="", help="a part of the names of the clients to try")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = list(rows(Path(folder), given.only))
    sys.stdout.write("\n".join(shown(found)) + "\n")
    if given.json:
        given.json.write_text(json.dumps(as_json(found), indent=2) + "\n")
    raise SystemExit(not passed(found, os.environ.get("OPENVOD_REQUIRE_ALL") == "1"))


if __name__ == "__main__":
    main()
