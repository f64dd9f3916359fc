"""`python -m openvod.testing`: the server of a test, at the other end of the line that is its standard input."""

import logging
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from openvod import app
from openvod.core.models import Json
from openvod.core.settings import SettingError, Settings
from openvod.edge.listening import WebServer
from openvod.edge.rates import VENDOR, Rates
from openvod.store import Store
from openvod.testing.control import Control
from openvod.testing.line import Line, Refused
from openvod.testing.moved_clock import MovedClock
from openvod.testing.script import Script
from openvod.testing.scripted import Delays, ScriptedEvents, scripted_actions
from openvod.testing.wipe import Wiper
from openvod.worker.supervisor import Supervisor

WORKER = (sys.executable, "-P", "-m", "openvod.testing.worker")
OURS = {"data", "config", "host", "port", "public_url", "database_url", "object_store", "tls_cert", "tls_key"}
"""Settings that a test cannot choose."""
READY_SECONDS = 60.0
LOOK_SECONDS = 0.02
PARENT_SECONDS = 0.5
"""How often to look whether the test's process is there. The line may outlive it, where a forked process holds it."""

log = logging.getLogger(__name__)


def main() -> None:
    """Serve until the line ends, or the process that started this one does."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    parent = os.getppid()
    line = _line()
    start = line.receive()
    if start is None:
        return
    with (
        tempfile.TemporaryDirectory(prefix="openvod-", ignore_cleanup_errors=True) as folder,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        try:
            settings = _settings(start["settings"], Path(folder), listener.getsockname()[1])
            double = _Double(settings)
        except (SettingError, app.RefusedSetting, Refused) as refusal:
            line.send({"refused": str(refusal)})
            return
        double.run(listener, line, parent)


def _line() -> Line:
    """Taken from standard input, so that no child gets hold of it."""
    end = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return Line(end)


def _settings(given: Json, data: Path, port: int) -> Settings:
    """Raises SettingError and Refused."""
    if unknown := given.keys() & OURS or given.keys() - Settings.__dataclass_fields__.keys():
        raise Refused(f"a test cannot set {', '.join(sorted(unknown))}")
    env = {name: os.environ[name] for name in ("OPENVOD_MODELS",) if name in os.environ}
    settings = Settings.read(None, env, **given)
    return replace(settings, data=data, port=port, public_url=f"http://127.0.0.1:{port}")


class _Double:
    """The server with all that a test can pull at."""

    def __init__(self, settings: Settings) -> None:
        self._delays = Delays()
        self._clock = MovedClock(settings.data)
        self._script = Script(settings.data)
        self._rates = Rates(VENDOR if settings.vendor_limits else {})
        self._actions = app.every_action()
        self._settings = settings
        self._server = app.server(settings, self._parts)
        self._web = WebServer(self._delays.around(self._server.web.pages), settings)
        self._supervisor = Supervisor(settings, settings.workers, WORKER)
        self._ended = threading.Event()

    def _parts(self, settings: Settings) -> app.Parts:
        store = Store.open(settings, self._clock)
        store.events = ScriptedEvents(store.db, self._script)
        scripted = {
            service: scripted_actions(handlers, self._script, self._delays)
            for service, handlers in self._actions.items()
        }
        return app.Parts(store, scripted, self._rates, self._clock, self._clock.near)

    def run(self, listener: socket.socket, line: Line, parent: int) -> None:
        """Serve, and answer what comes by the line, until it ends."""
        converse = threading.Thread(target=self._converse, args=(line, parent), name="control")
        self._supervisor.start()
        self._server.deliverer.start()
        try:
            converse.start()
            self._web.run(sockets=[listener])
        finally:
            self._ended.set()
            self._server.deliverer.stop()
            self._supervisor.stop()
            converse.join()
            self._server.store.close()

    def _converse(self, line: Line, parent: int) -> None:
        try:
            if self._ready():
                line.send({"answer": self._greeting()})
                self._listen(line, parent)
        except OSError as error:
            log.info("the line broke: %s", error)
        finally:
            self._web.should_exit = True

    def _listen(self, line: Line, parent: int) -> None:
        first = self._server.first
        control = Control(
            store=self._server.store,
            settings=self._settings,
            actions=self._actions,
            default_sub_app=first.sub_app_id,
            clock=self._clock,
            script=self._script,
            rates=self._rates,
            wiper=Wiper(self._server.store),
        )
        while not self._ended.is_set() and os.getppid() == parent:
            if not line.wait(PARENT_SECONDS):
                continue
            question = line.receive()
            if question is None:
                return
            line.send(_answered(partial(control.answer, question)))

    def _ready(self) -> bool:
        """Whether the server and all workers have come up."""
        live = self._server.store.executors.live
        for _ in range(int(READY_SECONDS / LOOK_SECONDS)):
            if self._web.started and self._supervisor.ready(live()):
                return True
            if self._ended.wait(LOOK_SECONDS):
                break
        log.error("the server or its workers did not come up")
        return False

    def _greeting(self) -> Json:
        first = self._server.first
        return {
            "endpoint": f"127.0.0.1:{self._settings.port}",
            "secret_id": first.secret_id,
            "secret_key": first.secret_key,
            "sub_app_id": first.sub_app_id,
            "pid": os.getpid(),
        }


def _answered(answer: Callable[[], object]) -> Json:
    try:
        return {"answer": answer()}
    except Refused as refusal:
        return {"refused": str(refusal)}
    except (
        Exception
    ) as error:  # the control's door: a bug of ours must not end the server, and the test is to see it
        log.exception("a test's question could not be answered")
        return {"refused": f"the server failed: {error!r}; its log says more"}


if __name__ == "__main__":
    main()
