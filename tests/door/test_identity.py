"""Who is asking, in every combination of where they are, what their browser says and what they show."""

from dataclasses import replace
from itertools import product

import pytest

from tests.plugins.doors import COOKIE, NOW, make_door, make_key, make_session, make_user
from trainwatch.domain.credential import Scope
from trainwatch.domain.events import CredentialChanged
from trainwatch.door.identity import LOCAL, Complaint, Door, Identity, Peer
from trainwatch.door.policy import Policy
from trainwatch.door.rights import EVERYBODY, ON_THIS_MACHINE, Right, rights_of
from trainwatch.errors import ForbiddenError

KEY, KEY_TEXT = make_key(Scope.TRAINING, id=3, label="cluster")
REVOKED, REVOKED_TEXT = make_key(Scope.ADMIN, id=4, revoked_at=NOW)
SESSION, SESSION_COOKIE = make_session(id=5)
EXPIRED, EXPIRED_COOKIE = make_session(id=6, expires_at=NOW)
ORPHAN, ORPHAN_COOKIE = make_session(id=7, user_id=2)
HELD = (KEY, REVOKED, SESSION, EXPIRED, ORPHAN, make_user(), make_user(id=2, name="bob", removed_at=NOW))

POLICIES = {
    "this machine": Policy(),
    "sign-in required": Policy(lets_anonymous_in=False),
    "named": Policy(hosts=frozenset({"lab.example"}), lets_anonymous_in=False),
}
PEERS = {"127.0.0.1": True, "::1": True, "192.168.1.5": False, "2001:db8::1": False, None: False, "": False}
HOSTS = {"localhost:62222": True, "[::1]:62222": True, "lab.example": None, "evil.example": False, "": False}
PROXIES: dict[str, dict[str, str]] = {
    "": {},
    "x-forwarded-for": {"x-forwarded-for": "127.0.0.1"},
    "x-forwarded-anything": {"x-forwarded-prefix": ""},
    "forwarded": {"forwarded": "for=127.0.0.1"},
    "via": {"via": "1.1 x"},
    "x-real-ip": {"x-real-ip": "127.0.0.1"},
}
SITES = {
    "": True,
    "own": True,
    "none": True,
    "null": False,
    "foreign": False,
    "own host, other port": False,
    "same-site": False,
    "cross-site": False,
    "unheard-of": False,
}
SHOWN: dict[str, tuple[dict[str, str], str | Complaint]] = {
    "": ({}, "nothing"),
    "key": ({"authorization": f"Bearer {KEY_TEXT}"}, "key"),
    "key, small letters": ({"authorization": f"bearer  {KEY_TEXT} "}, "key"),
    "x-api-key": ({"x-api-key": KEY_TEXT}, "key"),
    "session": ({"cookie": f"a=b; {COOKIE}={SESSION_COOKIE}; c=d"}, "session"),
    "key and session": ({"x-api-key": KEY_TEXT, "cookie": f"{COOKIE}={SESSION_COOKIE}"}, "key"),
    "another's cookie": (
        {"cookie": f"{COOKIE}2={SESSION_COOKIE}; x{COOKIE}=1; {COOKIE.upper()}=1"},
        "nothing",
    ),
    "basic": ({"authorization": "Basic YTpi"}, "nothing"),
    "no key": ({"authorization": "Bearer"}, Complaint.KEY),
    "empty key": ({"x-api-key": ""}, Complaint.KEY),
    "revoked key": ({"x-api-key": REVOKED_TEXT}, Complaint.KEY),
    "bad key, good session": (
        {"x-api-key": REVOKED_TEXT, "cookie": f"{COOKIE}={SESSION_COOKIE}"},
        Complaint.KEY,
    ),
    "cookie as key": ({"authorization": f"Bearer {SESSION_COOKIE}"}, Complaint.KEY),
    "empty cookie": ({"cookie": f"{COOKIE}="}, Complaint.SESSION),
    "key as cookie": ({"cookie": f"{COOKIE}={KEY_TEXT}"}, Complaint.SESSION),
    "expired session": ({"cookie": f"{COOKIE}={EXPIRED_COOKIE}"}, Complaint.SESSION),
    "removed user's session": ({"cookie": f"{COOKIE}={ORPHAN_COOKIE}"}, Complaint.SESSION),
    "two cookies, a bad one first": ({"cookie": f"{COOKIE}=x; {COOKIE}={SESSION_COOKIE}"}, Complaint.SESSION),
}


def site_headers(site: str, host: str) -> dict[str, str]:
    """Return what a browser says of the web site that asks."""
    return {
        "own": {"origin": f"http://{host}", "sec-fetch-site": "same-origin"},
        "none": {"sec-fetch-site": "none"},
        "null": {"origin": "null"},
        "foreign": {"origin": "http://evil.example"},
        "own host, other port": {"origin": f"http://{host.rpartition(':')[0]}:1"},
        "unheard-of": {"sec-fetch-site": "quite-near"},
    }.get(site, {"sec-fetch-site": site} if site else {})


