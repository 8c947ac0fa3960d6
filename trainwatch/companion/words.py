"""A command line as others may read it."""

import re
import shlex
from collections.abc import Sequence

LONGEST_NAME = 80
LONGEST_MESSAGE = 2_000
HIDDEN = "•••"

_TELLTALE = (
    r"--?(?:[\w.-]*[._-])?(?:(?:api|auth|access|secret|private|session)?(?:key|token|secret)|passw(?:or)?d|passphrase"
    r"|pwd|credential|auth|authorization|bearer|cookie)s?"
)
_OPTION = re.compile(_TELLTALE, re.IGNORECASE)
_ASSIGNMENT = re.compile(
    rf"({_TELLTALE.replace('--?', '[-+]{0,2}', 1)}[=:]\s*)(.+)", re.IGNORECASE | re.DOTALL
)
_NUMBER = re.compile(r"[-+]?[0-9.]{1,12}(?:e[-+]?[0-9]+)?", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(\w+://)[^/@\s]+@")
_LOOKS_SECRET = re.compile(
    r"(?<![\w/.-])(?:(?:tw|hf|sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|wandb_v\d|AIza|AKIA|ASIA|npm|pypi)[_-]?[\w-]{16,}"
    r"|eyJ[\w-]{10,}\.[\w-]+\.[\w-]+|[0-9a-fA-F]{32,}|(?=[\w+/-]*[0-9])(?=[\w+/-]*[A-Z])(?=[\w+-]*[a-z])[\w+-]{36,}={0,2})(?![\w/.-])"
)


def shown(argv: Sequence[str]) -> str:
    """Return the command line as a shell would take it, with what looks like a secret hidden.

    Hidden is the value of an option or variable whose name says so (`--api-key`, `HF_TOKEN=`), a name and a
    password in an address, and what is written like the keys of known services or is long and random. That
    a word after `-p` is a password nobody can see: what must stay secret belongs in no command line. A number
    is shown (`--max-tokens 2048`).
    """
    words: list[str] = []
    is_secret = False
    for word in argv:
        is_value = is_secret and not word.startswith("-") and not _NUMBER.fullmatch(word)
        words.append(HIDDEN if is_value else _hidden(word))
        is_secret = _OPTION.fullmatch(word) is not None
    text = " ".join(word if HIDDEN in word else shlex.quote(word) for word in words)
    return _short(text, LONGEST_MESSAGE)


def name_of(argv: Sequence[str]) -> str:
    """Return what a task is called by: the command's words, without the folders before its program."""
    program = argv[0].rstrip("/").rpartition("/")[2] or argv[0]
    return _short(shown([program, *argv[1:]]), LONGEST_NAME)


def _hidden(word: str) -> str:
    assignment = _ASSIGNMENT.fullmatch(word)
    if assignment and not _NUMBER.fullmatch(assignment[2]):
        return assignment[1] + HIDDEN
    word = _IN_ADDRESS.sub(rf"\1{HIDDEN}@", word)
    return _LOOKS_SECRET.sub(HIDDEN, word)


def _short(text: str, longest: int) -> str:
    text = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def counted(number: int, noun: str) -> str:
    """Return how many there are of something."""
    return f"{number:,} {noun}{'s' if number != 1 else ''}"
