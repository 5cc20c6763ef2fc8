"""Payers from a table (плательщики): they live in the settings, a file only adds and changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from omstui.domain.caserules import make_env
from omstui.domain.errors import OmsError
from omstui.domain.model import Role
from omstui.domain.setup import check
from omstui.domain.store import cases, config
from omstui.settings import InsurerSettings, Settings


def merged(rows: Iterable[Mapping[str, Any]], who: str) -> Settings:
    """The present settings with these payers added or changed by their codes; refuses what cannot be.

    Raises UsageError for a letter that stands twice, OmsError for an operator who may not change settings.
    """
    settings = config.load_settings()
    role = config.operator(who, settings.rules.new_operator_role).role
    if role is not Role.SENIOR:
        raise OmsError(
            f"Плательщиков меняет старший оператор (ваша роль — {role.value}).",
            hint="Попросите старшего оператора загрузить этот файл.",
        )
    payers = {payer.code: payer for payer in settings.insurers}
    for row in rows:
        payers[row["code"]] = InsurerSettings(
            row["code"], row["letter"].upper(), row["ogrn"], row["name"], bool(row["out_of_region"]),
            row["begin_date"], row["end_date"],
        )  # fmt: skip
    found = replace(settings, insurers=tuple(payers.values()))
    check(found)
    return found


def save(rows: Iterable[Mapping[str, Any]], who: str, at: str) -> int:
    """Store the payers; returns how many cases got another payer. Inside ``db.write()``."""
    config.save_settings(merged(rows, who), who=who, at=at)
    return cases.derive_payers(make_env().payer, at)