def whoever(door: Door, peer: Peer) -> Identity | None:
    """Return who `peer` is; None if it is turned away."""
    try:
        return door.identify(peer)
    except ForbiddenError:
        return None


@pytest.mark.parametrize("policy", POLICIES)
def test_who_asks_is_told_by_all_that_is_known_of_them(policy: str):
    door = make_door(POLICIES[policy], *HELD)
    combinations = list(product(PEERS, HOSTS, PROXIES, SITES, SHOWN))
    for address, host, proxy, site, shown in combinations:
        headers = {"host": host, **PROXIES[proxy], **site_headers(site, host), **SHOWN[shown][0]}
        identity = whoever(door, Peer(address, headers))
        case = (address, host, proxy, site, shown, identity)
        is_ours = policy == "named" if HOSTS[host] is None else HOSTS[host]
        if not (is_ours and SITES[site]):
            assert identity is None, case
            continue
        assert identity is not None, case
        what = SHOWN[shown][1]
        if what == "key":
            assert (identity.actor.kind, identity.rights) == ("key", rights_of(Scope.TRAINING)), case
            assert (identity.actor.id, identity.actor.name, identity.actor.address) == (
                3,
                "cluster",
                address,
            ), case
        elif what == "session":
            assert (identity.actor.kind, identity.actor.id, identity.actor.name) == ("session", 5, "alice"), (
                case
            )
            assert identity.rights == frozenset(Right)
        elif isinstance(what, Complaint):
            assert (identity.actor.kind, identity.complaint, identity.rights) == (
                "stranger",
                what,
                EVERYBODY,
            ), case
        elif policy == "this machine" and PEERS[address] and not proxy:
            assert identity is LOCAL, case
        else:
            assert (identity.actor.kind, identity.complaint, identity.rights) == (
                "stranger",
                None,
                EVERYBODY,
            ), case
    assert len(combinations) > 10_000


def test_who_comes_through_the_socket_file_may_do_everything():
    door = make_door(Policy(lets_anonymous_in=False))
    identity = door.identify(Peer(None, {"host": "anything"}, is_console=True))
    assert (identity.actor.kind, identity.rights) == ("console", frozenset(Right))


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "via", "x-real-ip", "origin"])
def test_a_proxy_that_found_the_socket_file_lets_nobody_in(header: str):
    peer = Peer(None, {"host": "localhost", header: "http://localhost"}, is_console=True)
    with pytest.raises(ForbiddenError, match="this socket is the command line's"):
        make_door().identify(peer)


@pytest.mark.parametrize(
    ("scope", "rights"),
    [
        (Scope.READ, {Right.READ}),
        (Scope.INGEST, {Right.INGEST}),
        (Scope.TRAINING, {Right.AGENT}),
        (Scope.OPERATE, set(Right) - {Right.AGENT, Right.ADMIN}),
        (Scope.ADMIN, set(Right)),
    ],
)
def test_a_key_and_a_user_of_a_scope_have_its_rights_and_no_others(scope: Scope, rights: set[Right]):
    (key, text), (session, cookie) = make_key(scope), make_session()
    door = make_door(None, key, session, make_user(scope=scope))
    for shown in ({"x-api-key": text}, {"cookie": f"{COOKIE}={cookie}"}):
        assert door.identify(Peer("127.0.0.1", {"host": "localhost", **shown})).rights == rights | {
            Right.ENTER
        }


def test_being_on_this_machine_gives_no_more_to_a_key():
    key, text = make_key(Scope.TRAINING)
    identity = make_door(None, key).identify(Peer("127.0.0.1", {"host": "localhost", "x-api-key": text}))
    assert not identity.rights & (ON_THIS_MACHINE - EVERYBODY)


@pytest.mark.parametrize("origin", ["https://localhost:62222", "http://LOCALHOST:62222"])
def test_the_same_site_over_https_is_the_same(origin: str):
    assert make_door().identify(Peer("127.0.0.1", {"host": "localhost:62222", "origin": origin})) is LOCAL


@pytest.mark.parametrize(
    "origin",
    ["", "localhost:62222", "ftp://localhost:62222", "http://[::1", "http://user@localhost:62222", "//x"],
)
def test_an_origin_that_no_browser_would_send_is_foreign(origin: str):
    with pytest.raises(ForbiddenError):
        make_door().identify(Peer("127.0.0.1", {"host": "localhost:62222", "origin": origin}))


def test_a_credential_that_ends_is_told_of_and_refused_from_then_on():
    key, text = make_key(Scope.READ)
    door = make_door(None, key)
    peer = Peer("127.0.0.1", {"host": "localhost", "x-api-key": text})
    assert door.identify(peer).is_known
    door.note([CredentialChanged(key)])
    assert not door.has_ended.is_set()
    door.note([CredentialChanged(replace(key, revoked_at=NOW))])
    assert door.has_ended.is_set()
    assert door.identify(peer).complaint is Complaint.KEY
