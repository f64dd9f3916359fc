"""In which ways does a call to the outside end badly? We refuse to make it, or it does not come through."""

from typing import ClassVar

from openvod.core.errors import Fault
from openvod.core.texts import Text


class Refused(Fault):
    """The address must not be called. Nothing was sent to it; calling again is of no use.

    Texts are the rest of a sentence that begins with the URL.
    """

    table: ClassVar = {
        "form": Text("it is not a well-formed URL", "不是合法的 URL"),
        "scheme": Text("only http and https are possible", "仅支持 http 和 https"),
        "userinfo": Text("it must not hold a user name or password", "不得包含用户名或密码"),
        "host": Text("its host must not be called", "不允许访问该主机"),
        "address": Text(
            "its host leads to an address that is not public", "该主机指向非公网地址"
        ),  # which one is not told: it would map the network for a stranger
        "redirects": Text("it was redirected more than {limit} times", "重定向超过 {limit} 次"),
        "downgrade": Text("it was redirected from https to http", "从 https 重定向到了 http"),
    }


class Failed(Fault):
    """The other side could not be reached, or did not answer as it should; later it may.

    `status` is its HTTP status where that is the reason.
    """

    table: ClassVar = {
        "resolve": Text("its host is unknown", "主机名无法解析"),
        "connect": Text("no connection could be made", "无法建立连接"),
        "tls": Text("its certificate or TLS is not acceptable", "证书或 TLS 不可接受"),
        "time": Text("it took too long", "超时"),
        "size": Text("it is larger than {limit} bytes", "超过 {limit} 字节"),
        "status": Text("it answered with the status {status}", "返回状态码 {status}"),
        "ended": Text("the connection ended early", "连接提前中断"),
        "protocol": Text("its answer is not proper HTTP", "响应不符合 HTTP 规范"),
        "changed": Text("the file became another one while it was fetched", "文件在下载过程中发生了变化"),
        "encoding": Text("its answer is encoded, which was not asked for", "响应使用了未请求的编码"),
    }

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key, **facts)
        status = facts.get("status")
        self.status = status if isinstance(status, int) else None


class Unwanted(Exception):
    """The caller has lost interest, see `Limits.unwanted`; nobody's fault."""
