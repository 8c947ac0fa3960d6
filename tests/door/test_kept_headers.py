"""Of a websocket's headers those stay that are read later, however many and long they were."""

from trainwatch.door.identity import tells_of_a_proxy
from trainwatch.door.kept_headers import handshake_headers, headers_asked_again

COOKIE = "trainwatch_test"
LONG = "x" * 8_000


def test_what_tells_who_somebody_is_stays():
    asked = {
        "host": "localhost:62222",
        "origin": "http://localhost:62222",
        "sec-fetch-site": "same-origin",
        "authorization": "Bearer tw_read_1",
        "x-api-key": "tw_read_1",
        "user-agent": "a browser",
    }
    kept = headers_asked_again({**asked, "accept-language": "de", "cookie": f"a={LONG}"}, COOKIE, "secret")
    assert kept == {**asked, "cookie": f"{COOKIE}=secret"}


def test_long_and_many_headers_take_little():
    headers = {f"x-{number}": LONG for number in range(100)}
    names = ("host", "authorization", "x-api-key", "x-forwarded-for", "x-forwarded-" + LONG, "user-agent")
    kept = headers_asked_again(headers | dict.fromkeys(names, LONG), COOKIE, LONG)
    assert sum(len(name) + len(value) for name, value in kept.items()) < 8_000


def test_who_came_through_a_proxy_goes_on_having_done_so():
    for name in ("via", "forwarded", "x-real-ip", "x-forwarded-for", "x-forwarded-" + LONG):
        assert any(map(tells_of_a_proxy, headers_asked_again({name: LONG}, COOKIE, None)))
    assert not any(map(tells_of_a_proxy, headers_asked_again({"host": "localhost"}, COOKIE, None)))


def test_the_page_is_told_of_the_handshake_and_of_no_secret():
    shown = [
        (b"host", b"localhost"),
        (b"origin", b"https://localhost"),
        (b"upgrade", b"websocket"),
        (b"sec-websocket-protocol", b"0.10.1"),
    ]
    hidden = [
        (b"cookie", b"secret"),
        (b"x-api-key", b"secret"),
        (b"x-forwarded-proto", b"HTTPS"),
        (b"x-1", LONG.encode()),
    ]
    scope = {"headers": [*shown, *hidden]}
    assert handshake_headers(scope) == shown
