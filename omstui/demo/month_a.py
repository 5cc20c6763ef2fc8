"""The training months of manual A (учебные месяцы): a test registry, then answers of both stages, files 7."""

from __future__ import annotations

from pathlib import Path

from omstui.bootstrap import Services
from omstui.demo import steps
from omstui.demo.steps import FIRST, SECOND, Say
from omstui.settings import Settings


def months(services: Services, settings: Settings, folder: Path, say: Say) -> bool:
    """The months of manual A: a test registry, then two main ones."""
    sent, answers = folder / "отправлено", folder / "ответы"
    sent.mkdir(exist_ok=True)
    answers.mkdir(exist_ok=True)
    steps.head(say, f"Тестовый реестр, {FIRST}")
    steps.do(services, say, "form", period=FIRST, test=True)
    steps.do(services, say, "export", period=FIRST, out=str(sent / "тест"), test=True)
    _answer(settings, sent / "тест", answers / "тест", seed=1)
    steps.do(services, say, "accept", paths=[str(answers / "тест")])
    steps.do(services, say, "restore-tests", period=FIRST)
    balanced = True
    for number, period in enumerate((FIRST, SECOND), 1):
        steps.head(say, f"Основной реестр, {period}")
        balanced &= _main_month(services, settings, period, sent, answers, say, seed=10 * number)
    return balanced


def _main_month(
    services: Services, settings: Settings, period: str, sent: Path, answers: Path, say: Say, seed: int
) -> bool:
    out, back = sent / period, answers / period
    steps.do(services, say, "form", period=period)
    steps.do(services, say, "check", period=period)
    steps.do(services, say, "mes", period=period)
    steps.do(services, say, "sequester", period=period)
    steps.do(services, say, "export", period=period, out=str(out))
    steps.do(services, say, "sent", period=period)
    _answer(settings, out, back / "1", seed=seed)
    steps.do(services, say, "accept", paths=[str(back / "1")])
    steps.do(services, say, "reform", period=period, all=True, out=str(out / "7"))
    steps.do(services, say, "withhold", period=period, smo=settings.insurers[0].code, sum="100.00")
    _answer(settings, out / "7", back / "2", seed=seed + 1)
    steps.do(services, say, "invoices", period=period, out=str(out))
    steps.do(services, say, "accept", paths=[str(back / "2")])
    steps.do(services, say, "return", period=period, all=True, unchanged=True)
    return steps.show_status(services, period, say)


def _answer(settings: Settings, folder: Path, out: Path, *, seed: int) -> None:
    from omstui.stand.answers import answer

    answer(sorted(folder.glob("*.7z")), out, settings, seed=seed, refuse=0.05)
