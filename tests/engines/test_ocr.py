"""Lines are found and read."""

from pathlib import Path

import numpy as np
import pytest

from openvod.core.errors import TaskFault
from openvod.engines.ocr import Box, Ocr, fit, fit_rows
from tests.subtitled import SIZE, Burned, draw, ground


@pytest.fixture(scope="module")
def ocr(models: Path) -> Ocr:
    return Ocr(models)


@pytest.mark.needs("models")
def test_a_line_is_found_and_read(ocr: Ocr) -> None:
    picture = draw(ground(0), Burned("We counted 42 boats", 0, 0), 0)[..., ::-1]
    ((box, score),) = ocr.detect(np.ascontiguousarray(picture), fit(SIZE, 320))
    assert 300 <= box.y0 < 315
    assert 330 <= box.y1 < 350
    assert score > 0.7
    read = ocr.read(picture[box.y0 : box.y1, box.x0 : box.x1])
    assert read.text.replace(" ", "") == "Wecounted42boats"
    assert read.confidence > 0.9


@pytest.mark.needs("models")
def test_nothing_is_found_where_nothing_is_written(ocr: Ocr) -> None:
    assert ocr.detect(ground(0), fit(SIZE, 320)) == []
    assert ocr.read(np.full((40, 200, 3), 128, np.uint8)).confidence < 0.5


def test_without_models_the_task_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(TaskFault) as caught:
        Ocr(tmp_path)
    assert caught.value.code == "InvalidInput.ConfigurationUnsupported"


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (16, 16), (4096, 64)])
def test_sizes_to_look_in_are_multiples_of_32(size: tuple[int, int]) -> None:
    for found in (fit(size, 320), fit_rows(size, 0.4)):
        assert all(side % 32 == 0 and side >= 32 for side in found)
    assert fit_rows(size, 4.0)[0] <= 960


def test_boxes_stay_inside_the_picture() -> None:
    box = Box(2, 3, 30, 18).grown(5, (32, 20))
    assert box == Box(0, 0, 32, 20)
    assert Box(0, 0, 4, 4).shared(Box(2, 2, 6, 6)) == 4
    assert Box(0, 0, 4, 4).shared(Box(5, 5, 6, 6)) == 0
