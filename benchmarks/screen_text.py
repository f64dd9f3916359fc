"""How well are burned-in subtitles read, when do they come and go, and what does that cost? On films with known truth.

    python -m benchmarks.screen_text [--data DIR] [--json FILE] [--seed N] [--seconds S] [--looks a,b]

Films are made by seed (`screen_text_truth`) over the public clips, those of `--data`, and moving pictures that are
computed. All of them go through the kind of sub-task as the worker runs it, in one process, whose whole CPU time
counts, start and decoding included. Looks that were held back from all tuning are reported apart.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.erase_cues import Span, compare
from benchmarks.erase_truth import PEERS, ffmpeg, fonts, sources
from benchmarks.screen_text_truth import HEIGHT, RATE, WIDTH, Case, make
from benchmarks.speech import errors


@dataclass(frozen=True, slots=True)
class Score:
    """How one film was read."""

    name: str
    held: bool
    signs: int
    """Characters that are to be read, spaces and marks included."""
    wrong: int
    """Of them wrong, missing or too many, those of invented subtitles included."""
    letters: int
    """The same for letters and figures alone."""
    wrong_letters: int
    errors: tuple[int | None, ...]
    """Frames by which boundaries are off, two of each true subtitle; None: not found."""
    extra: int
    """Subtitles that are none."""


def work(folder: Path, models: Path) -> None:
    """The process that is measured: rows of subtitles by film as JSON, and its cost."""
    from openvod.media.probe import probe  # noqa: PLC0415
    from openvod.tasks import Job, screen_subtitles  # noqa: PLC0415

    kind = screen_subtitles.KIND
    answers = {}
    for film in sorted(folder.glob("*.mp4")):
        facts = probe({"source": str(film)}, lambda _: None)
        options = {
            "ProcessType": 2,
            "SubtitleType": 0,
            "VideoSrcLanguage": "zh_en",
            "SubtitleFormat": "vtt",
        }
        job = Job(film, facts, options, folder, models, {}, lambda _: None)
        results = [kind.run(job, segment) for segment in kind.plan(job)]
        kind.join(job, results)
        rows = [row for result in results for row in result["subtitles"]]
        answers[film.stem] = [
            [row["start"], row["end"], "\n".join(line[0] for line in row["lines"])] for row in rows
        ]
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    peak = max(each.ru_maxrss for each in used) / 1024
    print(json.dumps({"answers": answers, "cpu_seconds": cpu, "peak_mb": peak}))


def decode(folder: Path) -> None:
    """The same process for decoding alone: what is left when nothing is looked for."""
    from openvod.media.frames import planes  # noqa: PLC0415

    for film in sorted(folder.glob("*.mp4")):
        for _ in planes(film, looking=True):
            pass
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpu_seconds": used.ru_utime + used.ru_stime}))


def score(case: Case, rows: Sequence[tuple[float, float, str]]) -> Score:
    true = [(cue.first, cue.last) for cue in case.cues]
    found: list[Span] = [(round(start * RATE), round(end * RATE) - 1) for start, end, _ in rows]
    bounds = compare(true, found)
    texts = [text for _, _, text in rows]
    said = [_plain(cue.text) for cue in case.cues]
    read = ["\n".join(_during(one, found, texts)) for one in true]
    heard = [_plain(text) for text in read]
    invented = sum(len(_plain(text)) for span, text in zip(found, texts, strict=True) if not _any(span, true))
    return Score(
        case.name,
        case.held,
        sum(map(len, said)),
        sum(errors(list(a), list(b)) for a, b in zip(said, heard, strict=True)) + invented,
        sum(len(_letters(a)) for a in said),
        sum(errors(list(_letters(a)), list(_letters(b))) for a, b in zip(said, heard, strict=True))
        + invented,
        bounds.errors,
        bounds.extra,
    )


def _during(one: Span, found: Sequence[Span], texts: Sequence[str]) -> list[str]:
    """What was read for a true subtitle: all that lie mostly in its time."""
    return [
        text
        for (first, last), text in zip(found, texts, strict=True)
        if 2 * (min(one[1], last) - max(one[0], first) + 1) > last - first + 1
    ]


def _any(span: Span, true: Sequence[Span]) -> bool:
    """Whether a found subtitle lies mostly in the time of a true one."""
    return any(2 * (min(b, span[1]) - max(a, span[0]) + 1) > span[1] - span[0] + 1 for a, b in true)


def _plain(text: str) -> str:
    """As characters count: marks of full width are those of half, a line break is a space, one space is one."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum()).lower()


