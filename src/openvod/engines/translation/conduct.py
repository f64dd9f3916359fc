"""Who translates, and what need not be translated again? An endpoint or a local model, and the memory of lines.

The operator's chat endpoint comes first, where one is set; then models of the model folder (`local`). A model that
was put there by hand stands behind an endpoint that was set by hand, because an endpoint sees what is said around a
line.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.engines.translation import endpoint, languages, local, settle
from openvod.engines.translation.detect import language_of
from openvod.engines.translation.lines import LONGEST, Errand, Line, Translated, has_words, is_echo
from openvod.engines.translation.memory import Memory


def translate(
    lines: Sequence[Line],
    errand: Errand,
    ask: Ask,
    models: Path,
    *,
    progress: Callable[[float], None] | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> Translated:
    """One translation for every line, in the lines' order; lines that nobody can translate keep their text.

    What was translated before is recalled, so only what changed is asked for. `wait` is how pauses between tries are
    made. Raises TaskFault when no engine is there for these languages, or when it is out of reach.
    """
    wanted = [line for line in lines if has_words(line.text) and len(line.text) <= LONGEST]
    source = errand.source
    if source in languages.UNTOLD:
        errand = replace(errand, source=languages.AUTO)
        source = language_of(line.text for line in wanted) or languages.AUTO
    if not wanted or languages.same(source, errand.target):
        too_long = tuple(line.id for line in lines if len(line.text) > LONGEST) if not wanted else ()
        return Translated({line.id: line.text for line in lines}, too_long, "", 0, source)
    engine = endpoint.engine(ask, errand, wait) or local.engine(models, replace(errand, source=source))
    if engine is None:
        raise _no_engine(source, errand.target)
    memory = Memory(ask, errand, engine)
    known = memory.recall(wanted)
    done = len(known)

    def settled(new: Mapping[int, str]) -> None:
        nonlocal done
        memory.keep(wanted, new)
        done += len(new)
        if progress:
            progress(done / len(wanted))

    found = known | settle.settle(wanted, known, engine, settled)
    return Translated(
        texts={line.id: found.get(line.id, line.text) for line in lines},
        kept=tuple(line.id for line in lines if _is_kept(line, found)),
        engine=engine.name,
        asked=len(wanted) - len(known),
        source=source,
    )


def _is_kept(line: Line, found: Mapping[int, str]) -> bool:
    return has_words(line.text) and (line.id not in found or is_echo(line.text, found[line.id]))


def _no_engine(source: str, target: str) -> TaskFault:
    if source == languages.AUTO:
        return TaskFault("InvalidInput.ConfigurationUnsupported/translation-auto")
    return TaskFault(
        "InvalidInput.ConfigurationUnsupported/translation",
        source=languages.name(source),
        target=languages.name(target),
    )
