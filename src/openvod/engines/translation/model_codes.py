"""What do models call the languages? Codes of ISO 639-3, and those of FLORES-200 that NLLB was trained with."""

_TABLE = """
af afr_Latn|am amh_Ethi|ar arb_Arab|as asm_Beng|az azj_Latn|ba bak_Cyrl|be bel_Cyrl|bg bul_Cyrl|bn ben_Beng|bs bos_Latn
ca cat_Latn|ceb ceb_Latn|ckb ckb_Arab|cs ces_Latn|cy cym_Latn|da dan_Latn|de deu_Latn|el ell_Grek|en eng_Latn
eo epo_Latn|es spa_Latn|et est_Latn|eu eus_Latn|fa pes_Arab|fi fin_Latn|fil tgl_Latn|fr fra_Latn|ga gle_Latn
gl glg_Latn|gu guj_Gujr|ha hau_Latn|he heb_Hebr|hi hin_Deva|hr hrv_Latn|ht hat_Latn|hu hun_Latn|hy hye_Armn
id ind_Latn|ig ibo_Latn|is isl_Latn|it ita_Latn|ja jpn_Jpan|jv jav_Latn|ka kat_Geor|kk kaz_Cyrl|km khm_Khmr
kn kan_Knda|ko kor_Hang|ky kir_Cyrl|lb ltz_Latn|lo lao_Laoo|lt lit_Latn|lv lvs_Latn|mg plt_Latn|mi mri_Latn
mk mkd_Cyrl|ml mal_Mlym|mn khk_Cyrl|mr mar_Deva|ms zsm_Latn|mt mlt_Latn|my mya_Mymr|ne npi_Deva|nl nld_Latn
no nob_Latn|ny nya_Latn|or ory_Orya|pa pan_Guru|pl pol_Latn|ps pbt_Arab|pt por_Latn|ro ron_Latn|ru rus_Cyrl
rw kin_Latn|sd snd_Arab|si sin_Sinh|sk slk_Latn|sl slv_Latn|sm smo_Latn|sn sna_Latn|so som_Latn|sq als_Latn
sr srp_Cyrl|st sot_Latn|su sun_Latn|sv swe_Latn|sw swh_Latn|ta tam_Taml|te tel_Telu|tg tgk_Cyrl|th tha_Thai
tk tuk_Latn|tr tur_Latn|tt tat_Cyrl|ug uig_Arab|uk ukr_Cyrl|ur urd_Arab|uz uzn_Latn|vi vie_Latn|xh xho_Latn
yi ydd_Hebr|yo yor_Latn|yue yue_Hant|zh zho_Hans|zh-TW zho_Hant|zu zul_Latn
"""
_ROWS = "|".join(_TABLE.strip().splitlines()).split("|")

FLORES = dict(row.split(" ", 1) for row in _ROWS)
"""By the API's codes. https://github.com/facebookresearch/flores/blob/main/flores200/README.md"""
ISO_3 = {code: flores.partition("_")[0] for code, flores in FLORES.items()}
"""By the API's codes; of a macro language FLORES names the member, and so does this."""
