"""What does a task know and call what it makes when it makes another film of one?"""

import hashlib

from openvod.engines.subtitling.request import Job
from openvod.engines.video import Media


def media(job: Job) -> Media:
    """The film and where work on it is done. Nothing of that work is remembered: the film is written anew."""
    return Media(job.source, job.facts, job.models, job.folder, job.progress)


def session(job: Job) -> str:
    """32 hexadecimal digits for the names of the files; the same for the same file and request."""
    shaped_by = (job.source.name, job.content, job.options)
    return hashlib.sha256(repr(shaped_by).encode()).hexdigest()[:32]
