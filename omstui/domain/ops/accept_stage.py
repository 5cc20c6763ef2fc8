"""Reading an answer into the staging tables (разбор ответа): one pass, bounded memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omstui.domain import answercheck as check
from omstui.domain.operation import Context
from omstui.domain.refusals import describe
from omstui.domain.store import answer_staging as staging
from omstui.domain.store import db
from omstui.formats.answers import (
    REFUSED_PAY,
    AnswerAccount,
    AnswerReader,
    Fact,
    Reason,
    canonical_xkey,
    reasons_of,
)
from omstui.formats.containers import open_bill
from omstui.formats.xmlsafe import Readable
from omstui.settings import Settings

_BATCH = 5000
_CHUNK = 1 << 18
_KEPT = 200  # tests and places kept with an answer


class _Hashing:
    """A stream that takes the SHA-256 of what is read from it."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.digest.update(data)
        return data


@dataclass(slots=True)
class _Batch:
    accounts: list[staging.AccountRow] = field(default_factory=list)
    reasons: list[staging.ReasonRow] = field(default_factory=list)
    facts: list[staging.FactRow] = field(default_factory=list)

    def flush(self) -> None:
        staging.add(self.accounts, self.reasons, self.facts)
        self.accounts.clear()
        self.reasons.clear()
        self.facts.clear()


def read_answer(ctx: Context, path: Path, target: check.Target, settings: Settings) -> dict[str, Any]:
    """Check the header, stage all accounts and facts, match their keys; returns what is kept of it."""
    with open_bill(path, path.name) as opened:
        stream = _Hashing(opened)
        reader = AnswerReader(stream, path.name)
        check.check_header(path.name, reader, target, settings)
        ignored = _stage(ctx, reader, target.stage)
        while stream.read(_CHUNK):  # what stands after the document belongs to its hash
            pass
    check.check_decisive(path.name, reader)
    staging.match(target.package.id, canonical_xkey)
    header = reader.header
    return {
        "body": header.body,
        "bill": header.bill,
        "flk": header.flk,
        "registers": header.registers[:_KEPT],
        "tests": header.tests[:_KEPT],
        "amount": header.amount,
        "content": stream.digest.hexdigest(),
        "remarks": reader.remarks if target.stage == 2 else 0,
        "without_key": reader.without_key[:_KEPT],
        "facts_ignored": ignored,
    }


def _stage(ctx: Context, reader: AnswerReader, stage: int) -> int:
    """Stage the records; returns how many facts were left out (stage 2 has none)."""
    batch = _Batch()
    persons: dict[str, tuple[str, str, str, int, str]] = {}
    ignored = 0
    for number, record in enumerate(reader.records(), 1):
        if isinstance(record, AnswerAccount):
            _account(batch, number, record, stage)
            if record.person is not None and record.patientcod:
                row = _reason(number, record.person)
                persons[record.patientcod] = row[2:]
        elif stage == 1:
            batch.facts.append(_fact(record))
        else:
            ignored += 1
        if number % _BATCH == 0:
            batch.flush()
            ctx.progress(f"Разбор {reader.name}", number)
    batch.flush()
    staging.refuse_persons(persons)
    return ignored


def _account(batch: _Batch, number: int, account: AnswerAccount, stage: int) -> None:
    refused = 0
    if account.reasons or account.pay == REFUSED_PAY or account.person is not None:
        reasons = reasons_of(account, stage)
        if account.person is not None:
            reasons.insert(0, account.person)
        batch.reasons.extend(_reason(number, r) for r in reasons)
        refused = 1 if reasons else 0
    key = account.xkey
    usual = canonical_xkey(key)
    batch.accounts.append(
        (number, key, None if usual == key else usual, account.pay, account.patientcod, refused)
    )


def _reason(number: int, reason: Reason) -> staging.ReasonRow:
    text, known = describe(reason.kind, reason.code)
    data = db.dump(reason.data) if reason.data else "{}"
    return (number, str(reason.kind), reason.code, text, reason.comment, int(known), data)


def _fact(fact: Fact) -> staging.FactRow:
    usual = canonical_xkey(fact.account)
    data: dict[str, Any] = {"defect_code": fact.defect_code, "pat": fact.patientcod}
    if fact.details:
        data["dt"] = fact.details
    details = ", ".join(
        f"{d.get('t', '')}={d['d']}" if d.get("d") else str(d.get("t", "")) for d in fact.details
    )
    return (
        fact.account,
        None if usual == fact.account else usual,
        fact.test,
        fact.text,
        details,
        fact.service,
        db.dump(data),
    )
