"""The question before answers are accepted (замена принятого ответа): asked once, before the first write."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from omstui.domain import answercheck as check
from omstui.domain.errors import OmsError
from omstui.domain.operation import Context
from omstui.domain.store import answers, config, files
from omstui.formats import filenames
from omstui.formats.containers import open_bill
from omstui.settings import Settings

_CHUNK = 1 << 20


def ask_replacements(ctx: Context, found: Sequence[Path], *, dry_run: bool = False) -> None:
    """One question for all files that would replace an accepted answer; a preview only says it."""
    settings = config.load_settings()
    lines: list[str] = []
    planned: dict[tuple[int, int, int], str] = {}
    for path in found:
        try:
            line = _replacement(path, settings, planned)
        except (OmsError, OSError):
            continue  # it will be refused with its reason
        if line:
            lines.append(line)
    if lines and dry_run:
        for line in lines:
            ctx.warn(f"Спросит, заменить ли принятый ответ: {line}")
    elif lines:
        ctx.confirm(
            "Заменить принятый ответ? Прежние отказы этой СМО этой стадии будут заменены, остальное не"
            " изменится.",
            details=lines,
        )


def _replacement(path: Path, settings: Settings, planned: dict[tuple[int, int, int], str]) -> str:
    sha = files.sha256_of(path)
    if answers.answer_by_sha(sha) or answers.package_by_sha(sha):
        return ""
    name = filenames.parse(path.name)
    check.check_name(path.name, name, settings)
    target = check.find_target(path.name, name, check.payer_of(path.name, name, settings))
    check.check_seven(path.name, target)
    key = (target.package.id, target.stage, target.payer.id)
    old = answers.active_answer(*key)
    before = planned.get(key, "")
    planned[key] = path.name
    if old is None:
        return f"{path.name} вместо {before} (оба в этом приёме)" if before else ""
    check.check_replacement(path.name, old, target)
    if old.header.get("content") == _content(path):
        return ""
    return f"{path.name} вместо {old.name}, принятого {old.accepted_at} ({old.accepted_by})"


def _content(path: Path) -> str:
    """SHA-256 of bill.xml itself: the same answer packed anew is the same answer."""
    digest = hashlib.sha256()
    with open_bill(path, path.name) as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()
