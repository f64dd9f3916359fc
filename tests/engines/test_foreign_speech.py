"""Speech that is no English, from sound to answer: refused, never written as English.

Real English played backwards is what every machine can make: voices, syllables and pauses of a language that nobody
speaks.
"""

from pathlib import Path

import numpy as np
import pytest

from openvod.core.errors import TaskFault
from openvod.engines.recognisers import codes
from openvod.engines.subtitling import hearing
from openvod.engines.subtitling.hearing import Sound
from openvod.media import audio
from tests.engines.conftest import Write


@pytest.mark.needs("models")
@pytest.mark.parametrize("hot", [(), ("Ningbo", "Krishnamurthy")], ids=["", "with hot words"])
@pytest.mark.parametrize("asked", ["auto", "en"])
def test_it_is_refused(
    asked: str, hot: tuple[str, ...], models: Path, two_cities: Path, write: Write, tmp_path: Path
) -> None:
    backwards = np.concatenate([*audio.decode(two_cities, 0.0, 12.0)])[::-1]
    # The bundled engine alone: this machine's folder may hold models of other languages.
    for name in ("moonshine-tiny-en", "silero-vad"):
        (tmp_path / "models").mkdir(exist_ok=True)
        (tmp_path / "models" / name).symlink_to(models / name)
    sound = Sound(
        source=write(backwards, "backwards"),
        facts={"audio": True, "duration": 12.0},
        content="",
        models=tmp_path / "models",
        folder=tmp_path,
        language=codes.language(asked),
        word_times=False,
        hot_words=hot,
    )
    results = [hearing.hear(sound, segment) for segment in hearing.plan(sound)]
    assert any(result["utterances"] for result in results)
    with pytest.raises(TaskFault) as caught:
        hearing.heard(sound, results)
    assert caught.value.key == "SourceFileError.ContentUnsupported/language"
