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
    "InvalidInput.ConfigurationUnsupported/language": Text(
        "no installed engine recognises speech in `{language}`; installed: {installed}",
        "没有已安装的引擎能识别 `{language}` 语音;已安装:{installed}",
    ),
    "SourceFileError.NoVideoMedia": Text("the file has no video track", "文件中没有视频轨"),
    "SourceFileError.ContentUnsupported/no-audio": Text("the file has no audio track", "文件中没有音频轨"),
    "SourceFileError.ContentUnsupported/language": Text(
        "the speech does not sound like English, and no installed engine recognises another language",
        "语音听起来不是英语,且没有安装能识别其他语言的引擎",
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
