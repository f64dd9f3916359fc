"""How does a model of the model folder translate? CTranslate2 runs it; it sees each line by itself.

Where no model has both languages, two may meet in English. Both libraries are an optional extra.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openvod.core.errors import TaskFault
from openvod.engines.translation import local_models
from openvod.engines.translation.languages import AUTO, base
from openvod.engines.translation.lines import Engine, Errand, Row, is_credible, one_line
from openvod.engines.translation.local_models import Model

if TYPE_CHECKING:
    from ctranslate2 import Translator

BATCH = 64
"""Lines that are handed over together; the answer to each is the same as alone."""
_BEAM = 4
_MOST_TOKENS = 256
_LIBRARIES = ("ctranslate2", "sentencepiece")
_PIVOT = "en"


@dataclass(frozen=True, slots=True)
class Way:
    """One model on the way from language to language."""

    model: Model
    source_tag: str
    target_tag: str


def engine(folder: Path, errand: Errand) -> Engine | None:
    """The models that lead from the source to the target language; None when there are none.

    Raises TaskFault when there are, and the libraries that run them are not installed.
    """
    way = find_way(local_models.find(folder), errand.source, errand.target)
    if not way:
        return None
    if any(find_spec(library) is None for library in _LIBRARIES):
        raise TaskFault("InvalidInput.ConfigurationUnsupported/translation-extra", model=way[0].model.name)
    runners: list[_Runner] = []

    def translate(rows: Sequence[Row]) -> Mapping[int, str]:
        if not runners:
            runners.extend(_Runner(step) for step in way)
        return _translated(rows, runners, errand.target)

    names = " + ".join(f"{step.model.name} ({step.model.digest()})" for step in way)
    return Engine(f"{names}, ctranslate2 {version('ctranslate2')}", translate, BATCH)


def find_way(models: Sequence[Model], source: str, target: str) -> tuple[Way, ...]:
    """One model or two; empty when there is no way. A model of one pair knows it better than one of many."""
    if source == AUTO:
        return ()
    ordered = sorted(models, key=lambda model: model.pair is None)
    if direct := _step(ordered, source, target):
        return (direct,)
    if _PIVOT in (base(source), base(target)):
        return ()
    first, second = _step(ordered, source, _PIVOT), _step(ordered, _PIVOT, target)
    return (first, second) if first and second else ()


def _step(models: Sequence[Model], source: str, target: str) -> Way | None:
    for model in models:
        tags = model.tags_of(source, target)
        if tags is not None:
            return Way(model, *tags)
    return None


def _translated(rows: Sequence[Row], runners: Sequence["_Runner"], target: str) -> dict[int, str]:
    wanted = [(row.id, row.text) for row in rows if row.id is not None]
    texts = [text for _, text in wanted]
    for runner in runners:
        texts = runner.translate(texts)
    found = zip(wanted, (one_line(text, target) for text in texts), strict=True)
    return {number: text for (number, source), text in found if is_credible(source, text)}


class _Runner:
    """A loaded model."""

    def __init__(self, way: Way) -> None:
        import ctranslate2  # noqa: PLC0415 - heavy, and optional
        from sentencepiece import SentencePieceProcessor  # noqa: PLC0415

        model = way.model
        try:
            self._model: Translator = ctranslate2.Translator(
                str(model.weights), device="cpu", compute_type="auto", inter_threads=1, intra_threads=1
            )
            self._source: Any = SentencePieceProcessor(model_file=str(model.source_pieces))
            self._target: Any = SentencePieceProcessor(model_file=str(model.target_pieces))
        except (RuntimeError, OSError, ValueError) as error:
            raise TaskFault(
                "InvalidInput.ConfigurationUnsupported/translation-model",
                model=model.name,
                reason=str(error)[:300],
            ) from error
        self._head = [way.source_tag] if way.source_tag else []
        self._prefix = [[way.target_tag]] if way.target_tag else []
        self._ends = model.kind in ("nllb", "m2m") or (model.kind == "opus" and not _adds_end(model.weights))

    def translate(self, texts: Sequence[str]) -> list[str]:
        """One text for each; empty where nothing came."""
        tail = ["</s>"] if self._ends else []
        tokens = [[*self._head, *self._source.encode(text, out_type=str), *tail] for text in texts]
        results = self._model.translate_batch(
            tokens,
            target_prefix=self._prefix * len(texts) or None,
            beam_size=_BEAM,
            max_decoding_length=_MOST_TOKENS,
            max_input_length=1024,
            max_batch_size=32,
        )
        return [self._joined(result.hypotheses[0]) for result in results]

    def _joined(self, pieces: Sequence[str]) -> str:
        own = pieces[1:] if self._prefix else pieces
        text: str = self._target.decode_pieces([piece for piece in own if piece not in ("<unk>", "</s>")])
        return text.strip()


def _adds_end(weights: Path) -> bool:
    """Whether CTranslate2 itself puts the end of the sentence there, as its converters' `config.json` says."""
    path = weights / "config.json"
    return path.is_file() and '"add_source_eos": true' in path.read_text(encoding="utf-8")
