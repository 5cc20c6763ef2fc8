"""Invoices, payments and the end of the month from the command line (счета, платежи, закрытие месяца)."""

from __future__ import annotations

import argparse
from argparse import Namespace
from typing import Any

from omstui.domain.errors import UsageError
from omstui.domain.model import Period
from omstui.domain.money import roubles, spaced


def invoices_arguments(p: argparse.ArgumentParser) -> None:
    """Options of ``invoices`` beside the month."""
    p.add_argument("--smo", nargs="+", default=[], metavar="КОД", help="код СМО")
    p.add_argument("--out", required=True, metavar="ПАПКА", help="куда записать")
    p.add_argument("--format", choices=["pdf", "xlsx", "txt"], default="pdf", help="вид файла")
    p.add_argument("--date", default="", metavar="ДАТА", help="дата новых счетов, если не сегодня")
    p.add_argument("--number", default="", metavar="НОМЕР", help="номер нового счёта (с --smo)")


def cancel_arguments(p: argparse.ArgumentParser) -> None:
    """Options of ``invoice-cancel``."""
    p.add_argument("--number", required=True, metavar="НОМЕР", help="номер счёта")
    p.add_argument("--year", type=int, default=0, metavar="ГОД", help="год счёта, если номер не один")
    p.add_argument("--reason", required=True, metavar="ТЕКСТ", help="почему отменён")


def payment_arguments(p: Any, parser_class: type[argparse.ArgumentParser]) -> None:
    """``payment add | list | spread | delete``."""
    sub = p.add_subparsers(
        dest="action", required=True, metavar="add|list|spread|delete", parser_class=parser_class
    )
    q = _add(sub, "add", "внести платёжное поручение и разнести по счетам")
    q.add_argument("--smo", required=True, metavar="КОД", help="код СМО")
    q.add_argument("--number", required=True, metavar="НОМЕР", help="номер поручения")
    q.add_argument("--date", default="", metavar="ДАТА", help="дата поручения, если не сегодня")
    q.add_argument("--sum", required=True, metavar="1234.56", help="сумма")
    q.add_argument("--note", default="", metavar="ТЕКСТ", help="примечание")
    _to(q)
    q = _add(sub, "list", "платежи, счета и долги", yes=False)
    q.add_argument("--period", default="", metavar="ГГГГ-ММ", help="только счета этого месяца")
    q = _add(sub, "spread", "разнести платёж по счетам заново")
    q.add_argument("payment", type=int, metavar="ЗАПИСЬ", help="номер записи из payment list")
    _to(q)
    q = _add(sub, "delete", "удалить платёж")
    q.add_argument("payment", type=int, metavar="ЗАПИСЬ", help="номер записи из payment list")


def month_arguments(p: Any, parser_class: type[argparse.ArgumentParser]) -> None:
    """``month close | reopen``."""
    sub = p.add_subparsers(dest="action", required=True, metavar="close|reopen", parser_class=parser_class)
    for name, help_text in (("close", "закрыть месяц"), ("reopen", "открыть закрытый месяц")):
        q = _add(sub, name, help_text)
        q.add_argument("--period", required=True, metavar="ГГГГ-ММ", help="отчётный месяц")
        if name == "reopen":
            q.add_argument("--reason", required=True, metavar="ТЕКСТ", help="зачем открыт")


def _add(sub: Any, name: str, help_text: str, *, yes: bool = True) -> Any:
    q = sub.add_parser(name, help=help_text)
    q.add_argument("--db", default=argparse.SUPPRESS, metavar="ФАЙЛ", help="файл базы данных")
    if yes:
        q.add_argument("--yes", action="store_true", help="не спрашивать, выполнить")
    q.add_argument("--json", action="store_true", help="данные в виде JSON")
    return q


def _to(q: Any) -> None:
    q.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="СЧЁТ=СУММА",
        help="сколько на какой счёт; без этого — с самого старого",
    )


def invoices(args: Namespace) -> int:
    """``invoices``: issue what is not issued, print what is."""
    from omstui.cli import running

    return running.operate(
        args, "invoices", period=running.period(args), smo=args.smo, out=running.out(args),
        format=args.format, date=args.date, number=args.number, registry=args.registry,
    )  # fmt: skip


