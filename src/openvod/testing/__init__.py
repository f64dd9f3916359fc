"""How does one test a program against OpenVOD? With a real server that lives and dies with the test.

`with start() as openvod:` in any program; in pytest the fixture `openvod`, by `pytest_plugins = ["openvod.testing"]`.
See docs/TESTING_WITH_OPENVOD.md. Importing this loads nothing of the server and no pytest.

PYTEST_DONT_REWRITE: else pytest warns whoever has imported from here before it loads this as a plugin.
"""

from openvod.testing.double import OpenVod, start
from openvod.testing.levers import Clock, Faults
from openvod.testing.line import Gone, Refused

__all__ = ["Clock", "Faults", "Gone", "OpenVod", "Refused", "start"]

pytest_plugins = ("openvod.testing.plugin",)
