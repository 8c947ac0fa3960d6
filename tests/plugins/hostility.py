"""What a server is sent by the careless and the wicked."""

import gzip
import json
from collections.abc import Iterator

from tests.plugins.wire import request

NASTY_JSON = [
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e999",
        "1" + "0" * 400,
        "9" * 5000,
        "-1",
        "0",
        "-0.0",
        "1e-320",
    ),
    *("1.5", "101", "1e308", "9223372036854775808", "-9223372036854775809", "253402300800", "-1e18", "0.1e1"),
    *("null", "true", "false", "[]", "{}", "[[[]]]", '{"a": 1}', "[1, 2]", "[" * 300 + "]" * 300),
    *('""', '" "', '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udfff\\ud800"', '"\\u202eabc"', '"\\ufeff"'),
    *(
        '"NaN"',
        '"Infinity%"',
        '"1e999%"',
        '"-45%"',
        '"101%"',
        '"٤٥%"',
        '"²"',
        '"½"',
        '"1_000"',
        '"0x10"',
        '"1,5"',
    ),
    *(
        '"0000-00-00"',
        '"9999-12-31T23:59:59-23:59"',
        '"0001-01-01T00:00:00+14:00"',
        '"2024-02-30"',
        '"PT1e999S"',
    ),
    *('"99999999999999999d"', '"1:99:99"', '"-5 min"', '"P"', '"P1Y"', '"nan h"', '"1h 1h 1h"'),
    *(
        '"<script>window.pwned=1</script>"',
        '"\'; DROP TABLE tasks; --"',
        '"{{7*7}}${7*7}%s%n"',
        '"../../etc/passwd"',
    ),
    *(json.dumps("x" * length) for length in (200, 201, 5000, 200_000)),
    *(json.dumps("😀" * length) for length in (200, 201)),
]
FIELDS = [
    *(
        "taskName",
        "task_name",
        "title",
        "gpuName",
        "host",
        "progress",
        "progressUnit",
        "currentEpoch",
        "totalEpochs",
    ),
    *("currentStep", "step", "totalSteps", "eta", "status", "type", "message", "metrics", "loss", "accuracy"),
    *(
        "learningRate",
        "gpu",
        "runId",
        "attempt",
        "timestamp",
        "eventId",
        "series",
        "overwriteTitle",
        "text",
        "content",
    ),
    *("no such field", "__proto__", "x" * 300, "\\u0000", "\\ud800"),
]
NASTY_NAMES = [
    *(
        "..",
        "../../etc/passwd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%5c..%5cboot.ini",
        "%00",
        "a%00b",
        "%",
        "%zz",
    ),
    *(
        "%ff%fe",
        "%ed%a0%80",
        "%C0%AE",
        "a//b",
        "/",
        "//evil.example/x",
        "a/b/c/d",
        "x" * 200,
        "x" * 201,
        "x" * 60_000,
    ),
    *(
        "<script>alert(1)</script>",
        "%3Cscript%3E",
        "a;b",
        "a?b",
        "a%3Fb",
        "a%23b",
        "%0d%0aSet-Cookie:%20a=b",
        "~",
        ".",
    ),
    *("start", "fail", "0", "%20", "%F0%9F%98%80", "'%20OR%201=1--", "$(reboot)", "`id`", "%25%30%30"),
]


def fields() -> Iterator[bytes]:
    """Yield every nasty value in every field of a report."""
    for field in FIELDS:
        for value in NASTY_JSON:
            yield f'{{"taskName": "hostile", "{field}": {value}}}'.encode("utf-8", "surrogatepass")


def nested() -> Iterator[bytes]:
    """Yield every nasty value inside the fields that hold more."""
    shapes = [
        '{"taskName": "hostile", "metrics": {"loss": %s}}',
        '{"taskName": "hostile", "metrics": {"loss": [%s]}}',
        '{"taskName": "hostile", "gpuName": "G", "gpu": {"utilization": %s, "memoryUsed": %s, "temperature": %s}}',
        '{"taskName": "hostile", "series": {"loss": {"steps": [1, %s], "values": [1, 2]}}}',
        '{"taskName": "hostile", "series": {"loss": {"steps": [1, 2], "values": [1, %s]}}}',
        '{"taskName": "hostile", "series": {"loss": {"steps": %s, "values": %s}}}',
        '{"taskName": "hostile", "series": {"loss": %s}}',
        '[{"taskName": "hostile", "loss": 1}, %s]',
        '{"taskName": "hostile", "loss": 1}\n%s\n{"taskName": "hostile", "loss": 2}\n',
        '{"title": %s, "message": %s}',
        '{"gpuName": %s, "progress": 0.5}',
    ]
    for shape in shapes:
        for value in NASTY_JSON:
            yield (shape % ((value,) * shape.count("%s"))).encode("utf-8", "surrogatepass")
    for name in ('"\\u0000"', '"\\ud800"', '""', '"<img src=x onerror=alert(1)>"', json.dumps("n" * 201)):
        yield f'{{"taskName": "hostile", "metrics": {{{name}: 1}}}}'.encode()


