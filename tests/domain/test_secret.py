"""Keys can be read back, tell what they are, and notice every typing error."""

import hashlib
import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trainwatch.domain.credential import Scope
from trainwatch.domain.secret import (
    PREFIX_LENGTH,
    SECRET_BYTES,
    KeyName,
    digest_of,
    prefix_of,
    read_key,
    write_key,
    write_secret,
)

RANDOM = st.binary(min_size=PREFIX_LENGTH + SECRET_BYTES, max_size=PREFIX_LENGTH + SECRET_BYTES)
SCOPES = st.sampled_from(Scope)
DOCUMENTED = re.compile(
    r"tw_(read|ingest|training|operate|admin)_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}[0-9A-Za-z]{6}"
)
TYPED = string.ascii_letters + string.digits + "_- "


@given(SCOPES, RANDOM)
@example(Scope.READ, bytes(PREFIX_LENGTH + SECRET_BYTES))
@example(Scope.ADMIN, b"\xff" * (PREFIX_LENGTH + SECRET_BYTES))
def test_a_key_reads_back_and_has_the_form_that_is_documented(scope: Scope, random: bytes):
    text = write_key(scope, random)
    name = read_key(text)
    assert DOCUMENTED.fullmatch(text)
    assert name == KeyName(scope, text.split("_")[2])
    assert prefix_of(text) == text.split("_")[2]


@given(SCOPES, RANDOM, st.data())
def test_any_one_character_that_is_changed_added_or_left_out_is_noticed(
    scope: Scope, random: bytes, data: st.DataObject
):
    text = write_key(scope, random)
    place = data.draw(st.integers(0, len(text) - 1))
    typed = data.draw(st.sampled_from(TYPED))
    before, after = text[:place], text[place + 1 :]
    for wrong in {before + typed + after, before + after, before + typed + text[place:]} - {text}:
        assert read_key(wrong) is None


@given(SCOPES, SCOPES, RANDOM)
def test_no_key_becomes_one_of_another_scope(scope: Scope, other: Scope, random: bytes):
    text = write_key(scope, random)
    renamed = text.replace(f"tw_{scope}_", f"tw_{other}_", 1)
    assert (read_key(renamed) is None) is (scope is not other)


@given(st.text(max_size=80))
@example("")
@example("tw_admin_")
@example("tw_read_aaaaaaaa_" + "a" * 49)
@example("tw_owner_aaaaaaaa_" + "a" * 49)
def test_what_is_no_key_is_no_key(text: str):
    assert read_key(text) is None


@pytest.mark.parametrize("around", ["{}\n", "\n{}", " {}", "{} ", "{}\0", "TW{}", "{}{}"])
def test_a_key_stands_alone(around: str):
    text = write_key(Scope.READ, bytes(range(PREFIX_LENGTH + SECRET_BYTES)))
    assert read_key(around.format(text, text)) is None


@given(st.lists(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES), unique=True, max_size=20))
@example([bytes(SECRET_BYTES), b"\xff" * SECRET_BYTES, bytes(SECRET_BYTES - 1) + b"\1"])
def test_different_bits_are_different_secrets_of_the_same_length(bits: list[bytes]):
    secrets = {write_secret(random) for random in bits}
    assert len(secrets) == len(bits)
    assert all(re.fullmatch("[0-9A-Za-z]{43}", secret) for secret in secrets)


@given(st.text())
def test_what_is_kept_of_any_text_is_its_sha_256(text: str):
    assert digest_of(text) == hashlib.sha256(text.encode()).hexdigest()
