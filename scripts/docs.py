"""Generated parts of the documents: the keys table of the README, docs/commands.md, docs/criteria.md.

``python -m scripts.docs`` rewrites them; tests/docs fails when they are stale.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from omstui.cli.parser import build
from omstui.keys import ACTIONS
from scripts import docs_criteria

ROOT = Path(__file__).resolve().parent.parent
_KEYS = re.compile(r"(<!-- keys:.*?-->\n).*?(<!-- /keys -->)", re.S)


def keys_table() -> str:
    """The F-keys and the common keys as a table."""
    rows = ["| key | second way | what it does |", "|---|---|---|"]
    for action in ACTIONS:
        second = f"Esc {action.slot % 10}" if action.slot else ""
        rows.append(f"| {action.shown_key} | {second} | {action.title} — {action.help} |")
    return "\n".join(rows) + "\n"


def readme(text: str) -> str:
    """The README with its table of keys made anew."""
    return _KEYS.sub(lambda m: m[1] + keys_table() + m[2], text)


def commands() -> str:
    """Every command with its options, from the parser itself."""
    lines = [
        "# Команды без экрана",
        "",
        "Всё, что делают экраны, делают и команды: те же правила, те же сообщения. stdout — данные,",
        "stderr — лента. Коды выхода: 0 сделано, 1 отказано и ничего не изменено, 2 неверный вызов или",
        "настройки, 3 прервано, 4 сделано, но часть входных файлов отвергнута, 70 внутренняя ошибка.",
        "На вопрос, который задал бы экран, отвечает `--yes`; без него команда печатает вопрос и выходит",
        "с кодом 1. База: `--db ФАЙЛ`, `OMSTUI_DB` или файл настроек (см. [установку](setup.md)).",
        "",
    ]
    for name, parser in sorted(_choices(build()).items()):
        if name.startswith("_"):
            continue
        inner = _choices(parser)
        for title, command in [(f"{name} {k}", v) for k, v in inner.items()] or [(name, parser)]:
            lines += [f"## omstui {title}", "", f"{command.description or parser.description or ''}", ""]
            lines += [f"- `{_call(a)}` — {a.help}" for a in command._actions if a.dest not in ("help", "db")]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _call(action: argparse.Action) -> str:
    value = (
        ""
        if action.nargs == 0
        else f" {action.metavar or (action.choices and '|'.join(map(str, action.choices))) or 'N'}"
    )
    return f"{action.option_strings[-1]}{value}" if action.option_strings else str(action.metavar)


def main() -> None:
    path = ROOT / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8")), encoding="utf-8")
    (ROOT / "docs" / "commands.md").write_text(commands(), encoding="utf-8")
    (ROOT / "docs" / "criteria.md").write_text(docs_criteria.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
