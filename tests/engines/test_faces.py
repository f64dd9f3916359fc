"""Faces are found, also small and turned, and stay hidden in every frame."""

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import onnxruntime
import pytest

from openvod.core.errors import TaskFault
from openvod.engines import catalog, private_areas
from openvod.engines.faces import Box, FaceFinder, Found, distinct, fit
from openvod.engines.faces_seek import CORNERS, FaceSeeker, tilted, upright
from openvod.engines.onnx_graph import Graph
from openvod.engines.onnx_relabel import relabelled
from openvod.engines.tracks import Areas, ranges
from openvod.engines.tracks_view import View, view
from openvod.media import rewrite, sandbox
from openvod.media.rewrite import Editor, FrameRange, Work
from openvod.media.sandbox import Limits
from tests.engines.test_plates import planes

FACE = (183, 60, 269, 178)
"""In the astronaut's portrait, by eye."""
PILLAR = (150, 172)


@pytest.fixture(scope="module")
def finder(models: Path) -> FaceFinder:
    return FaceFinder(models)


@pytest.fixture(scope="module")
def portrait(models: Path) -> np.ndarray:
    if catalog.state(catalog.find("pictures-scikit-image"), models) != "ready":
        pytest.skip("pictures-scikit-image is not installed; run `openvod models pull --clips`")
    picture = cv2.imread(str(catalog.file(models, "pictures-scikit-image", "astronaut.png")))
    assert picture is not None
    return picture


@pytest.mark.needs("models")
def test_the_face_of_a_portrait(finder: FaceFinder, portrait: np.ndarray) -> None:
    (found,) = finder.find(portrait, (512, 512), 0.3)
    assert found.box == pytest.approx(FACE, abs=8)
    assert found.score > 0.8


def pasted(portrait: np.ndarray, x: float, y: float, height: float, turn: float) -> np.ndarray:
    """The portrait's head in front of grey."""
    middle = (FACE[0] + FACE[2]) / 2, (FACE[1] + FACE[3]) / 2
    scale = height / (FACE[3] - FACE[1])
    matrix = cv2.getRotationMatrix2D(middle, turn, scale)
    matrix[:, 2] += np.array([x - middle[0], y - middle[1]])
    head = np.zeros(portrait.shape[:2], np.float32)
    cv2.ellipse(head, (226, 115), (72, 95), 0, 0, 360, 1.0, -1)
    ground = np.full((180, 320, 3), 110, np.uint8)
    cover = cv2.warpAffine(head, matrix, (320, 180))[..., None]
    return (
        ground + (cv2.warpAffine(portrait, matrix, (320, 180)) - ground.astype(np.float32)) * cover
    ).astype(np.uint8)


@pytest.mark.needs("models")
@pytest.mark.parametrize("height, turn", [(20, 0), (24, 30), (40, -60), (60, 90), (60, 180)])
def test_small_and_turned_faces(finder: FaceFinder, portrait: np.ndarray, height: int, turn: int) -> None:
    found = finder.find(pasted(portrait, 150, 90, height, turn), fit((320, 180), 320), 0.3)
    assert found
    x0, y0, x1, y1 = found[0].box
    assert x0 < 150 < x1
    assert y0 < 90 < y1


@pytest.mark.needs("models")
@pytest.mark.parametrize("turn", [0, 50, -50])
def test_a_small_leaning_face_in_a_large_picture_is_seen(
    models: Path, portrait: np.ndarray, turn: int
) -> None:
    """It gets no score worth anything before it is looked at enlarged, and leaning itself."""
    picture = np.full((720, 1280, 3), 110, np.uint8)
    picture[300:480, 500:820] = pasted(portrait, 150, 90, 24, turn)
    (found,) = FaceSeeker(FaceFinder(models)).seek(view(0, *planes(picture)), thorough=True)
    assert found.score >= 0.5
    assert middle(found.box) == pytest.approx((650, 390), abs=5)


@pytest.mark.needs("models")
def test_a_leaning_face_is_found_near_where_it_was(models: Path, portrait: np.ndarray) -> None:
    seeker = FaceSeeker(FaceFinder(models))
    seen = view(0, *planes(pasted(portrait, 150, 90, 22, 55)))
    found = seeker.near(seen, (138, 74, 154, 96))
    assert found is not None
    assert middle(found.box) == pytest.approx((150, 90), abs=4)


def test_what_a_tilted_picture_shows_is_placed_in_the_picture_itself() -> None:
    tilt = np.asarray(cv2.getRotationMatrix2D((20, 30), 35, 2.0), np.float64)
    x, y = tilt @ (40, 50, 1)
    x0, y0, x1, y1 = upright((x - 8, y - 8, x + 8, y + 8), tilt)
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((40, 50))
    assert x1 - x0 == pytest.approx(8 * CORNERS * (np.cos(np.radians(35)) + np.sin(np.radians(35))))


