"""`openvod export`: what a finished task found, on the frames of its video."""

import json

import pytest
from click.testing import CliRunner

from openvod.cli import main
from openvod.core.models import SubTask
from openvod.core.settings import Settings
from openvod.store import Store
from openvod.store.tasks import NewTask, PartResult
from tests import clips

OUTPUTS = {
    "AiAnalysis.SegmentTask": {
        "SegmentSet": [
            {"StartTimeOffset": 0.0, "EndTimeOffset": 0.4, "Title": "Start", "Summary": "How it begins."},
            {"StartTimeOffset": 0.4, "EndTimeOffset": 1.0, "Title": "", "Keywords": []},
        ]
    },
    "AiAnalysis.HighlightTask": {
        "HighlightSet": [
            {"SegmentSet": [{"StartTimeOffset": 0.2, "EndTimeOffset": 0.6, "SegmentTags": ["loud", "face"]}]},
            {"SegmentSet": [{"StartTimeOffset": 0.8, "EndTimeOffset": 1.0, "Title": "End"}]},
        ]
    },
    "AiAnalysis.HeadTailTask": {"HeadTimeOffset": 0.2, "TailTimeOffset": None},
    "AiAnalysis.TagTask": {"TagSet": [{"Tag": "dark"}]},
}


@pytest.fixture
def run(tmp_path):
    def call(*words: object, code: int = 0) -> str:
        result = CliRunner().invoke(main, [*map(str, words), "--data", str(tmp_path / "data")])
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.output

    return call


@pytest.fixture
def store(tmp_path, run):
    run("accounts", "list")
    with Store.open(Settings.read(data=tmp_path / "data")) as store:
        yield store


def task(store, file_id, kinds, *, finished=True, status="SUCCESS"):
    media = store.library.find(file_id)
    parts = tuple(SubTask(kind, {}) for kind in kinds)
    new = NewTask(
        id=f"1-ProcessMediaByMPS-{len(kinds)}{finished}{status}t",
        sub_app_id=media.sub_app_id,
        kind="ProcessMediaByMPS",
        file_id=file_id,
        sub_tasks=parts,
        request={},
    )
    store.tasks.add(new)
    if finished:
        assert store.tasks.claim("me", 9) == [new.id]
        for place, kind in enumerate(kinds):
            assert store.tasks.finish_part(
                new.id, "me", place, PartResult(status=status, output=OUTPUTS[kind])
            )
        assert store.tasks.finish(new.id, "me")
    return new.id


def test_each_part_in_each_format(tmp_path, run, store):
    file_id = run("upload", clips.video(tmp_path / "film.mp4")).split()[-1]
    task_id = task(store, file_id, list(OUTPUTS))
    assert "choose one with --part: Segment, Highlight 1, Highlight 2, HeadTail" in run(
        "export", task_id, code=1
    )
    edl = run("export", task_id, "--part", "segment")
    assert "001  AX       AA/V  C        00:00:00:00 00:00:00:10 00:00:00:00 00:00:00:10" in edl
    assert "002  AX       AA/V  C        00:00:00:10 00:00:01:00 00:00:00:10 00:00:01:00" in edl
    assert "* COMMENT: Start" in edl
    assert "* COMMENT: How it begins." in edl
    chapters = run("export", task_id, "--part", "HeadTail", "--format", "chapters")
    assert "00:00:00.000 --> 00:00:00.200\nOpening" in chapters
    assert "00:00:00.200 --> 00:00:01.000\nProgramme" in chapters
    document = json.loads(run("export", task_id, "--part", "Highlight 1", "--format", "otio"))
    clip = document["tracks"]["children"][0]["children"][0]
    assert clip["name"] == "loud, face"
    assert clip["source_range"]["start_time"]["value"] == 5
    target = tmp_path / "out.txt"
    assert run("export", task_id, "--part", "Highlight 2", "--format", "ffmetadata", "--output", target) == ""
    assert "TIMEBASE=1/25\nSTART=20\nEND=25\ntitle=End\n" in target.read_text()
    assert "has no part x, but" in run("export", task_id, "--part", "x", code=1)
    assert "drops no numbers" in run("export", task_id, "--drop", code=1)


def test_what_cannot_be_exported(tmp_path, run, store):
    film = run("upload", clips.video(tmp_path / "film.mp4")).split()[-1]
    sound = run("upload", clips.audio(tmp_path / "tone.m4a")).split()[-1]
    assert "there is no task 1" in run("export", "1", code=1)
    tags = task(store, film, ["AiAnalysis.TagTask"])
    assert "no stretches" in run("export", tags, code=1)
    heard = task(store, sound, ["AiAnalysis.SegmentTask"] * 2)
    assert "is no video" in run("export", heard, code=1)
    failed = task(store, film, ["AiAnalysis.SegmentTask"] * 3, status="FAIL")
    assert "no stretches" in run("export", failed, code=1)
    waiting = task(store, film, ["AiAnalysis.SegmentTask"], finished=False)
    assert "not finished: WAITING" in run("export", waiting, code=1)
