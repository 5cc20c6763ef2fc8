"""«Добавить услуги стомат. рентгена» (dental x-ray) of manual B: they join the dental case of that time."""

from __future__ import annotations

from omstui.domain import merging_cases
from omstui.domain.merging_cases import Params, plan_xray
from omstui.domain.operation import Context, Result

__all__ = ["Params", "run"]


def run(ctx: Context, params: Params) -> Result:
    """Preview, ask, join."""
    return merging_cases.perform(ctx, params, "dental-xray", plan_xray)
