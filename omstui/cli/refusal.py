"""How a refusal is printed (отказ команды)."""

from __future__ import annotations

import sys

from omstui.domain.errors import NeedsConfirmation, OmsError


def say(error: OmsError) -> None:
    """A refusal on stderr: the sentence, the details, the next step."""
    print(error.msg, file=sys.stderr)
    for line in error.details:
        print(f"  {line}", file=sys.stderr)
    if error.hint:
        print(error.hint, file=sys.stderr)
    if isinstance(error, NeedsConfirmation):
        print("Если согласны, повторите с --yes.", file=sys.stderr)
