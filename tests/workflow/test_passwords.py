"""How good a password must be, and how answers are compared."""

import subprocess
import sys

import pytest

from workflow.passwords import (
    as_mailed,
    hashed,
    is_guessable,
    needs_new_hash,
    new_password,
    normalised_answer,
    password_fits,
)

KNOWN = ["zoe.le-goff@example.org", "Zoé", "Le Goff"]


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password123!",
        "motdepasse123",
        "MotDePasse2026!",
        "azertyuiop12",
        "Azerty123456!",
        "123456789012",
        "abcdefghijkl",
        "aaaaaaaaaaaaaaaaaaaa",
        "P@$$w0rd!1234",
        "Bonjour12345678",
        "ZoeLeGoff1990",
        "zoe.le-goff@example.org",
        "le-goff-zoé-1",
    ],
)
def test_what_others_would_try_is_refused(password: str) -> None:
    assert is_guessable(password, KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "seven quiet herons",
        "quatre mots sans lien",
        "Tr0ub4dor&3xyz",
        "kX9#vQ2!mL5@",
        "日本語のパスワード十二文字",
    ],
)
def test_what_others_would_not_is_taken(password: str) -> None:
    assert not is_guessable(password, KNOWN)


def test_mailed_passwords_are_not_guessable_nor_mistyped() -> None:
    made = [new_password() for _ in range(200)]
    assert not is_guessable(made[0], KNOWN)
    counted = {as_mailed(each) for each in made}
    assert (len(counted), {len(each) for each in counted}) == (200, {16})
    assert set("".join(counted)) == set("abcdefghjkmnpqrstuvwxyz23456789")


@pytest.mark.parametrize(
    "copied", ["AB2C-D3EF", " ab2c d3ef\n", "ab2c\u2013d3ef", "\uff21b2cD3ef\u200b", "ab2cd3ef."]
)
def test_a_mailed_password_counts_however_it_was_copied(copied: str) -> None:
    assert as_mailed(copied) == "ab2cd3ef"


@pytest.mark.parametrize("tail", ["4@8({[<3691!|0$5+7%2" * 12, "p4ssw0rd@{[<(8$5!|1" * 11, "a" * 200])
def test_only_the_beginning_is_weighed(tail: str) -> None:
    """Some passwords, made for it, would keep zxcvbn busy for seconds; a good beginning is good enough."""
    assert not is_guessable("seven quiet herons by the river " + tail, KNOWN)
    assert is_guessable("password" * 4 + tail, KNOWN)


def test_mailed_passwords_can_be_typed_and_are_never_the_same() -> None:
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    assert {len(each) for each in made} == {19}
    assert not set("".join(made)) - set("abcdefghjkmnpqrstuvwxyz23456789-")


async def test_a_password_fits_its_hash_however_it_was_typed() -> None:
    stored = await hashed("caf\u00e9 cr\u00e8me et tartines")
    typed = ["cafe\u0301 cre\u0300me et tartines", "cafe creme et tartines"]
    assert [await password_fits(each, stored) for each in typed] == [True, False]
    assert not needs_new_hash(stored)
    assert not await password_fits("anything", None)
    assert not await password_fits("anything", "no hash")


def test_the_portal_hashes_as_rfc_9106_has_it() -> None:
    """In a process of its own, for these tests hash quicker."""
    program = "from workflow.passwords import hash_password; print(hash_password('three brown otters'))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_answers_are_compared_without_what_nobody_remembers() -> None:
    answers = ["Jean-Éric  Dupont", " jean-eric dupont ", "JEAN-E\u0301RIC\tDUPONT"]
    assert {normalised_answer(each) for each in answers} == {"jean-eric dupont"}


def test_only_the_beginning_of_an_answer_counts() -> None:
    """Marks without end would keep the normaliser busy for minutes."""
    assert normalised_answer("e" * 256 + "\u0301\u0316" * 100_000) == "e" * 256
