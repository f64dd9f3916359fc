"""Editors that the tests of rewriting call, also in media processes. Light imports only."""

import os
import signal
import time
from pathlib import Path

from openvod.media import inner_process, rewrite
from openvod.media.rewrite import Editor, FrameRange, Work
from openvod.media.sandbox import Limits


def invert_box(window):
    """Turns the luma in `argument["box"]` (x, y, width, height) into its negative."""
    x, y, width, height = window.argument["box"]
    for picture in window.inner:
        luma = picture.planes[0]
        luma[y : y + height, x : x + width] = (1 << window.depth) - 1 - luma[y : y + height, x : x + width]


def write_down(window):
    """Appends what it sees to the file `argument["log"]`: numbers of context, edited, context; then sums of luma."""
    rows = [[picture.number for picture in part] for part in (window.before, window.inner, window.after)]
    sums = {picture.number: int(picture.planes[0].sum()) for picture in window.pictures}
    with Path(window.argument["log"]).open("a") as log:
        log.write(f"{rows!r}\t{sums!r}\n")
    for picture in window.inner:
        picture.planes[0][:] = 0


def touch_context(window):
    window.before[0].planes[0][0, 0] = 1


def die_late(window):
    """Dies at frame `argument["at"]`, unless the note `argument["note"]` says that it has done so before."""
    invert_box(window)
    note = Path(window.argument["note"])
    if window.inner[0].number >= window.argument["at"] and not note.exists():
        os.kill(os.getpid(), signal.SIGKILL)


def never_end(window):
    time.sleep(600)


def rewrite_inside(argument, progress):
    """A sandbox target: a whole rewriting in a media process, with processes of its own."""
    source, folder = Path(argument["source"]), Path.cwd()
    work = Work(folder / "work", Limits(60, 60), processes=2, progress=progress, call=inner_process.call)
    made = rewrite.plan(rewrite.examine(source, work), [FrameRange(0, 300)], context=2)
    editor = Editor(f"{__name__}:{argument['editor']}", argument["argument"])
    report = rewrite.rewrite(source, folder / "target.mp4", made, editor, work)
    return {"way": report.way, "encoded": report.encoded}