@pytest.mark.parametrize("degrees", [35.0, -35.0])
@pytest.mark.parametrize("scale", [0.3, 2.0])
def test_a_tilted_picture_shows_each_thing_where_the_tilt_says(degrees: float, scale: float) -> None:
    picture = np.zeros((90, 120, 3), np.uint8)
    cv2.circle(picture, (70, 40), 6, (255, 255, 255), -1)
    tilt = np.asarray(cv2.getRotationMatrix2D((60, 45), degrees, scale), np.float64)
    rows, columns = np.nonzero(tilted(picture, tilt, (160, 160))[..., 0] > 127)
    assert (columns.mean(), rows.mean()) == pytest.approx(tuple(tilt @ (70, 40, 1)), abs=1)


def middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


@pytest.mark.needs("models")
def test_no_frame_of_a_walk_is_exposed(models: Path, portrait: np.ndarray) -> None:
    """Comes in, turns, passes behind a pillar, goes."""

    def place(frame: int) -> tuple[float, float]:
        return -10 + 6.0 * frame, 90 + 20 * np.sin(frame / 9)

    def views() -> Iterator[View]:
        for frame in range(50):
            picture = pasted(portrait, *place(frame), 36, 30 * np.sin(frame / 7))
            picture[:, slice(*PILLAR)] = (40, 90, 60)
            yield view(frame, *planes(picture))

    areas = Areas(private_areas.follow_all(views(), private_areas.followers(models, ["face"], 25)))
    for frame in range(50):
        x, y = place(frame)
        left, right, top, bottom = max(x - 13, 0), min(x + 13, 320), y - 18, y + 18
        if left < PILLAR[1] and right > PILLAR[0]:  # the larger part that can be seen
            right, left = max((PILLAR[0], left), (right, PILLAR[1]), key=lambda part: part[0] - part[1])
        if right - left < 8:
            continue
        hidden = [
            max(0, min(right, box[2]) - max(left, box[0])) * max(0, min(bottom, box[3]) - max(top, box[1]))
            for _, box in areas.at(frame)
        ]
        assert max(hidden, default=0) > 0.9 * (right - left) * 36, frame


def test_without_the_model_the_task_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(TaskFault) as caught:
        FaceFinder(tmp_path)
    assert caught.value.code == "InvalidInput.ConfigurationUnsupported"


def test_doubles_are_one_face() -> None:
    found = [Found((0, 0, 10, 10), 0.5), Found((1, 1, 11, 11), 0.9), Found((30, 0, 40, 10), 0.4)]
    assert [each.score for each in distinct(found)] == [0.9, 0.4]


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (16, 16), (161, 121)])
def test_sizes_to_look_in_are_multiples_of_32(size: tuple[int, int]) -> None:
    assert all(side % 32 == 0 and side >= 32 for side in fit(size, 960))


def test_a_graph_of_one_size_takes_any_after_relabelling() -> None:
    graph = Graph()
    weight = graph.constant(np.array(2.0, np.float32))
    graph.input(weight, "float32", [])  # as old exporters do
    x = graph.input("x", "float32", [1, 2])
    graph.node("Mul", [x, weight], ["y"])
    graph.output("y", "float32", [1, 2])
    made = relabelled(graph.model(), {"x": [1, "n"]}, {"y": [1, "n"]})
    session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
    assert [each.name for each in session.get_inputs()] == ["x"]
    assert session.run(None, {"x": np.ones((1, 5), np.float32)})[0].tolist() == [[2.0] * 5]
    with pytest.raises(ValueError, match="no z"):
        relabelled(graph.model(), {"z": [1]}, {})
    with pytest.raises(ValueError, match="not an ONNX model"):
        relabelled(graph.model()[:-3], {"x": [1, "n"]}, {})


@pytest.mark.needs("models")
def test_a_file_is_searched_and_rewritten_in_media_processes(
    models: Path, portrait: np.ndarray, tmp_path: Path
) -> None:
    source, target, found = tmp_path / "in.mp4", tmp_path / "out.mp4", tmp_path / "found"
    with av.open(str(source), "w") as out:
        stream = out.add_stream("libx264", 25, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(30):
            picture = pasted(portrait, 100 + 3 * number, 90, 50, 0)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode(None))
    limits = Limits(60, 60)
    wanted = {"source": str(source), "models": str(models), "targets": ["face"], "rate": 25.0, "frames": 30}
    found.mkdir()
    answer = sandbox.call(
        "openvod.engines.private_areas:find", wanted, found, limits, readable=[source, models]
    )
    assert (answer["frames"], answer["faces"], answer["plates"]) == (30, 1, 0)
    tracks = found / private_areas.TRACKS
    work = Work(tmp_path / "work", limits)
    changed = [FrameRange(first, last + 1) for first, last in ranges(private_areas.load(tracks))]
    editor = Editor(
        "openvod.engines.hide:edit", {"tracks": str(tracks), "style": "mosaic", "turns": 0}, (tracks,)
    )
    rewrite.rewrite(source, target, rewrite.plan(rewrite.examine(source, work), changed, 0), editor, work)
    finder = FaceFinder(models)
    with av.open(str(target)) as container:
        pictures = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    assert len(pictures) == 30
    assert not any(finder.find(picture, (320, 192), 0.5) for picture in pictures)