def invoice_cancel(args: Namespace) -> int:
    """``invoice-cancel``: the invoice stays as history."""
    from omstui.cli import running

    return running.operate(args, "invoice-cancel", number=args.number, year=args.year, reason=args.reason)


def payment(args: Namespace) -> int:
    """``payment add | list | spread | delete``."""
    from omstui.cli import running

    if args.action == "add":
        return running.operate(
            args, "payment-add", smo=args.smo, number=args.number, date=args.date, sum=args.sum,
            note=args.note, parts=_parts(args.to),
        )  # fmt: skip
    if args.action == "spread":
        return running.operate(args, "payment-spread", payment_id=args.payment, parts=_parts(args.to))
    if args.action == "delete":
        return running.operate(args, "payment-delete", payment_id=args.payment)
    return _list(args)


def month(args: Namespace) -> int:
    """``month close | reopen``."""
    from omstui.cli import running

    if args.action == "close":
        return running.operate(args, "month-close", period=running.period(args))
    return running.operate(args, "month-reopen", period=running.period(args), reason=args.reason)


def _parts(pairs: list[str]) -> dict[str, str] | None:
    """«12=100.00» → {"12": "100.00"}; nothing given = the oldest first."""
    for pair in pairs:
        if "=" not in pair:
            raise UsageError(f"--to «{pair}»: нужно СЧЁТ=СУММА, например 12=100.00.")
    return {name.strip(): total for name, _, total in (pair.rpartition("=") for pair in pairs)} or None


def _list(args: Namespace) -> int:
    from omstui.cli import running, text
    from omstui.domain import payments
    from omstui.domain.store import config, db
    from omstui.domain.store import payments as store

    services = running.services(args)
    period = running.period(args) if args.period else ""
    with db.connection():
        rows = payments.balances(services.profile, period=period)
        orders = store.payments()
        parts = store.parts()
        payers = {p.id: p for p in config.payers()}
    wanted = {b.invoice.id for b in rows if b.invoice}
    if period:
        kept = {part.payment for part in parts if part.invoice in wanted}
        orders = [order for order in orders if order.id in kept]
    if args.json:
        numbers = {b.invoice.id: b.invoice.number for b in rows if b.invoice}
        running.show_json(
            {
                "invoices": [balance_json(b) for b in rows],
                "payments": [
                    {
                        "payment": o.id, "smo": payers[o.payer].code, "number": o.number, "date": o.date,
                        "sum": roubles(o.total), "rest": roubles(o.rest),
                        "parts": [
                            {"invoice": numbers.get(p.invoice, ""), "sum": roubles(p.total)}
                            for p in parts if p.payment == o.id
                        ],
                    }
                    for o in orders
                ],
            }
        )  # fmt: skip
        return 0
    head = ("Месяц", "СМО", "Счёт №", "Выставлено", "Удержано", "Отказано", "Снято", "Получено", "Долг")
    print(text.table([head, *(_cells(b) for b in rows)]) if rows else "Счетов нет.")
    if orders:
        print()
        lines = [
            (str(o.id), o.date, payers[o.payer].code, o.number, spaced(o.total), spaced(o.rest))
            for o in orders
        ]
        print(text.table([("Запись", "Дата", "СМО", "№", "Сумма", "Не разнесено"), *lines]))
    return 0


def _cells(b: Any) -> tuple[str, ...]:
    sums = (b.billed, b.withheld, b.refused, b.cut, b.received, b.owed)
    number = b.invoice.number if b.invoice else "не выставлен"
    return (Period.parse(b.period).title, b.payer.code, number, *map(spaced, sums))


def balance_json(b: Any) -> dict[str, Any]:
    """A row of «Счета и платежи»."""
    return {
        "period": b.period,
        "smo": b.payer.code,
        "registry": b.registry,
        "number": b.invoice.number if b.invoice else "",
        "date": b.invoice.date if b.invoice else "",
        "billed": roubles(b.billed),
        "withheld": roubles(b.withheld),
        "payable": roubles(b.payable),
        "refused": roubles(b.refused),
        "cut": roubles(b.cut),
        "received": roubles(b.received),
        "owed": roubles(b.owed),
    }
