"""What is said when a sub-task fails? The text codes of task errors, with their texts in both languages.

Keys are as in `core.refusals`. Texts go on after `code: `, so they are no sentences of their own.
"""

from collections.abc import Mapping

from openvod.core.texts import Text

TASK_FAULTS: Mapping[str, Text] = {
    "InvalidInput/json": Text(
        "`{field}` is not a JSON object: {reason}", "`{field}` 不是合法的 JSON 对象:{reason}"
    ),
    "InvalidInput/object": Text("{field} must be a JSON object", "{field} 应为 JSON 对象"),
    "InvalidInput/list": Text("{field} must be a list of JSON objects", "{field} 应为 JSON 对象的数组"),
    "InvalidInput/number": Text("{field} must be a number that is not negative", "{field} 应为非负数"),
    "InvalidInput/choice": Text("{field} must be one of: {known}", "{field} 应为以下值之一:{known}"),
    "InvalidInput/ratio": Text(
        "{field} must be a width to a height such as `9:16`, from 1:4 to 4:1",
        "{field} 应为宽高比,例如 `9:16`,范围为 1:4 至 4:1",
    ),
    "InvalidInput.ConfigurationUnsupported/generative": Text(
        "{what} needs a model that generates pictures, and no endpoint of that kind can be set on this server",
        "{what} 需要生成式图像模型,本服务没有可设置的此类接口",
    ),
    "InvalidInput/aborted": Text("the task was aborted before this was done", "任务在此项完成之前被终止"),
    "InvalidInput/url": Text(
        "the URL of {what} cannot be called: {reason}", "{what}的 URL 无法访问:{reason}"
    ),
    "InvalidInput.ConfigurationUnsupported/not-built": Text(
        "this server does not offer {what} yet", "本服务暂不支持 {what}"
    ),
    "InvalidInput.ConfigurationUnsupported/music-recognition": Text(
        "recognising songs needs a database of music, which this server does not have",
        "歌曲识别需要音乐曲库,本服务没有曲库",
    ),
    "InvalidInput.ConfigurationUnsupported/model": Text(
        "{what} needs the model {model}, which is not installed; run `openvod models pull {model}`",
        "{what} 需要模型 {model},但尚未安装;请运行 `openvod models pull {model}`",
    ),
    "InvalidInput.ConfigurationUnsupported/model-form": Text(
        "{what}: the model {model} in the model folder is not of a form that this server knows",
        "{what}:模型文件夹中的模型 {model} 不是本服务支持的格式",
    ),
    "InvalidInput.ConfigurationUnsupported/font": Text(
        "no font on this server has the characters {signs}; put one that has them into `fonts` in the model folder",
        "服务器上没有包含字符 {signs} 的字体;请将包含这些字符的字体放入模型文件夹的 `fonts` 目录",
    ),
    "InvalidInput.ConfigurationUnsupported/shaping": Text(
        "burning in right-to-left or Indic letters needs the library FriBiDi; install it, e.g. `libfribidi0`",
        "压制从右到左书写的文字或印度文字需要 FriBiDi 库;请安装,例如 `libfribidi0`",
    ),
    "InvalidInput.ConfigurationUnsupported/font-file": Text(
        "the font {name} cannot be read", "无法读取字体 {name}"
    ),
    "InvalidInput.ConfigurationUnsupported/recogniser": Text(
        "no installed engine recognises speech in `{language}` (installed: {installed}); `openvod models recipes {recipe}` "
        "prints the command that installs one, or set `OPENVOD_TRANSCRIBE_URL` to an OpenAI-compatible endpoint",
        "没有已安装的引擎能识别 `{language}` 语音(已安装:{installed});`openvod models recipes {recipe}` 会给出安装命令,"
        "或将 `OPENVOD_TRANSCRIBE_URL` 设为 OpenAI 兼容接口",
    ),
    "InvalidInput.ConfigurationUnsupported/library": Text(
        "{what}: the model {model} needs a package that is not installed; run `pip install {package}`",
        "{what}:模型 {model} 所需的软件包尚未安装;请运行 `pip install {package}`",
    ),
    "InvalidInput/hot-words": Text(
        "`adapt_words` must be a list of at most {words} words of {letters} characters",
        "`adapt_words` 应为热词列表,最多 {words} 个,每个不超过 {letters} 个字符",
    ),
    "InvalidInput.ConfigurationUnsupported/cue-profile": Text(
        "there is no subtitle profile `{profile}`; there are: {profiles}",
        "没有名为 `{profile}` 的字幕规范;可用的有:{profiles}",
    ),
    "InvalidInput.ConfigurationUnsupported/translation": Text(
        "nothing is installed that translates {source} into {target}: set `OPENVOD_CHAT_URL` and `OPENVOD_CHAT_MODEL` to an "
        "OpenAI-compatible endpoint, or put an Argos or CTranslate2 model for these languages into the model folder",
        "没有可将 {source} 译为 {target} 的引擎:请将 `OPENVOD_CHAT_URL` 和 `OPENVOD_CHAT_MODEL` 设为 OpenAI 兼容接口,"
        "或将这两种语言的翻译模型(`Argos` 或 `CTranslate2` 格式)放入模型文件夹",
    ),
    "InvalidInput.ConfigurationUnsupported/translation-auto": Text(
        "the language of the text cannot be told, which a local model must know: give `VideoSrcLanguage`, or set "
        "`OPENVOD_CHAT_URL` and `OPENVOD_CHAT_MODEL` to an OpenAI-compatible endpoint",
        "无法判断文本的语言,而本地模型需要已知语言:请指定 `VideoSrcLanguage`,"
        "或将 `OPENVOD_CHAT_URL` 和 `OPENVOD_CHAT_MODEL` 设为 OpenAI 兼容接口",
    ),
    "InvalidInput.ConfigurationUnsupported/translation-extra": Text(
        "the translation model {model} needs packages that are not installed; run `pip install openvod[translation]`",
        "翻译模型 {model} 所需的软件包尚未安装;请运行 `pip install openvod[translation]`",
    ),
    "InvalidInput.ConfigurationUnsupported/translation-model": Text(
        "the translation model {model} cannot be loaded: {reason}", "无法加载翻译模型 {model}:{reason}"
    ),
    "InvalidInput/glossary": Text(
        "`ExtInfo.glossary` may hold {terms} terms of {length} characters",
        "`ExtInfo.glossary` 最多包含 {terms} 个术语,每个不超过 {length} 个字符",
    ),
    "InvalidInput/subtitle": Text(
        "no subtitle `{subtitle}` was added to the file", "该文件没有添加过字幕 `{subtitle}`"
    ),
    "SourceFileError.ContentUnsupported/no-subtitles": Text(
        "the file is no subtitle file, and no subtitles were added to it", "该文件不是字幕文件,也未添加字幕"
    ),
    "SourceFileError.ContentUnsupported/cues": Text(
        "the subtitle file has more than {limit} cues", "字幕文件超过 {limit} 条字幕"
    ),
    "InvalidInput.ConfigurationUnsupported/endpoint": Text(
        "no endpoint is set: `{setting}`", "未设置接口:`{setting}`"
    ),
    "InvalidInput.ConfigurationUnsupported/voice": Text(
        "nothing is installed that speaks `{language}`: set `OPENVOD_SPEAK_URL` and `OPENVOD_SPEAK_MODEL` to an "
        "OpenAI-compatible endpoint, or install the program `espeak-ng` (or `flite`, for English)",
        "没有可合成 `{language}` 语音的引擎:请将 `OPENVOD_SPEAK_URL` 和 `OPENVOD_SPEAK_MODEL` 设为 OpenAI 兼容接口,"
        "或安装 `espeak-ng` 程序(英语也可用 `flite`)",
    ),
    "InternalError/voice": Text(
        "the voice {engine} gave no sound: {reason}", "语音引擎 {engine} 未能合成语音:{reason}"
    ),
    "InvalidInput/dubbing": Text(
        "`dubbing` in ExtendedParameter must say into which language: `dstLangs`, or that of a subtitle or of a speaker file",
        "ExtendedParameter 中的 `dubbing` 须指定目标语言:`dstLangs`,或目标字幕、说话人文件的语言",
    ),
    "InvalidInput/given-file": Text("{field} cannot be read: {reason}", "无法读取 {field}:{reason}"),
    "InternalError/endpoint": Text(
        "the {what} endpoint cannot be used: {reason}", "{what} 接口不可用:{reason}"
    ),
    "InternalError/endpoint-answers": Text(
        "none of the {what} endpoint's answers could be used; its model may be too small",
        "{what} 接口的回答均无法使用,其模型可能过小",
    ),
    "SourceFileError.NoVideoMedia": Text("the file has no video track", "文件中没有视频轨"),
    "SourceFileError.ContentUnsupported/no-audio": Text("the file has no audio track", "文件中没有音频轨"),
    "SourceFileError.ContentUnsupported/language": Text(
        "the speech does not sound like English, and no installed engine recognises another language",
        "语音听起来不是英语,且没有安装能识别其他语言的引擎",
    ),
    "SourceFileError.ContentUnsupported/other-language": Text(
        "the speech is not in `{language}`, it sounds like `{heard}`; name that language in VideoSrcLanguage, or `auto`",
        "语音不是 `{language}`,听起来是 `{heard}`;请在 VideoSrcLanguage 中指定该语言或 `auto`",
    ),
    "SourceFileError.ContentUnsupported/unclear-language": Text(
        "the language of the speech cannot be told (heard: {heard}); name it in VideoSrcLanguage",
        "无法判断语音的语言(听到:{heard});请在 VideoSrcLanguage 中指定",
    ),
    "SourceFileError.ContentUnsupported/size": Text(
        "{what} is larger than the limit of {limit} MB",
        "{what}超过上限 {limit} MB",
    ),
    "SourceFileError.ContentUnsupported/cover": Text(
        "the cover is not a GIF, JPEG or PNG picture that can be decoded",
        "封面不是可解码的 GIF、JPEG 或 PNG 图片",
    ),
    "SourceFileError.DownloadNotAccessible": Text(
        "{what} could not be fetched: {reason}", "无法下载{what}:{reason}"
    ),
    "SourceFileError.ContentUnsupported": Text("{reason}", "{reason}"),
    "SourceFileError.ContentMalformed": Text(
        "the file is damaged or cannot be decoded: {reason}", "文件已损坏或无法解码:{reason}"
    ),
    "InternalError/crash": Text(
        "the media process ended unexpectedly ({reason}) in each of {attempts} attempts",
        "媒体处理进程异常退出({reason}),已尝试 {attempts} 次",
    ),
    "InternalError/disk": Text(
        "the server's disk has no room for {what}", "服务器磁盘空间不足,无法存放{what}"
    ),
    "InternalError/time": Text(
        "the media process was stopped after {seconds} seconds, the limit for this file",
        "媒体处理进程运行超过该文件的时限 {seconds} 秒,已被终止",
    ),
    "InternalError/memory": Text(
        "the media process needed more than the limit of {limit} MB of memory",
        "媒体处理进程所需内存超过上限 {limit} MB",
    ),
    "InternalError": Text("internal error: {reason}", "内部错误:{reason}"),
}