def run(given: argparse.Namespace, models: Path) -> dict[str, Any]:
    """Films, figures by film, and the cost."""
    clips = sources(given.data, models)
    made = make(given.cases, clips, ffmpeg(given.peer_python), fonts(models), given.seed, given.seconds)
    cases = [case for case in made if not given.looks or _look(case) in given.looks.split(",")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case in cases:
            (folder / case.film.name).symlink_to(case.film.resolve())
        answer, bare = (_measured(way, folder, models) for way in ("work", "decode"))
    seconds = given.seconds * len(cases)
    scores = [score(case, answer["answers"][case.name]) for case in cases]
    return {
        "films": len(cases),
        "seconds": seconds,
        "size": [WIDTH, HEIGHT],
        "cpu_per_second": answer["cpu_seconds"] / seconds,
        "decode_cpu_per_second": bare["cpu_seconds"] / seconds,
        "peak_mb": answer["peak_mb"],
        "by_film": [_figures([each]) | {"name": each.name} for each in scores],
        "tuned": _figures([each for each in scores if not each.held]),
        "held": _figures([each for each in scores if each.held]),
        "answers": answer["answers"],
    }


def _look(case: Case) -> str:
    return case.name.rsplit("-", 2)[0]


def _measured(way: str, folder: Path, models: Path) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.screen_text",
        f"--{way}",
        str(folder),
        "--models",
        str(models),
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _figures(scores: Sequence[Score]) -> dict[str, Any]:
    bounds = [error for each in scores for error in each.errors]
    return {
        "cues": len(bounds) // 2,
        "cer": sum(each.wrong for each in scores) / max(1, sum(each.signs for each in scores)),
        "cer_letters": sum(e.wrong_letters for e in scores) / max(1, sum(e.letters for e in scores)),
        "within_one": sum(e is not None and abs(e) <= 1 for e in bounds) / max(1, len(bounds)),
        "exact": sum(e == 0 for e in bounds) / max(1, len(bounds)),
        "missed": sum(e is None for e in bounds) // 2,
        "extra": sum(each.extra for each in scores),
    }


def table(result: dict[str, Any]) -> None:
    print(
        f"{'film':30} {'cues':>5} {'CER':>7} {'letters':>8} {'<= 1 frame':>10} {'exact':>7} {'missed':>7} {'extra':>6}"
    )
    named = [*result["by_film"], {"name": "all", **result["tuned"]}, {"name": "held back", **result["held"]}]
    for row in named:
        print(
            f"{row['name']:30} {row['cues']:5} {row['cer']:7.2%} {row['cer_letters']:8.2%} {row['within_one']:10.1%} "
            f"{row['exact']:7.1%} {row['missed']:7} {row['extra']:6}"
        )
    print(
        f"{result['films']} films, {result['seconds']} s of {WIDTH} x {HEIGHT}: {result['cpu_per_second']:.3f} s of CPU per "
        f"second, {result['decode_cpu_per_second']:.3f} of them for decoding; at most {result['peak_mb']:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.screen_text", description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--cases", type=Path, default=Path(tempfile.gettempdir()) / "openvod-screen-text")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--looks", default="", help="some of the films only")
    parser.add_argument(
        "--peer-python", type=Path, default=PEERS, help="an interpreter that has imageio-ffmpeg"
    )
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--decode", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.decode:
        decode(given.decode)
        return
    from openvod.core.settings import Settings  # noqa: PLC0415

    models = given.models or Settings.read().model_folder()
    if given.work:
        work(given.work, models)
        return
    result = run(given, models)
    table(result)
    if given.json:
        given.json.write_text(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
