"""What can be measured in a file once, for every analysis? One decode, in parts that run apart, kept by content.

film = features.Film(job.source, job.facts, job.content, job.models, job.ask)
features.plan(film) -> parts; features.measure(film, part) -> result; features.joined(film, results) -> Features
"""

from openvod.engines.features.making import Film, Sounding, features, joined, known, measure, plan, sound_of
from openvod.engines.features.record import Face, Features, Heard, Looks, Shot, Speech, unpacked

__all__ = [
    "Face",
    "Features",
    "Film",
    "Heard",
    "Looks",
    "Shot",
    "Sounding",
    "Speech",
    "features",
    "joined",
    "known",
    "measure",
    "plan",
    "sound_of",
    "unpacked",
]
