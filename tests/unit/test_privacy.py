"""Sealed fields, keyed hashes, the master key."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import Person
from shared.privacy.master import MasterKeyError, key_from_seed, make_key, read_key
from shared.privacy.sealed import ContactKey, SealBrokenError, Sealed, seal, unseal

WHO = ContactKey(uuid4(), bytes(range(32)))
HASHER = key_from_seed(1).hasher(UUID(int=1))


@given(st.text())
def test_what_is_sealed_opens_again(words: str) -> None:
    assert unseal(seal(words, str, WHO), str, WHO) == words


def test_a_sealed_person_shows_nothing_of_the_name() -> None:
    sealed = seal(Person(full_name="Rūta Kazlauskienė"), Person, WHO)
    assert "Rūta" not in sealed.text
    assert "Rūta" not in repr(sealed)
    assert unseal(sealed, Person, WHO).full_name == "Rūta Kazlauskienė"


def test_the_same_words_are_never_sealed_to_the_same_text() -> None:
    assert seal("stop", str, WHO) != seal("stop", str, WHO)


def test_a_field_of_another_contact_does_not_open() -> None:
    other = ContactKey(uuid4(), WHO.secret)
    with pytest.raises(SealBrokenError):
        unseal(seal("stop", str, other), str, WHO)


def test_an_altered_field_does_not_open() -> None:
    text = seal("stop", str, WHO).text
    altered = text[:-6] + ("A" if text[-6] != "A" else "B") + text[-5:]
    with pytest.raises(SealBrokenError):
        unseal(Sealed(altered), str, WHO)


def test_keys_never_show_themselves() -> None:
    assert "1f" not in repr(ContactKey(UUID(int=0), b"\x1f" * 32))
    assert "1f" not in repr(key_from_seed(1)).replace("(…)", "")


def test_spellings_that_reach_one_mailbox_have_one_alias_hash() -> None:
    assert HASHER.alias("R.uta+shop@Gmail.com") == HASHER.alias("ruta@googlemail.com")
    assert HASHER.alias("r.uta@web.example") != HASHER.alias("ruta@web.example")
    assert HASHER.alias("ruta+x@web.example") == HASHER.alias("ruta@web.example")


def test_two_workspaces_have_nothing_in_common() -> None:
    other = key_from_seed(1).hasher(UUID(int=2))
    assert HASHER.phone("+37061200001") != other.phone("+37061200001")


def test_a_contact_has_the_same_id_each_time_and_another_one_per_repeat() -> None:
    first = HASHER.contact_id("csv", "id", "10441")
    assert first == HASHER.contact_id("csv", "id", "10441")
    assert first != HASHER.contact_id("csv", "id", "10441", ordinal=1)
    assert first != HASHER.contact_id("csv", "mailbox", "10441")


def test_no_name_has_no_name_hash() -> None:
    assert HASHER.name("  ") == ""
    assert HASHER.name(" Rūta  K ") == HASHER.name("RŪTA K")


def test_a_master_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "master.key"
    made = make_key(file)
    assert make_key(file) == made == read_key(file)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "mode", "word"),
    [(None, 0o600, "no master key"), ("xyz", 0o600, "hexadecimal"), ("ab" * 32, 0o644, "chmod"),
     ("ab" * 8, 0o600, "8 bytes")],
)  # fmt: skip
def test_an_unusable_master_key_is_a_sentence(
    tmp_path: Path, content: str | None, mode: int, word: str
) -> None:
    file = tmp_path / "master.key"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)
    with pytest.raises(MasterKeyError, match=word):
        read_key(file)
