"""How are examining and rewriting done from outside? One call each; where a way fails, the next one is taken."""

import logging
from pathlib import Path

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.media.rewrite.attempt import Attempt
from openvod.media.rewrite.index import VideoIndex, Way
from openvod.media.rewrite.planning import Plan, plan
from openvod.media.rewrite.work import Editor, Report, Work, call, sync
from openvod.media.sandbox import Crashed

_EXAMINE = "openvod.media.rewrite.examining:examine"


NOT_ALIKE = Text("its pictures do not come out the same twice", "两次解码所得画面不一致")

log = logging.getLogger(__name__)


def examine(source: Path, work: Work) -> VideoIndex:
    """What `plan` needs to know of `source`. Raises TaskFault, `sandbox.Crashed`, `sandbox.Cancelled`."""
    folder = work.folder / "index"
    answer = call(work, _EXAMINE, {"source": str(source.resolve())}, folder, [source])
    try:
        return VideoIndex.load(answer)
    except (KeyError, TypeError, ValueError) as error:
        raise Crashed(f"an index of the wrong form: {error}", "output") from error


def rewrite(source: Path, target: Path, made: Plan, editor: Editor, work: Work) -> Report:
    """Write `target`, an MP4 with `source`'s pictures as `editor` changes them and everything else as it was.

    `made` was planned from what `examine` found with the same work folder. The target appears whole or not at all. Where
    the planned way fails its verification, a more thorough one follows. Raises TaskFault, `sandbox.Crashed`, and
    `sandbox.Cancelled`; call it again to go on where it stopped.
    """
    failed: list[Way] = []
    notes: list[str] = []
    while True:
        attempt = Attempt(source.resolve(), made, editor, work)
        report, fault = attempt.run()
        if not fault:
            sync(attempt.output)
            attempt.output.replace(target)
            sync(target.parent)
            return Report(**{**report, "notes": (*notes, *report["notes"])})
        if made.way == "serial":
            log.warning("%s: not rewritten: %s", source.name, fault)
            raise TaskFault("SourceFileError.ContentMalformed", reason=NOT_ALIKE)
        failed.append(made.way)
        notes.append(f"not done the way `{made.way}`: {fault}")
        if attempt.untrue:
            failed += ["copy", "whole"]
        made = plan(made.index, made.changed, made.context, without=failed)
