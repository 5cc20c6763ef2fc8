"""«Объединить стомат. посещения в обращение» of manual B (product.md §5): visits become one case."""

from __future__ import annotations

from functools import partial

from omstui.domain import merging_cases
from omstui.domain.merging_cases import Params, plan_visits
from omstui.domain.operation import Context, Result

__all__ = ["Params", "run"]


def run(ctx: Context, params: Params) -> Result:
    """Preview, ask, merge."""
    return merging_cases.perform(ctx, params, "merge-dental", partial(plan_visits, kind="dental"))
