"""How is a video rewritten so that only what must change changes? The transport under every engine that edits pictures.

    index = rewrite.examine(source, work)
    made = rewrite.plan(index, [FrameRange(50, 90)], context=12)
    report = rewrite.rewrite(source, target, made, Editor("package.module:function", {...}), work)

Nothing here opens media: media processes do, one per segment, several at a time. A segment that is done stays in
`Work.folder` under a name made from everything that shaped it: where the folder is kept, only unfinished ones are done
again.
"""

from openvod.media.rewrite.conduct import examine, rewrite
from openvod.media.rewrite.planning import FrameRange, Plan, plan
from openvod.media.rewrite.work import Editor, Report, Work

__all__ = ["Editor", "FrameRange", "Plan", "Report", "Work", "examine", "plan", "rewrite"]