def shapeless() -> Iterator[bytes]:
    """Yield bodies that are not a report at all."""
    yield from (
        b"",
        b" ",
        b"\n",
        b"{",
        b"[",
        b"}",
        b'{"',
        b"{}",
        b"[]",
        b"[{}]",
        b"null",
        b"0",
        b'"x"',
        b"nonsense",
    )
    yield from (
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"{\xff}",
        b'{"taskName": "\xed\xa0\x80", "loss": 1}',
    )
    yield from ('{"taskName": "hostile"}'.encode(code) for code in ("utf-16", "utf-32", "utf-8-sig"))
    yield from (b"[" * 500_000, b'{"a":' * 100_000, b"{" * 1000, b"[" * 100_000 + b"]" * 100_000)
    yield from (
        b"%",
        b"%00=%00",
        b"taskName=%ff&loss=1",
        b"taskName=a&taskName=b&loss=x",
        b"=&=&=",
        b"&" * 10_000,
    )
    yield from (b"taskName=hostile&progress=NaN", b"&".join(b"k%d=1" % n for n in range(20_000)))
    yield from (
        b"1" * 200_000,
        b"-" * 10_000,
        b"[" + b"1," * 100_000 + b"1]",
        b"[" + b"{}," * 50_000 + b"{}]",
    )
    yield b'{"taskName": "hostile", "taskName": {}, "taskName": null, "loss": 1, "loss": "x"}'
    yield json.dumps({"taskName": "hostile", "metrics": {f"m{n}": n for n in range(257)}}).encode()
    yield json.dumps({"taskName": "hostile", "extra": [[n] for n in range(50_000)]}).encode()
    yield b'{"taskName": "hostile", "loss": 1, "pad": "' + b"x" * 1_048_576 + b'"}'
    yield b"\n".join(b'{"taskName": "hostile", "loss": NaN' for _ in range(5000))


CONTENT_TYPES = [
    *(
        "",
        "text/plain",
        "application/xml",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/json;",
    ),
    *(
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "application/x-www-form-urlencoded",
    ),
    *("image/png", "x" * 4000, ";;;", "application/json, text/html"),
]


def heads() -> Iterator[bytes]:
    """Yield requests whose head is wrong, or whose body is not what the head says."""
    body = b'{"taskName": "hostile", "loss": 1}'
    whole = request("POST", "/hook", body)
    for length in ("abc", "-1", "", "1e3", "99999999999999999999999", "0x10", "5, 6"):
        yield request("POST", "/hook", body, content_length=length)
    yield whole.replace(b"content-length", b"content-length: 3\r\ncontent-length")
    yield whole.replace(b"content-length", b"transfer-encoding: chunked\r\ncontent-length")
    chunked = b"POST /hook HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n"
    yield from (
        chunked + end for end in (b"zz\r\n", b"-5\r\nx", b"5\r\nab\r\n0\r\n\r\n", b"FFFFFFFFFFFFFFFFFF\r\nx")
    )
    yield from (
        request(method, "/hook", body)
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW", "get", "X" * 90)
    )
    yield from (
        request("POST", path, body)
        for path in ("*", "hook", "//hook", "/hook?" + "a" * 60_000, "http://[::1/")
    )
    yield from (
        whole.replace(b"HTTP/1.1", version) for version in (b"HTTP/9.9", b"HTTP/1.0", b"", b"ICY/1.1")
    )
    yield from (
        whole.replace(b"host:", field + b"host:") for field in (b"a\x00b: c\r\n", b": x\r\n", b" x: y\r\n")
    )
    yield whole.replace(b"host:", b"x: " + b"a" * 200_000 + b"\r\nhost:")
    yield whole.replace(b"host:", b"".join(b"x%d: y\r\n" % n for n in range(3000)) + b"host:")
    yield from (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"\r\n" * 5000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    )
    yield request("POST", "/hook", body, connection="upgrade", upgrade="websocket", sec_websocket_key="x")
    yield request("GET", "/_event/?EIO=4&transport=websocket", connection="upgrade", upgrade="websocket")
    yield from (
        request("POST", "/hook", data, content_encoding="gzip")
        for data in (b"junk", gzip.compress(bytes(10**7)))
    )
    yield from (
        request("POST", "/hook", body, expect=expect) for expect in ("100-continue", "the unexpected")
    )


def questions(task: int) -> Iterator[str]:
    """Yield hostile addresses of everything that can be asked about `task`."""
    nasty = ("", "-1", "0", "abc", "1e9", "nan", "9" * 30, "%00", "%ff", "'", "1.5", "null", "x" * 5000, "[]")
    for value in nasty:
        yield f"/api/tasks/{value}"
        yield f"/api/training/{value}/metrics"
        yield from (
            f"/api/tasks?{name}={value}" for name in ("q", "status", "sort", "limit", "offset", "nope")
        )
        for name in ("name", "points", "from", "to", "attempt", "since"):
            yield f"/api/training/{task}/metrics?name=loss&{name}={value}"
            yield f"/api/training/{task}/metrics?{name}={value}"
    yield f"/api/training/{task}/metrics?name=loss&points=10&from=5&to=1"
    yield from (
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2frxconfig.py",
        "/tasks/%00",
        "/\\",
    )
    yield from (
        "/api/",
        "/api/nothing",
        "/docs/../../x",
        "/metrics?x=%ff",
        "/healthz/../api",
        "/_event",
        "/_upload",
        "/ping",
    )
