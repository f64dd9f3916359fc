"""What is said when a request is refused? Every error code of the API, with its text in both languages.

A key is the wire code, optionally followed by `/reason` where one code has several texts; the reason never reaches
the wire. Texts are our own, codes are the vendor's.
"""

from collections.abc import Mapping

from openvod.core.texts import Text

_MUST_BE = Text("The value of `{field}` must be {expected}.", "参数 `{field}` 的取值应为 {expected}。")
_CONFLICT = Text("`{field}` and `{other}` contradict each other.", "`{field}` 与 `{other}` 相互冲突。")
_NOT_A_URL = Text(
    "The URL in `{field}` cannot be called: {reason}.", "`{field}` 中的 URL 无法访问:{reason}。"
)

REFUSALS: Mapping[str, Text] = {
    # Who is asking?
    "AuthFailure.InvalidAuthorization": Text(
        "The Authorization header is malformed: {reason}.", "Authorization 头不合法:{reason}。"
    ),
    "AuthFailure.InvalidAuthorization/skip": Text(
        "Unsigned requests are only accepted in no-auth mode on a loopback address.",
        "仅在回环地址上的免鉴权模式下接受未签名的请求。",
    ),
    "AuthFailure.InvalidAuthorization/page": Text(
        "An unsigned request must name this machine as its Host and must not come from another site's page.",
        "未签名请求的 Host 必须是本机,且不得来自其他站点的页面。",
    ),
    "AuthFailure.SignatureExpire": Text(
        "The timestamp is more than 300 seconds away from the server's time ({server_time}).",
        "请求时间戳与服务器时间({server_time})相差超过 300 秒。",
    ),
    "AuthFailure.SecretIdNotFound": Text(
        "The SecretId does not exist or is disabled.", "SecretId 不存在或已被禁用。"
    ),
    "AuthFailure.SignatureFailure": Text(
        "The signature does not match. Check the SecretKey and how the request was signed.",
        "签名不匹配,请检查 SecretKey 以及签名过程。",
    ),
    "AuthFailure.TokenFailure": Text("The token is wrong or expired.", "Token 错误或已过期。"),
    "AuthFailure.UnauthorizedOperation": Text("The key is not allowed to do this.", "该密钥无权执行此操作。"),
    # Can the request be read?
    "UnsupportedProtocol": Text(
        "Only GET and POST are supported, not {method}.", "仅支持 GET 和 POST,不支持 {method}。"
    ),
    "RequestSizeLimitExceeded": Text(
        "The request is larger than {limit} bytes.", "请求大小超过 {limit} 字节。"
    ),
    "InvalidRequest": Text("The request body is malformed: {reason}.", "请求体格式不正确:{reason}。"),
    "MissingParameter": Text(
        "The request is missing the required parameter `{field}`.", "缺少必填参数 `{field}`。"
    ),
    "MissingParameter/needed": Text(
        "The parameter `{field}` is required with {because}.",
        "设置 {because} 时,参数 `{field}` 为必填。",
    ),
    "UnknownParameter": Text("The parameter `{field}` is not recognized.", "参数 `{field}` 无法识别。"),
    "InvalidParameter/json": Text(
        "The parameter `{field}` is not valid JSON: {reason}.",
        "参数 `{field}` 不是合法的 JSON:{reason}。",
    ),
    "InvalidParameter/type": Text(
        "The parameter `{field}` must be of type {expected}.", "参数 `{field}` 的类型应为 {expected}。"
    ),
    "InvalidParameter/body": Text(
        "The request body is not a JSON object: {reason}.", "请求体不是 JSON 对象:{reason}。"
    ),
    "InvalidParameter/flat": Text(
        "The parameter `{field}` is written twice, or its list indexes are not 0, 1, 2 and so on.",
        "参数 `{field}` 重复出现,或其列表下标不是从 0 开始连续编号。",
    ),
    "InvalidParameter/no-task": Text(
        "No task is given: set AiAnalysisTask, SmartSubtitlesTask or SmartEraseTask.",
        "未指定任务:请设置 AiAnalysisTask、SmartSubtitlesTask 或 SmartEraseTask。",
    ),
    "InvalidParameter/combination": Text(
        "`{field}` can only be `{value}` together with {needed}.",
        "`{field}` 仅在同时设置 {needed} 时可取 `{value}`。",
    ),
    "InvalidParameterValue/template": Text(
        "The template {definition} given in `{field}` does not exist.",
        "`{field}` 指定的模板 {definition} 不存在。",
    ),
    "InvalidParameterValue/url": Text(
        "The URL in `{field}` cannot be called: {reason}.", "`{field}` 中的 URL 无法访问:{reason}。"
    ),
    "InvalidParameterValue/event-handle": Text(
        "An event handle is unknown, or was pulled more than 30 seconds ago; its event can be pulled again.",
        "事件句柄不存在,或拉取已超过 30 秒;可重新拉取该事件。",
    ),
    "InvalidParameterValue/scroll-token": Text(
        "The `ScrollToken` was not given by this server.", "`ScrollToken` 不是由本服务返回的。"
    ),
    "InvalidParameterValue/scroll-filter": Text(
        "The `ScrollToken` belongs to a request with other filters.",
        "`ScrollToken` 属于过滤条件不同的请求。",
    ),
    "InvalidParameterValue/area": Text(
        "The area `{field}` is empty: its right bottom corner must lie to the right of and below the left top one.",
        "区域 `{field}` 为空:右下角须位于左上角的右方和下方。",
    ),
    "InvalidParameterValue/time-span": Text(
        "`{field}` must end after it begins; 0 to 0 is the whole video.",
        "`{field}` 的结束时间须晚于开始时间;均为 0 表示整个视频。",
    ),
    "InvalidAction": Text("The action `{action}` does not exist.", "接口 `{action}` 不存在。"),
    "UnsupportedOperation": Text(
        "This server knows the action `{action}` but does not offer it.",
        "本服务暂不提供接口 `{action}`。",
    ),
    "UnsupportedOperation/form": Text(
        "The content type {content_type} is not supported for this action.",
        "该接口不支持内容类型 {content_type}。",
    ),
    "UnsupportedOperation/field": Text(
        "This server does not offer `{field}` yet.", "本服务暂不支持 `{field}`。"
    ),
    "NoSuchVersion": Text("The API version `{version}` does not exist.", "接口版本 `{version}` 不存在。"),
    "RequestLimitExceeded": Text(
        "The request rate is over the limit of {limit} per second.", "请求频率超过每秒 {limit} 次的限制。"
    ),
    # The request is clear and cannot be met.
    "InvalidParameterValue.FileId": Text("The file `{file_id}` does not exist.", "文件 `{file_id}` 不存在。"),
    "InvalidParameterValue.FileIds": Text(
        "`FileIds` must name at least one file.", "`FileIds` 至少需要一个文件。"
    ),
    "InvalidParameterValue.FileIdsTooMany": Text(
        "`FileIds` may name at most {limit} files.", "`FileIds` 最多 {limit} 个文件。"
    ),
    "InvalidParameterValue.SubAppId": Text(
        "The application {sub_app} does not exist.", "应用 {sub_app} 不存在。"
    ),
    "InvalidParameterValue.InputInfo": _MUST_BE,
    "InvalidParameterValue.InputInfo/file": Text(
        "The file `{file_id}` of InputInfo does not exist.", "InputInfo 指定的文件 `{file_id}` 不存在。"
    ),
    "InvalidParameterValue.InputInfo/sub-app": Text(
        "The application {sub_app} of InputInfo does not exist.", "InputInfo 指定的应用 {sub_app} 不存在。"
    ),
    "InvalidParameterValue.TaskId": Text("The task `{task_id}` does not exist.", "任务 `{task_id}` 不存在。"),
    "InvalidParameterValue.SessionId": Text(
        "A task with the same SessionId was created in the last three days.",
        "三天内已存在相同 SessionId 的任务。",
    ),
    "InvalidParameterValue.SessionIdTooLong": Text(
        "SessionId is longer than 50 characters.", "SessionId 超过 50 个字符。"
    ),
    "InvalidParameterValue.SessionContextTooLong": Text(
        "SessionContext is longer than 1000 characters.", "SessionContext 超过 1000 个字符。"
    ),
    "InvalidParameterValue.MediaType": Text(
        "The media type `{media_type}` is not supported.", "不支持的媒体类型 `{media_type}`。"
    ),
    "InvalidParameterValue.CoverType": Text(
        "The cover type `{cover_type}` is not supported.", "不支持的封面类型 `{cover_type}`。"
    ),
    "InvalidParameterValue.ExpireTime": Text(
        "ExpireTime must be an ISO 8601 time in the future.", "ExpireTime 应为 ISO 8601 格式的未来时间。"
    ),
    **dict.fromkeys(("InvalidParameterValue.MediaUrl", "InvalidParameterValue.CoverUrl"), _NOT_A_URL),
    "ResourceInsufficient": Text(
        "The server's disk is almost full, so it takes no more files.", "服务器磁盘空间不足,暂不接收文件。"
    ),
    "InvalidParameterValue.Procedure": Text(
        "The procedure `{procedure}` does not exist.", "任务流 `{procedure}` 不存在。"
    ),
    "InvalidParameterValue.VodSessionKey": Text(
        "The VodSessionKey is unknown or expired.", "VodSessionKey 不存在或已过期。"
    ),
    "InvalidParameterValue/subtitle-id": Text(
        "A subtitle of the file has that `Id` already, or two new ones have the same.",
        "该文件已有相同 `Id` 的字幕,或新增字幕的 `Id` 重复。",
    ),
    "InvalidParameterValue/subtitle-size": Text(
        "The subtitle in `{field}` is larger than {limit} bytes.", "`{field}` 中的字幕超过 {limit} 字节。"
    ),
    "InvalidParameterValue/subtitle": Text(
        "`{field}` does not hold a WebVTT file in UTF-8.", "`{field}` 不是 UTF-8 编码的 WebVTT 文件。"
    ),
    "InvalidParameterValue/base64": Text("`{field}` is not valid Base64.", "`{field}` 不是合法的 Base64。"),
    "InvalidParameterValue.ImageDecodeError": Text(
        "`{field}` does not hold a GIF, JPEG or PNG picture that can be decoded.",
        "`{field}` 不是可解码的 GIF、JPEG 或 PNG 图片。",
    ),
    "LimitExceeded.TagCountReachMax": Text(
        "A file can have at most {limit} tags.", "单个文件最多 {limit} 个标签。"
    ),
    "LimitExceeded.KeyFrameDescCountReachMax": Text(
        "A file can have at most {limit} key frame descriptions.", "单个文件最多 {limit} 个打点信息。"
    ),
    "LimitExceeded/subtitles": Text(
        "A file can have at most {limit} uploaded subtitles.", "单个文件最多 {limit} 个上传的字幕。"
    ),
    "FailedOperation.CoverType": Text(
        "The uploaded cover is not a picture that can be decoded.", "上传的封面不是可解码的图片。"
    ),
    "ResourceNotFound.FileNotExist": Text(
        "The file `{file_id}` does not exist.", "文件 `{file_id}` 不存在。"
    ),
    "FailedOperation/event-mode": Text(
        "The application's events are pushed, so there are none to pull. Set Mode to PULL with ModifyEventConfig.",
        "该应用的事件通知方式为 PUSH,无法拉取。请通过 ModifyEventConfig 将 Mode 设为 PULL。",
    ),
    "InvalidParameter/no-analysis": Text(
        "The template {definition} switches no analysis on, and ExtendedParameter names none.",
        "模板 {definition} 未开启任何分析功能,ExtendedParameter 也未指定功能。",
    ),
    "InvalidParameterValue.ModifyDefaultTemplate": Text(
        "The template {definition} is a preset and cannot be changed.",
        "模板 {definition} 为系统预置模板,不能修改。",
    ),
    "InvalidParameterValue.DeleteDefaultTemplate": Text(
        "The template {definition} is a preset and cannot be deleted.",
        "模板 {definition} 为系统预置模板,不能删除。",
    ),
    "InvalidParameterValue.StartTime": Text(
        "StartTime must be at most {days} days ago.", "StartTime 距今不能超过 {days} 天。"
    ),
    "InvalidParameterValue.EndTime": Text(
        "EndTime must not be before StartTime, and at most {days} days after it.",
        "EndTime 不能早于 StartTime,且两者相差不能超过 {days} 天。",
    ),
    "InvalidParameterValue.Type": Text("The type `{value}` does not exist.", "类型 `{value}` 不存在。"),
    "ResourceNotFound.TemplateNotExist": Text(
        "The {kind} template {definition} does not exist.", "{kind} 模板 {definition} 不存在。"
    ),
    "LimitExceeded.TooMuchTemplate": Text(
        "The application already has {limit} templates of this type.",
        "应用的该类模板已达上限 {limit} 个。",
    ),
    "FailedOperation/task-status": Text(
        "A task whose status is {status} cannot be aborted.", "状态为 {status} 的任务不能终止。"
    ),
    "FailedOperation/default-sub-app": Text(
        "The account's default application cannot be destroyed.", "账号的默认应用不能销毁。"
    ),
    "FailedOperation.InvalidMpsUser": Text("The application is not active.", "应用未启用。"),
    "FailedOperation.InvalidVodUser": Text("The application is not active.", "应用未启用。"),
    "FailedOperation.MediaType": Text(
        "The uploaded file cannot be used: {reason}.", "上传的文件无法使用:{reason}。"
    ),
    "FailedOperation.UploadCosFail": Text(
        "No complete file was uploaded to {path}.", "{path} 下没有上传完成的文件。"
    ),
    "UnauthorizedOperation": Text("The operation is not authorized.", "未授权的操作。"),
    **dict.fromkeys(
        (
            "InvalidParameterValue/range",
            "InvalidParameterValue.InvalidOperationType",
            "InvalidParameterValue.LimitTooLarge",
            "InvalidParameterValue.OffsetTooLarge",
            "InvalidParameterValue.Categories",
            "InvalidParameterValue.EndTime/search",
            "InvalidParameterValue.FileIds/search",
            "InvalidParameterValue.StartTime/search",
            "InvalidParameterValue.ClassIds",
            "InvalidParameterValue.Description",
            "InvalidParameterValue.KeyFrameDescContentTooLong",
            "InvalidParameterValue.Name",
            "InvalidParameterValue.NamePrefixes",
            "InvalidParameterValue.Names",
            "InvalidParameterValue.Sort",
            "InvalidParameterValue.SourceTypes",
            "InvalidParameterValue.Status",
            "InvalidParameterValue.StorageRegions",
            "InvalidParameterValue.StreamIds",
            "InvalidParameterValue.TagTooLong",
            "InvalidParameterValue.Tags",
            "InvalidParameterValue.Text",
        ),
        _MUST_BE,
    ),
    **dict.fromkeys(
        (
            "InvalidParameterValue.AddTagsAndClearTagsConflict",
            "InvalidParameterValue.AddTagsAndDeleteTagsConflict",
            "InvalidParameterValue.AddKeyFrameDescsAndClearKeyFrameDescsConflict",
            "InvalidParameterValue.AddKeyFrameDescsAndDeleteKeyFrameDescsConflict",
            "InvalidParameterValue/conflict",
        ),
        _CONFLICT,
    ),
    # Ours.
    "InternalError": Text(
        "Internal error. The server's log holds the RequestId.", "内部错误,详见服务器日志中的 RequestId。"
    ),
    "ServiceUnavailable": Text("The server is starting or stopping.", "服务正在启动或停止。"),
}
