"""Every kind of sub-task is found by its type."""

import pkgutil
from importlib import import_module

from openvod import tasks
from openvod.tasks import MODULES, kind_of


def test_the_table_names_every_module_by_its_type() -> None:
    found = [module.name for module in pkgutil.iter_modules(tasks.__path__)]
    assert {import_module(f"openvod.tasks.{name}").KIND.type: name for name in found} == MODULES
    assert len(found) == len(MODULES)


def test_each_module_is_found_and_nothing_else() -> None:
    for type_ in MODULES:
        kind = kind_of(type_)
        assert kind is not None
        assert kind.type == type_
    assert kind_of("AiAnalysis.Nothing") is None
