"""How does what was heard become cues? In the house style that the request or the operator chose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openvod.core.models import Utterance
from openvod.engines.cuts_near import cuts_near
from openvod.engines.subtitling import request
from openvod.engines.subtitling.hearing import Heard
from openvod.engines.subtitling.request import Job
from openvod.media import cues
from openvod.media.captions import Cue
from openvod.media.cue_profiles import Profile
from openvod.media.cue_report import Report


@dataclass(frozen=True, slots=True)
class Spoken:
    """Speech as cues."""

    cues: tuple[Cue, ...]
    utterances: tuple[Utterance, ...]
    """What the cues were made of."""
    report: Report

    def shortfalls(self) -> Iterator[str]:
        """What the cues could not keep of the house style, for the operator's eyes."""
        yield from (f"hard rule broken: {violation}" for violation in self.report.hard_violations)


def as_cues(job: Job, heard: Heard) -> Spoken:
    """Set what was heard. In a film, cues near a shot change come and go with it."""
    profile = request.profile(job)
    laid_out = cues.lay_out(heard.utterances, profile)
    cuts = _cuts(job, laid_out, profile) if job.facts.get("video") else []
    if cuts:
        laid_out = cues.lay_out(heard.utterances, profile, cuts)
    told = cues.conformance(laid_out, heard.utterances, profile, cuts)
    return Spoken(tuple(laid_out), heard.utterances, told)


def _cuts(job: Job, laid_out: Sequence[Cue], profile: Profile) -> list[float]:
    """The shot changes that matter: those near to where a cue comes or goes."""
    edges = [time for cue in laid_out for time in (cue.start, cue.end)]
    return cuts_near(job.source, edges, max(profile.cut_pull_seconds, profile.cut_clear_seconds))
