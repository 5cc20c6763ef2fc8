"""Regional profile (профиль региона): which steps, operations and formats a region has.

Code asks a profile for a capability, never for its name.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from omstui.domain.errors import UsageError
from omstui.resources import data_dir


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the month on «Рабочий стол» (manual A): by_smo = one cell per insurer."""

    id: str
    title: str
    screen: str
    by_smo: bool
    optional: bool
    deadline: str  # key of settings.deadlines or ""


@dataclass(frozen=True, slots=True)
class Profile:
    id: str
    title: str
    region: str  # code of the territory, two digits
    operations: frozenset[str]
    kinds: tuple[str, ...]
    steps: tuple[Step, ...]
    #: one registry holds every kind of the region (manual B), otherwise one registry per kind (manual A)
    one_registry: bool = False

    def can(self, operation: str) -> bool:
        """True if this region has the operation at all."""
        return operation in self.operations


def known_profiles() -> list[str]:
    return sorted(p.stem for p in (data_dir() / "profiles").glob("*.toml"))


@cache
def profile(name: str) -> Profile:
    """Load a profile of data/profiles; UsageError names the known ones or the wrong key."""
    path = data_dir() / "profiles" / f"{name}.toml"
    if not path.is_file():
        raise UsageError(f"Профиля «{name}» нет. Есть: {', '.join(known_profiles())}.")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return Profile(
            name,
            data["title"],
            data["region"],
            frozenset(data["operations"]),
            tuple(data["kinds"]),
            tuple(
                Step(
                    s["id"],
                    s["title"],
                    s["screen"],
                    bool(s.get("by_smo", False)),
                    bool(s.get("optional", False)),
                    s.get("deadline", ""),
                )
                for s in data["steps"]
            ),
            bool(data.get("one_registry", False)),
        )
    except KeyError as error:
        raise UsageError(f"{path}: нет ключа {error}.") from error
