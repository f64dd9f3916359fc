"""Which language does a code of the API mean, and what do the engines call it?

The API has 162 codes for recognition (`VideoSrcLanguage.asr` in `core/facts/enums.json`): plain ones, locales, and
mixtures such as `zh-PY`. Here each becomes one canonical code (ISO 639-1, or 639-3 where there is none), what else
may be spoken along with it, and the script to write.
"""

from dataclasses import dataclass
from typing import Literal

Script = Literal["", "Hans", "Hant"]


@dataclass(frozen=True, slots=True)
class Language:
    """What is spoken."""

    code: str
    """Canonical, e.g. `zh`, `yue`, `he`; `auto` when it is to be found out."""
    also: tuple[str, ...] = ()
    """Other languages that the API's code promises as well; a recogniser that tells them apart may use them."""
    script: Script = ""
    """For Chinese: simplified or traditional letters."""
    asked: str = ""
    """The API's code, for messages."""


MIXED: dict[str, tuple[str, tuple[str, ...]]] = {
    "zh-PY": ("zh", ("en", "yue")),  # «Simplified Chinese-English-Cantonese»
    "zh_medical": ("zh", ()),
    "zh_dialect": ("zh", ("yue",)),
    "zh_en": ("zh", ("en",)),
    "prime_zh": ("zh", ("en", "yue")),  # «Chinese, English and dialects»
}
CANONICAL = {"iw": "he", "fil": "tl", "cmn": "zh", "in": "id", "jw": "jv", "nb": "no", "nn": "no"}
"""Old and other codes for the same language. `fil` and `tl` are one language to every engine here."""
TRADITIONAL = frozenset({"zh-tw", "zh-hk", "zh-mo", "zh-hant", "yue"})

WHISPER_NAMES = {"jv": "jw"}
"""What Whisper calls a language differently from its canonical code."""

WHISPER = frozenset(
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi"  # noqa: SIM905
    " ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd"
    " gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jv su yue".split()
)
"""Of the multilingual models, large-v3 with `yue`; older ones lack it, which their vocabulary tells."""

SENSE_VOICE = frozenset({"zh", "yue", "en", "ja", "ko"})

ENGLISH_NAMES = {
    "english": "en", "chinese": "zh", "mandarin": "zh", "cantonese": "yue", "japanese": "ja", "korean": "ko",
    "german": "de", "spanish": "es", "russian": "ru", "french": "fr", "portuguese": "pt", "turkish": "tr",
    "polish": "pl", "catalan": "ca", "dutch": "nl", "arabic": "ar", "swedish": "sv", "italian": "it",
    "indonesian": "id", "hindi": "hi", "finnish": "fi", "vietnamese": "vi", "hebrew": "he", "ukrainian": "uk",
    "greek": "el", "malay": "ms", "czech": "cs", "romanian": "ro", "danish": "da", "hungarian": "hu",
    "tamil": "ta", "norwegian": "no", "thai": "th", "urdu": "ur", "croatian": "hr", "bulgarian": "bg",
    "persian": "fa", "bengali": "bn", "tagalog": "tl", "javanese": "jv", "burmese": "my", "khmer": "km",
    "lao": "lo", "serbian": "sr", "slovak": "sk", "slovenian": "sl", "estonian": "et", "latvian": "lv",
    "lithuanian": "lt", "welsh": "cy", "afrikaans": "af", "swahili": "sw", "telugu": "te", "malayalam": "ml",
    "kannada": "kn", "marathi": "mr", "gujarati": "gu", "punjabi": "pa", "nepali": "ne", "sinhala": "si",
    "icelandic": "is", "armenian": "hy", "georgian": "ka", "kazakh": "kk", "mongolian": "mn", "albanian": "sq",
    "macedonian": "mk", "bosnian": "bs", "basque": "eu", "galician": "gl", "azerbaijani": "az", "amharic": "am",
    "uzbek": "uz", "sundanese": "su",
}  # fmt: skip
"""Whisper's own names of languages, which OpenAI's endpoint answers with."""


def language(asked: str) -> Language:
    """The meaning of one of the API's codes; any BCP 47 tag is taken. Never fails: unknown codes mean themselves."""
    if asked in MIXED:
        code, also = MIXED[asked]
        return Language(code, also, "Hans", asked)
    first = asked.replace("_", "-").lower().partition("-")[0]
    code = CANONICAL.get(first, first)
    script: Script = ""
    if code in {"zh", "yue"}:
        script = "Hant" if asked.replace("_", "-").lower() in TRADITIONAL else "Hans"
    return Language(code, (), script, asked)


def canonical(name: str) -> str:
    """The canonical code for what an engine says: a code, a locale, `<|zh|>`, or an English name; `` when unknown."""
    plain = name.strip().strip("<|>").lower()
    if plain in ENGLISH_NAMES:
        return ENGLISH_NAMES[plain]
    return (
        language(plain).code if plain.replace("-", "").replace("_", "").isalpha() and len(plain) <= 7 else ""
    )


def whisper(code: str) -> str:
    """Whisper's token for a canonical code, without its brackets."""
    return WHISPER_NAMES.get(code, code)
