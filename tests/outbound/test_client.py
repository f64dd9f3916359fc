import io
import socket
import ssl
import subprocess
import threading
from time import monotonic

import pytest

from openvod import outbound
from openvod.outbound import OPERATOR, Failed, Limits, Network, Policy, Refused
from tests.outbound.far_side import answer, far_side, redirect

HERE = Policy(loopback_allowed=True)
LIMITS = Limits(bytes=10_000, total_seconds=5, idle_seconds=5)
SHORT = Limits(bytes=10_000, total_seconds=0.3, idle_seconds=5)


def named(**hosts):
    """A network in which these names lead to these addresses, and nothing else does."""
    return Network(resolve=lambda host, _: hosts[host.replace(".", "_")])


def fetched(url, policy=HERE, limits=LIMITS, **options):
    sink = io.BytesIO()
    head = outbound.fetch(url, policy, limits=limits, sink=sink, **options)
    return head, sink.getvalue()


def refused(key, *args, **options):
    with pytest.raises(Refused) as refusal:
        fetched(*args, **options)
    assert refusal.value.key == key


def failed(key, *args, **options):
    with pytest.raises(Failed) as failure:
        fetched(*args, **options)
    assert failure.value.key == key
    return failure.value


def test_fetch_reads_a_file_and_says_little():
    with far_side(answer(b"film", "200 OK", 'ETag: "v1"')) as side:
        head, body = fetched(side.url("/a%20b?c=d"))
    assert (body, head.status, head.total, head.validator) == (b"film", 200, 4, '"v1"')
    request = side.requests[0].decode()
    assert request.startswith("GET /a%20b?c=d HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{side.port}\r\n" in request
    assert "Accept-Encoding: identity" in request
    assert not {"cookie", "authorization"} & {line.partition(":")[0].lower() for line in request.splitlines()}


def test_the_environment_has_no_say(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with far_side(answer(b"film")) as side:
        assert fetched(side.url())[1] == b"film"


def test_a_server_that_others_reach_does_not_call_itself():
    with far_side(answer(b"secret")) as side:
        for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "017700000001"):
            refused("address", side.url(host=host), Policy.of("0.0.0.0"))
        assert side.requests == []


def test_all_addresses_of_a_name_count():
    network = named(mixed_example=["127.0.0.1", "10.0.0.1"], empty_example=[])
    with far_side(answer(b"x")) as side:
        refused("address", side.url(host="mixed.example"), network=network)
        failed("resolve", side.url(host="empty.example"), network=network)
        refused("host", side.url(host="metadata.google.internal"), OPERATOR, network=network)
        assert side.requests == []


def test_a_name_is_resolved_once_and_the_judged_address_is_called():
    """DNS rebinding: the second answer would lead elsewhere."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    asked = []

    def resolve(host, port):
        asked.append(host)
        return answers[len(asked) - 1]

    with far_side(answer(b"film")) as side:
        url = side.url(host="rebound.example")
        assert fetched(url, network=Network(resolve=resolve))[1] == b"film"
        assert asked == ["rebound.example"]
        assert f"Host: rebound.example:{side.port}\r\n".encode() in side.requests[0]
        refused("address", url, network=Network(resolve=resolve))  # as the second answer says


def test_a_public_name_is_dialled_by_its_address():
    dialled = []

    def dial(address, port, seconds):
        dialled.append((address, port))
        raise ConnectionRefusedError

    network = Network(lambda *_: ["2606:4700::1111", "1.1.1.1"], dial)
    failed("connect", "http://files.example/x", Policy(), network=network)
    assert dialled == [("2606:4700::1111", 80), ("1.1.1.1", 80)]


@pytest.mark.parametrize(
    "location, key",
    [
        ("http://169.254.169.254/latest/meta-data", "address"),
        ("http://metadata.google.internal/", "host"),
        ("http://[fd00:ec2::254]/", "address"),
        ("http://10.0.0.1/", "address"),
        ("file:///etc/passwd", "scheme"),
        ("http://user:password@127.0.0.1/", "userinfo"),
        ("//[", "form"),
        ("/again", "redirects"),
    ],
)
def test_every_redirect_is_judged_anew(location, key):
    with far_side(redirect(location)) as side:
        refused(key, side.url())
        assert len(side.requests) == (6 if key == "redirects" else 1)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 T", "308 P"])
def test_redirects_are_followed(status):
    with far_side(answer(b"film")) as there, far_side(redirect(there.url("/x"), status)) as here:
        head, body = fetched(here.url())
    assert (body, head.url) == (b"film", there.url("/x"))


def test_only_redirects_that_keep_the_method_are_followed_by_a_post():
    with far_side(answer(b"", "204 None")) as there:
        with far_side(redirect(there.url("/x"), "307 T")) as here:
            assert outbound.post(here.url(), b"{}", HERE, limits=LIMITS).status == 204
        with far_side(redirect(there.url("/x"), "302 Found")) as here:
            assert outbound.post(here.url(), b"{}", HERE, limits=LIMITS).status == 302
    (request,) = there.requests
    assert request.startswith(b"POST /x ")
    assert b"Content-Type: application/json\r\n" in request


def drip(sock, _):
    """An answer that never ends, a byte at a time: never silent for long."""
    pause = threading.Event()
    sock.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        sock.sendall(b"a")
        pause.wait(0.02)


def endless(sock, _):
    sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        sock.sendall(bytes(4096))


def slow_body(sock, _):
    pause = threading.Event()
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    while True:
        sock.sendall(b"a")
        pause.wait(0.02)


def continuing(sock, _):
    while True:
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def silent(sock, _):
    sock.recv(1)


def many_headers(sock, _):
    sock.sendall(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 10_000)


def gibberish(sock, _):
    sock.sendall(b"SSH-2.0-OpenSSH\r\n")


@pytest.mark.parametrize(
    "script, key",
    [
        (drip, "time"), (slow_body, "time"), (silent, "time"), (continuing, "time"), (endless, "size"),
        (many_headers, "protocol"), (gibberish, "protocol"),
        (answer(b"x" * 10_001), "size"), (answer(b"film", length=10**12), "size"), (answer(b"film", length=9), "ended"),
        (lambda sock, _: sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfi"), "ended"),
        (lambda *_: None, "protocol"),
        (answer(b"x", "404 No"), "status"), (answer(b"x", "206 Part", "Content-Range: bytes 0-0/1"), "protocol"),
        (answer(b"x", "200 OK", "Content-Encoding: gzip"), "encoding"),
    ],
)  # fmt: skip
def test_an_answer_can_be_wrong_in_many_ways(script, key):
    began = monotonic()
    with far_side(script) as side:
        failure = failed(key, side.url(), limits=SHORT)
    assert failure.status == (404 if key == "status" else None)
    assert monotonic() - began < 3


def test_a_length_that_says_too_little_cuts_the_rest_off():
    with far_side(answer(b"film and more", length=4)) as side:
        assert fetched(side.url())[1] == b"film"


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    failed("connect", f"http://127.0.0.1:{port}/")


def test_a_resolver_that_does_not_come_back():
    stuck = threading.Event()
    try:
        failed(
            "time", "http://slow.example/", limits=SHORT, network=Network(resolve=lambda *_: stuck.wait(20))
        )
    finally:
        stuck.set()


def ranged(content, etag):
    def script(sock, request):
        lines = dict(line.split(": ", 1) for line in request.decode().split("\r\n")[1:] if line)
        start = int(lines.get("Range", "bytes=0-")[6:-1])
        if not start or lines.get("If-Range", etag) != etag:
            return answer(content, "200 OK", f"ETag: {etag}")(sock, request)
        if start >= len(content):
            return answer(b"", "416 No")(sock, request)
        part = f"Content-Range: bytes {start}-{len(content) - 1}/{len(content)}"
        return answer(content[start:], "206 Part", f"ETag: {etag}", part)(sock, request)

    return script


def test_a_download_is_resumed_or_begun_anew():
    with far_side(ranged(b"0123456789", '"v1"')) as side:
        sink = io.BytesIO(b"01234XXXXXXXXXXXX")
        head = outbound.fetch(side.url(), HERE, limits=LIMITS, sink=sink, resume_from=5, validator='"v1"')
        assert (sink.getvalue(), head.offset, head.total) == (b"0123456789", 5, 10)
        sink = io.BytesIO(b"oldoldoldold!")
        head = outbound.fetch(side.url(), HERE, limits=LIMITS, sink=sink, resume_from=5, validator='"v0"')
        assert (sink.getvalue(), head.offset) == (b"0123456789", 0)
        assert failed("status", side.url(), resume_from=10, validator='"v1"').status == 416
        failed("size", side.url(), limits=Limits(bytes=9, total_seconds=5), resume_from=5)


def test_what_came_before_a_failure_can_be_resumed():
    sink = io.BytesIO()
    with far_side(answer(b"01234", length=10)) as side, pytest.raises(Failed):
        outbound.fetch(side.url(), HERE, limits=LIMITS, sink=sink)
    assert sink.getvalue() == b"01234"


@pytest.mark.parametrize(
    "headers", [{"Authorization": "x"}, {"cookie": "x"}, {"HOST": "x"}, {"A": "b\r\nC: d"}, {"A\n": "b"}]
)
def test_headers_that_must_not_go_out(headers):
    with far_side(answer(b"")) as side:
        with pytest.raises(ValueError):
            fetched(side.url(), headers=headers)
        assert side.requests == []


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """Made out to files.example only."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    name = ["-addext", "subjectAltName=DNS:files.example"]
    subprocess.run([*command.split(), *files, *name], check=True, capture_output=True)
    return folder


@pytest.mark.needs("openssl")
def test_tls_is_for_the_name_and_never_left(certificate):
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    names = []
    serving.sni_callback = lambda _, name, __: names.append(name)

    def trusting():
        return ssl.create_default_context(cafile=str(certificate / "cert.pem"))

    network = Network(resolve=lambda *_: ["127.0.0.1"], tls=trusting)
    with far_side(answer(b"film"), serving) as side:
        assert fetched(side.url(host="files.example", scheme="https"), network=network)[1] == b"film"
        assert names == ["files.example"]
        failed("tls", side.url(host="other.example", scheme="https"), network=network)
        failed("tls", side.url(host="files.example", scheme="https"), network=Network(network.resolve))
    with far_side(answer(b"plain")) as plain, far_side(redirect(plain.url()), serving) as side:
        refused("downgrade", side.url(host="files.example", scheme="https"), network=network)
    assert plain.requests == []
