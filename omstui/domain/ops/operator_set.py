"""Give an operator a role (роль оператора): only a senior one may."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.errors import OmsError
from omstui.domain.model import Role
from omstui.domain.operation import Context, Result
from omstui.domain.store import config, db


@dataclass(frozen=True, slots=True)
class Params:
    login: str
    role: str


def run(ctx: Context, params: Params) -> Result:
    """Set the role; the last senior operator cannot be demoted."""
    role = Role(params.role)
    with db.write():
        seniors = {o.login for o in config.operators() if o.role == Role.SENIOR}
        if seniors == {params.login} and role != Role.SENIOR:
            raise OmsError(
                f"{params.login} — единственный старший оператор.",
                hint="Сначала назначьте старшим другого.",
            )
        config.save_operator(params.login, role, at=ctx.now())
    return Result(f"{params.login}: {role.value}")
