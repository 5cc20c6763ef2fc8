"""What a refusal must be: one clear Russian sentence that names the file, and never a word of a library."""

from __future__ import annotations

import io
import re
import time
from contextlib import redirect_stderr, redirect_stdout

from omstui.cli.main import run
from tests.e2e.kit import Said, Shell, plain_russian

_RUSSIAN = re.compile(r"[А-Яа-яё]{3,}.*[а-яё]{3,}")
#: English words that are names of the exchange and may stand in a sentence
_KNOWN = re.compile(
    r"\S*/\S+|omstui( [^)]*)?|--\w+|\b(bill|xml|XML|ZIP|7z|RAR|GZIP|DTD|UTF|utf|windows|cp\d+|body"
    r"|package|patient\w*|xkey"
    r"|smo|mo|CODE_MO|ZL_LIST|PERS_LIST|ZGLV"
    r"|csv|CSV|toml|TOML|DBF|dbf|FILENAME|H|C|T|D|L|X|A|B|I|F\d+|html|readme"
    r"|txt|b|a|etc|zip|name|surname|personal_account|register_accounts|BILL\d*|ФЛК|encoding|latin|koi8|ENTITY"
    r"|DOCTYPE|SYSTEM|tests|Z_SL|ZAP|SL|USL|NHISTORY|DATE_Z_1|USL_OK|N_ZAP|PACIENT|ID_PAC)\b"
)


def refuses(shell: Shell, *argv: object, codes: tuple[int, ...] = (1, 2)) -> Said:
    """Run; the exit code is of a refusal, stdout empty, the words Russian, and quick."""
    out, err = io.StringIO(), io.StringIO()
    started = time.monotonic()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(["--db", str(shell.db), *map(str, argv)])
    said = Said(code, out.getvalue(), err.getvalue())
    assert code in codes, f"код {code}: {said.text[-2000:]}"
    assert time.monotonic() - started < 20, "слишком долго"
    if code:
        assert not said.out
        in_russian(said.err)
    return said


def in_russian(text: str) -> None:
    plain_russian(text)
    assert _RUSSIAN.search(text), text[-500:]
    for line in text.splitlines():
        rest = re.sub(r"«[^»]*»|'[^']*'|\S+\.(7z|xml|zip|csv|toml|bin)\S*", "", _KNOWN.sub("", line))
        english = re.findall(r"[A-Za-z]{4,}(?: [a-z]{2,})+", rest)
        assert not english, f"английские слова {english}: {line}"
    assert len(max(text.splitlines(), key=len)) < 600, "слишком длинная строка"
