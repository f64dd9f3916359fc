"""How well does a list of cues keep a house style? Counts by rule, every offence with its reason, as JSON and as text."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate

from openvod.core.models import Json, Utterance
from openvod.media import cue_rules
from openvod.media.captions import Cue
from openvod.media.cue_profiles import Profile
from openvod.media.cue_rules import HARD, RULES, Offence, Voice
from openvod.media.spoken import Piece, pieces

SCHEMA = 1
"""Version of the JSON report; grows when a field changes its meaning."""
_SHOWN = 20  # offences of a rule that the summary tells; the JSON has all


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the cues keep a rule."""

    kept: int
    of: int
    forced: int = 0
    """Those of the others whose speaker left no other way."""

    @property
    def percent(self) -> float:
        """0 to 100; of no cues, all keep it."""
        return 100.0 * self.kept / self.of if self.of else 100.0

    @property
    def percent_where_possible(self) -> float:
        """The same, without those that were forced."""
        possible = self.of - self.forced
        return 100.0 * self.kept / possible if possible else 100.0


@dataclass(frozen=True, slots=True)
class Report:
    """How a list of cues keeps a profile's rules."""

    profile: str
    cues: tuple[Cue, ...]
    shares: dict[str, Share]
    """By rule; a rule that could not be checked is left out (`shot-change` without cuts)."""
    offences: tuple[Offence, ...]
    """In order of the cues."""

    @property
    def hard_violations(self) -> tuple[str, ...]:
        """One sentence each; empty for what may be shown."""
        return tuple(_sentence(offence) for offence in self.offences if offence.rule in HARD)

    def to_json(self) -> Json:
        """The report as a document; docs/cues.md tells what its fields mean."""
        return {
            "version": SCHEMA,
            "profile": self.profile,
            "cues": len(self.cues),
            "hard_rules_kept": not self.hard_violations,
            "rules": [_rule_row(rule, share) for rule, share in self.shares.items()],
            "offences": [self._offence_row(offence) for offence in self.offences],
        }

    def summary(self) -> str:
        """The report for people: a line for each rule, and below it the cues that break it."""
        verdict = "all hard rules kept" if not self.hard_violations else "HARD RULES BROKEN"
        rows = [f"{len(self.cues)} cues by the profile `{self.profile}`: {verdict}"]
        for rule, share in self.shares.items():
            forced = f", {share.forced} of the others forced by the voice" if share.forced else ""
            kind = "hard" if rule in HARD else "soft"
            rows.append(f"{share.percent:5.1f} %  {rule} ({kind}): {share.kept} of {share.of}{forced}")
            found = [offence for offence in self.offences if offence.rule == rule]
            rows += [f"           {_sentence(offence)}" for offence in found[:_SHOWN]]
            rows += [f"           and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        return "\n".join(rows) + "\n"

    def _offence_row(self, offence: Offence) -> Json:
        row = {**asdict(offence), "hard": offence.rule in HARD}
        if offence.cue:
            cue = self.cues[offence.cue - 1]
            row |= {"start": _plain(cue.start), "end": _plain(cue.end), "text": " ".join(cue.lines)}
        return row


def _plain(seconds: float) -> float | None:
    """A number that JSON has; None for one that is none, which a broken cue may have."""
    return round(seconds, 3) if abs(seconds) < 1e12 else None


def _rule_row(rule: str, share: Share) -> Json:
    return {
        "rule": rule,
        "hard": rule in HARD,
        "says": RULES[rule],
        "kept": share.kept,
        "of": share.of,
        "forced": share.forced,
        "percent": round(share.percent, 2),
        "percent_where_possible": round(share.percent_where_possible, 2),
    }


def _sentence(offence: Offence) -> str:
    if not offence.cue:
        return offence.reason
    return f"cue {offence.cue} {offence.reason}{' (forced by the voice)' if offence.forced else ''}"


def conformance(
    cues: Sequence[Cue], utterances: Sequence[Utterance], profile: Profile, cuts: Sequence[float] = ()
) -> Report:
    """Check cues against a profile, the speech that they are to show, and the shot changes (seconds, ascending).

    Where the cues do not hold the words of the speech (a translation, say), the rules about the voice are not checked
    and `words` is broken; without any utterances neither is checked.
    """
    spoken = pieces(utterances, profile.fits)
    same = _letters(line for cue in cues for line in cue.lines) == "".join(piece.text for piece in spoken)
    voices = _voices(cues, spoken) if same and spoken else []
    offences = list(cue_rules.overlaps(cues))
    offences += cue_rules.gaps(cues, voices, profile)
    for number, cue in enumerate(cues, 1):
        voice = voices[number - 1] if voices else None
        following = cues[number] if number < len(cues) else None
        pause = voice.silent_until - voice.end if voice else 0.0
        offences += cue_rules.by_itself(cue, number, profile)
        offences += cue_rules.reading(number - 1, cues, voices, profile)
        offences += cue_rules.phrases(cue, number, following, pause)
        if voice:
            offences += cue_rules.speakers(cue, number, voice)
            offences += cue_rules.timing(cue, number, voice, _is_by_cut(cuts, cue.start, profile), profile)
        if cuts:
            edges = _nearest(cuts, cue.start), _nearest(cuts, cue.end)
            offences += cue_rules.beside_cuts(cue, number, *edges, profile)
    if utterances and not same:
        offences.append(Offence("words", 0, "the words of the cues are not the words spoken"))
    offences.sort(key=lambda offence: (offence.cue, list(RULES).index(offence.rule)))
    checked = _checked(
        with_speech=bool(utterances), with_voices=bool(voices) or not cues, with_cuts=bool(cuts)
    )
    return Report(
        profile.name,
        tuple(cues),
        {rule: _share(rule, offences, len(cues)) for rule in checked},
        tuple(offences),
    )


def _checked(*, with_speech: bool, with_voices: bool, with_cuts: bool) -> list[str]:
    skipped = set() if with_cuts else {"shot-change"}
    skipped |= set() if with_voices else {"speaker", "sync", "linger"}
    skipped |= set() if with_speech else {"words"}
    return [rule for rule in RULES if rule not in skipped]


def _share(rule: str, offences: Iterable[Offence], cues: int) -> Share:
    of = max(0, cues - 1) if rule in ("gap", "overlap") else 1 if rule == "words" else cues
    broken: dict[int, bool] = {}
    for offence in offences:
        if offence.rule == rule:
            broken[offence.cue] = offence.forced and broken.get(offence.cue, True)
    return Share(of - len(broken), of, sum(broken.values()))


def _voices(cues: Sequence[Cue], spoken: Sequence[Piece]) -> list[Voice]:
    """Cues and pieces hold the same letters, so counting them tells which pieces a cue shows."""
    offsets = [0, *accumulate(len(piece.text) for piece in spoken)]
    shown: list[Sequence[Piece]] = []
    letter = 0
    for cue in cues:
        first = bisect_right(offsets, letter) - 1
        letter += len(_letters(cue.lines))
        shown.append(spoken[first : bisect_left(offsets, letter)])
    ends = [max((piece.end for piece in own), default=0) / 1000 for own in shown]
    starts = [own[0].start / 1000 if own else cue.start for own, cue in zip(shown, cues, strict=True)]
    return [
        Voice(
            start,
            end,
            silent_from,
            max(end, silent_until),
            frozenset(piece.speaker for piece in own) or _NOBODY,
        )
        for own, start, end, silent_from, silent_until in zip(
            shown, starts, ends, [0.0, *ends], [*starts[1:], float("inf")], strict=False
        )
    ]


_NOBODY: frozenset[str | None] = frozenset([None])


def _is_by_cut(cuts: Sequence[float], moment: float, profile: Profile) -> bool:
    """Whether it is a shot change, or exactly as far from one as a cue is moved to be clear of it."""
    nearest = _nearest(cuts, moment)
    apart = float("inf") if nearest is None else abs(nearest - moment)
    return min(apart, abs(apart - profile.cut_clear_seconds)) <= cue_rules.HAIR


def _nearest(cuts: Sequence[float], moment: float) -> float | None:
    at = bisect_left(cuts, moment)
    return min(cuts[max(0, at - 1) : at + 1], key=lambda cut: abs(cut - moment), default=None)


def _letters(texts: Iterable[str]) -> str:
    return "".join("".join(text.split()) for text in texts)
