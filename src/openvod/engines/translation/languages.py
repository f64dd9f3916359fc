"""What is a language code of the API called, and which languages are one?

Names go into prompts, where a code alone is misread (`ktu`, `zh-TW`). They are CLDR's English names.
"""

_NAMES = """
ab Abkhazian|ace Acehnese|ach Acholi|af Afrikaans|ak Akan|am Amharic|ar Arabic|as Assamese|ay Aymara|az Azerbaijani
ba Bashkir|ban Balinese|bbc Batak Toba|be Belarusian|bem Bemba|bew Betawi|bg Bulgarian|bho Bhojpuri|bik Bikol
bm Bambara|bn Bangla|br Breton|bs Bosnian|btx Batak Karo|bts Batak Simalungun|bua Buriat|ca Catalan|ceb Cebuano
cgg Chiga|chm Mari|ckb Central Kurdish (Sorani)|cnh Hakha Chin|co Corsican|crh Crimean Tatar|crs Seselwa Creole
cs Czech|cv Chuvash|cy Welsh|da Danish|de German|din Dinka|doi Dogri|dov Dombe|dv Dhivehi|dz Dzongkha|ee Ewe
el Greek|en English|eo Esperanto|es Spanish|et Estonian|eu Basque|fa Persian|ff Fula|fi Finnish|fil Filipino
fj Fijian|fr French|fy Western Frisian|ga Irish|gaa Ga|gd Scottish Gaelic|gl Galician|gn Guarani|gom Goan Konkani
gu Gujarati|gv Manx|ha Hausa|haw Hawaiian|he Hebrew|hi Hindi|hil Hiligaynon|hmn Hmong|hr Croatian|hrx Hunsrik
ht Haitian Creole|hu Hungarian|hy Armenian|id Indonesian|ig Igbo|ilo Iloko|is Icelandic|it Italian|iw Hebrew
ja Japanese|jv Javanese|ka Georgian|kk Kazakh|km Khmer|kn Kannada|ko Korean|kri Krio|ktu Kituba|ku Kurdish (Kurmanji)
ky Kyrgyz|la Latin|lb Luxembourgish|lg Ganda|li Limburgish|lij Ligurian|lmo Lombard|ln Lingala|lo Lao|lt Lithuanian
ltg Latgalian|luo Luo|lus Mizo|lv Latvian|mai Maithili|mak Makasar|mg Malagasy|mi Māori|min Minangkabau
mk Macedonian|ml Malayalam|mn Mongolian|mr Marathi|ms Malay|mt Maltese|my Burmese|ne Nepali|new Newari|nl Dutch
no Norwegian|nr South Ndebele|nso Northern Sotho|nus Nuer|ny Nyanja (Chichewa)|oc Occitan|om Oromo|or Odia
pa Punjabi|pag Pangasinan|pam Pampanga|pap Papiamento|pl Polish|ps Pashto|pt Portuguese|qu Quechua|rn Rundi
ro Romanian|rom Romany|ru Russian|rw Kinyarwanda|sa Sanskrit|scn Sicilian|sd Sindhi|sg Sango|shn Shan|si Sinhala
sk Slovak|sl Slovenian|sm Samoan|sn Shona|so Somali|sq Albanian|sr Serbian|ss Swati|st Southern Sotho|su Sundanese
sv Swedish|sw Swahili|szl Silesian|ta Tamil|te Telugu|tet Tetum|tg Tajik|th Thai|ti Tigrinya|tk Turkmen|tn Tswana|tr Turkish
ts Tsonga|tt Tatar|ug Uyghur|uk Ukrainian|ur Urdu|uz Uzbek|ve Venda|vi Vietnamese|xh Xhosa|yi Yiddish|yo Yoruba
yua Yucatec Maya|yue Cantonese (traditional characters)|zh Chinese (simplified characters)|zu Zulu
zh-TW Chinese (traditional characters, as in Taiwan)|fr-CA Canadian French|fr-FR French of France
pt-BR Brazilian Portuguese|pt-PT European Portuguese|zh-PY Chinese mixed with English and Cantonese
zh_medical Chinese (medicine)|zh_dialect Chinese (dialects)|zh_en Chinese mixed with English|prime_zh Chinese
"""
NAMES = dict(entry.split(" ", 1) for entry in "|".join(_NAMES.strip().splitlines()).split("|"))
_SAME = {"iw": "he", "zh-PY": "zh", "zh_medical": "zh", "zh_dialect": "zh", "zh_en": "zh", "prime_zh": "zh"}

AUTO = "auto"
"""The VideoSrcLanguage that leaves it to us."""
UNTOLD = frozenset({AUTO, "multi", ""})
"""Those that do not tell the language; `multi` is said of text in pictures."""
_MIXED = frozenset({"zh-PY", "zh_en"})
"""Those of which a part may have to be translated even into a language that is in them."""
UNSPACED = frozenset({"zh", "ja", "yue", "th", "lo", "km", "my", "bo"})
"""Languages that put no spaces between words."""


def name(code: str) -> str:
    """The English name of a language code, with its region where that matters: `Spanish (MX)`."""
    if code in NAMES:
        return NAMES[code]
    language, _, region = code.partition("-")
    return f"{NAMES.get(language, language)} ({region})" if region else NAMES.get(language, language)


def base(code: str) -> str:
    """The language without its region: `pt` of `pt-BR`, `he` of `iw-IL`, `zh` of all kinds of Chinese but Cantonese."""
    language = _SAME.get(code) or code.replace("_", "-").partition("-")[0]
    return _SAME.get(language, language)


def is_variant(code: str) -> bool:
    """Whether a code asks for more than its language: `zh-TW` and `pt-BR` do, `zh` does not."""
    return code not in _SAME and "-" in code


def same(one: str, other: str) -> bool:
    """Whether two codes ask for the same text, so that there is nothing to translate."""
    if base(one) != base(other) or one in _MIXED:
        return False
    return one == other or not (is_variant(one) or is_variant(other)) or base(one) not in ("zh", "fr", "pt")
