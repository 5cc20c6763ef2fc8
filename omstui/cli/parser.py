"""Commands and their options (product.md §8): names are a contract."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from omstui.domain.errors import UsageError

#: what argparse says → the same in Russian
_WORDS = (
    (r"the following arguments are required: (.+)", r"не указано: \1"),
    (r"unrecognized arguments: (.+)", r"непонятно: \1"),
    (r"argument (.+?): invalid choice: '?(.*?)'? \(choose from (.+)\)", r"\1: «\2» не годится, возможно: \3"),
    (r"argument (.+?): invalid \w+ value: '?(.*?)'?", r"\1: «\2» — не число"),
    (r"argument (.+?): expected one argument", r"\1: нужно одно значение"),
    (r"argument (.+?): expected at least one argument", r"\1: нужно хотя бы одно значение"),
    (r"argument (.+?): not allowed with argument (.+)", r"\1 нельзя вместе с \2"),
    (r"one of the arguments (.+) is required", r"нужно одно из: \1"),
    (r"argument (.+?): ignored explicit argument '?(.*?)'?", r"\1: лишнее значение «\2»"),
    (r"ambiguous option: (.+?) could match (.+)", r"\1 можно понять как \2"),
    (r"argument (.+?): (.+)", r"\1: \2"),
)


class _Help(argparse.HelpFormatter):
    """The help page in Russian."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "Вызов: " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """argparse in Russian that raises UsageError instead of leaving the process."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options |= {"add_help": False, "formatter_class": _Help}
        super().__init__(*args, **options)
        self._positionals.title = "аргументы"
        self._optionals.title = "параметры"
        self.add_argument("-h", "--help", action="help", help="эта справка")

    def error(self, message: str) -> NoReturn:
        for pattern, words in _WORDS:
            found = re.fullmatch(pattern, message)
            if found:
                message = re.sub(r", _\w+", "", found.expand(words).replace("'", ""))
                break
        raise UsageError(f"{self.prog}: {message}.", hint=f"Справка: {self.prog} --help")


def build() -> argparse.ArgumentParser:
    """The whole parser."""
    root = Parser(
        prog="omstui",
        description="Реестры счетов ОМС. Без команды открывает программу.",
    )
    root.add_argument("--version", action="store_true", help="версия программы")
    root.add_argument("--screen", metavar="ЭКРАН", help="сразу открыть экран: rejections, answers, …")
    _db_option(root, default=None)
    commands = root.add_subparsers(dest="command", metavar="КОМАНДА", parser_class=Parser)
    for add in (
        _setup,
        _cases,
        _registries,
        _month,
        _ident,
        _bills,
        _merges,
        _money,
        _expertise,
        _report,
        _look,
        _care,
    ):
        add(commands)
    return root


def _db_option(parser: argparse.ArgumentParser, default: object = argparse.SUPPRESS) -> None:
    parser.add_argument("--db", metavar="ФАЙЛ", default=default, help="база данных (или OMSTUI_DB)")


def _add(
    commands: argparse._SubParsersAction[Parser], name: str, text: str, *, yes: bool = False
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    _db_option(parser)
    if yes:
        parser.add_argument("--yes", action="store_true", help="не спрашивать, выполнить")
    return parser


def _period(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--period", required=True, metavar="ГГГГ-ММ", help="отчётный месяц")


def _registry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--registry", default="", metavar="НОМЕР|ИМЯ", help="какой реестр, если в месяце их несколько"
    )


def _registry_of(parser: argparse.ArgumentParser) -> None:
    _period(parser)
    _registry(parser)
    _json(parser)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="данные в виде JSON")


def _setup(commands: argparse._SubParsersAction[Parser]) -> None:
    p = _add(commands, "init", "создать базу данных организации")
    p.add_argument("--profile", required=True, help="профиль региона: yar, mosobl")
    p.add_argument("--settings", metavar="ФАЙЛ.toml", help="реквизиты МО, СМО, файлы")
    p = _add(commands, "demo", "учебная база; --headless проводит весь месяц без экрана")
    p.add_argument("--profile", default="yar", metavar="ПРОФИЛЬ", help="профиль региона")
    p.add_argument("--cases", type=int, default=0, metavar="N", help="столько случаев сгенерировать")
    p.add_argument("--headless", action="store_true", help="провести учебный месяц и напечатать его")
    p = _add(commands, "operator", "операторы и роли")
    sub = p.add_subparsers(dest="action", required=True, metavar="list|set", parser_class=Parser)
    q = sub.add_parser("list", help="список операторов")
    _db_option(q)
    _json(q)
    q = sub.add_parser("set", help="дать роль")
    _db_option(q)
    q.add_argument("login", metavar="ЛОГИН", help="имя входа в систему")
    q.add_argument(
        "role", choices=["viewer", "operator", "senior"], metavar="viewer|operator|senior", help="роль"
    )


def _cases(commands: argparse._SubParsersAction[Parser]) -> None:
    p = _add(
        commands,
        "load",
        "загрузить случаи: XML H/C/T/D + L, ZIP, CSV, …13X прошлого месяца",
        yes=True,
    )
    p.add_argument("paths", nargs="+", metavar="ФАЙЛ|ПАПКА", help="файлы или папки целиком")
    p.add_argument("--mapping", default="", metavar="ФАЙЛ.toml", help="соответствие колонок CSV")
    _json(p)
    p = _add(commands, "nsi", "справочники")
    sub = p.add_subparsers(dest="action", required=True, metavar="load|list", parser_class=Parser)
    q = sub.add_parser("load", help="загрузить справочники: пакет ФФОМС, XML, ZIP, DBF, CSV, XLSX")
    _db_option(q)
    q.add_argument("paths", nargs="+", metavar="ФАЙЛ", help="файлы справочников")
    q.add_argument("--dry-run", action="store_true", help="только показать, что изменится")
    q.add_argument("--book", default="", metavar="КОД", help="какой это справочник, если не узнан")
    q.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="СТОЛБЕЦ=НАШ",
        help="столбец файла и наш столбец; «СТОЛБЕЦ=» — не нужен; запоминается",
    )
    q.add_argument("--edition", default="", metavar="ТЕКСТ", help="редакция, если файл её не называет")
    q.add_argument("--yes", action="store_true", help="не спрашивать, выполнить")
    _json(q)
    q = sub.add_parser("list", help="загруженные справочники")
    _db_option(q)
    _json(q)


def _registries(commands: argparse._SubParsersAction[Parser]) -> None:
    """Registries with dates, departments and a name of their own."""
    p = _add(commands, "registry-create", "создать реестр со своими датами, отделениями и именем", yes=True)
    _period(p)
    p.add_argument("--name", default="", metavar="ИМЯ", help="наименование реестра")
    p.add_argument("--begin", default="", metavar="ДАТА", help="дата начала, ГГГГ-ММ-ДД")
    p.add_argument("--end", default="", metavar="ДАТА", help="дата окончания, ГГГГ-ММ-ДД")
    p.add_argument("--department", action="append", default=[], metavar="КОД", help="отделение")
    p.add_argument("--kind", default="", metavar="ВИД", help="вид деятельности, если реестр одного вида")
    p.add_argument("--test", action="store_true", help="тестовый реестр")
    _json(p)
    p = _add(commands, "registry-delete", "удалить реестр, который не выгружен", yes=True)
    p.add_argument("numbers", nargs="+", type=int, metavar="НОМЕР", help="номера реестров")
    _json(p)


def _month(commands: argparse._SubParsersAction[Parser]) -> None:
    p = _add(commands, "form", "сформировать реестры", yes=True)
    _period(p)
    p.add_argument("--kind", action="append", default=[], metavar="ВИД", help="вид деятельности")
    p.add_argument("--test", action="store_true", help="тестовый реестр")
    p.add_argument("--late", action="store_true", help="включить опоздавшие случаи прошлых месяцев")
    _registry(p)
    _json(p)
    p = _add(commands, "mes", "анализ МЭСов сформированных реестров")
    _period(p)
    p.add_argument("--kind", action="append", default=[], metavar="ВИД", help="вид деятельности")
    _registry(p)
    _json(p)
    p = _add(commands, "sequester", "секвестирование: показать или снять превышение плана", yes=True)
    _period(p)
    what = p.add_mutually_exclusive_group()
    what.add_argument("--apply", action="store_true", help="снять превышение, а не только показать")
    what.add_argument("--undo", action="store_true", help="вернуть снятые последним секвестированием")
    p.add_argument("--kind", action="append", default=[], metavar="ВИД", help="вид деятельности")
    _registry(p)
    _json(p)
    p = _add(commands, "export", "F2: выгрузить реестры периода в …13X", yes=True)
    _period(p)
    p.add_argument("--out", required=True, metavar="ПАПКА", help="куда записать")
    p.add_argument("--kind", action="append", default=[], metavar="ВИД", help="вид деятельности")
    p.add_argument("--test", action="store_true", help="тестовый реестр")
    _json(p)
    p = _add(commands, "accept", "принять ответы ТФОМС и СМО", yes=True)
    p.add_argument("paths", nargs="+", metavar="ФАЙЛ|ПАПКА", help="файлы или папки целиком")
    p.add_argument("--dry-run", action="store_true", help="только показать, что будет")
    _json(p)
    p = _add(commands, "reform", "F6: переформировать (7 файл)", yes=True)
    _period(p)
    who = p.add_mutually_exclusive_group(required=True)
    who.add_argument("--smo", nargs="+", default=[], metavar="КОД", help="код СМО")
    who.add_argument("--all", action="store_true", help="все СМО")
    p.add_argument("--out", required=True, metavar="ПАПКА", help="куда записать")
    _json(p)
    p = _add(commands, "return", "F8: вернуть отказанные счета в реестр", yes=True)
    _period(p)
    what = p.add_mutually_exclusive_group(required=True)
    what.add_argument("--all", action="store_true", help="все отказанные счета периода")
    what.add_argument("--account", nargs="+", default=[], metavar="КЛЮЧ", help="ключи счетов (xkey)")
    p.add_argument("--stage", type=int, choices=[1, 2, 4], default=0, help="стадия (4 — МЭК)")
    p.add_argument("--unchanged", action="store_true", help="и неисправленные тоже")
    p.add_argument("--undo", action="store_true", help="отменить F8")
    p = _add(commands, "restore-tests", "восстановить все тестовые реестры за период", yes=True)
    _period(p)
    p = _add(commands, "sent", "отметить выгрузку (или «7» этой СМО) отправленной в ТФОМС", yes=True)
    _period(p)
    p.add_argument("--smo", default="", metavar="КОД", help="код СМО")
    p.add_argument("--undo", action="store_true", help="снять отметку")


def _ident(commands: argparse._SubParsersAction[Parser]) -> None:
    """Identification of manual B."""
    p = _add(commands, "ident-export", "выгрузить реестр на идентификацию (QPID)", yes=True)
    _registry_of(p)
    p.add_argument("--out", required=True, metavar="ПАПКА", help="куда записать")
    name = p.add_mutually_exclusive_group()
    name.add_argument("--number", type=int, default=0, metavar="N", help="последняя цифра имени пакета")
    name.add_argument("--name", default="", metavar="ИМЯ", help="название пакета целиком")
    p = _add(commands, "ident-load", "загрузить результат идентификации (APID)", yes=True)
    p.add_argument("path", metavar="ФАЙЛ", help="APID_….dbf")
    _registry_of(p)
    p = _add(commands, "ident-overdue", "выгрузить неидентифицированных более месяца", yes=True)
    _registry_of(p)
    p.add_argument("--out", required=True, metavar="ПАПКА", help="куда записать")
    p.add_argument("--number", type=int, default=0, metavar="N", help="последняя цифра имени пакета")
    p = _add(commands, "ident-step", "номер пакета идентификации: +1 или −1")
    _registry_of(p)
    way = p.add_mutually_exclusive_group(required=True)
    way.add_argument("--up", dest="step", action="store_const", const=1, help="увеличить (+1)")
    way.add_argument("--down", dest="step", action="store_const", const=-1, help="уменьшить (−1)")
    p = _add(commands, "common-dbf", "дополнительная выгрузка общего DBF реестра", yes=True)
    _registry_of(p)
    p.add_argument("--out", required=True, metavar="ПАПКА", help="куда записать")


def _bills(commands: argparse._SubParsersAction[Parser]) -> None:
    """Payment registries, ФЛК and МЭК of manual B."""
    p = _add(commands, "payers", "сформировать реестры на оплату по СМО", yes=True)
    _registry_of(p)
    p = _add(commands, "bills-export", "выгрузить реестры на оплату: ZIP с XML", yes=True)
    _registry_of(p)
    p.add_argument("--out", required=True, metavar="ПАПКА", help="куда записать")
    p.add_argument("--number", default="", metavar="НОМЕР", help="номер счета")
    p.add_argument("--date", default="", metavar="ДАТА", help="дата счета, ГГГГ-ММ-ДД")
    p.add_argument("--package", type=int, default=0, metavar="N", help="номер пакета в имени файла")
    p.add_argument("--version", dest="bill_version", default="", metavar="3.2", help="версия формата")
    p.add_argument("--existing", action="store_true", help="записать файлы прежней выгрузки ещё раз")
    p = _add(commands, "flk-load", "загрузить ФЛК: FLQPID или протокол FLK_P", yes=True)
    p.add_argument("path", metavar="ФАЙЛ", help="FLQPID_….dbf, FLK_P в XML или ZIP, или папка с ними")
    _registry_of(p)
    p = _add(commands, "mek-load", "загрузить МЭК в период, в котором он получен", yes=True)
    p.add_argument("path", metavar="ФАЙЛ", help="b….dbf или возврат с санкциями в XML или ZIP")
    _registry_of(p)
    p = _add(commands, "delete-data", "удалить данные реестра, он снова «Создан»", yes=True)
    _registry_of(p)
    p.add_argument(
        "--kind", action="append", default=[], metavar="ВИД", help="если реестры по видам: только эти виды"
    )


def _merges(commands: argparse._SubParsersAction[Parser]) -> None:
    """Merges of cases of manual B."""
    for name, text in (
        ("dental-xray", "добавить услуги стоматологического рентгена в стоматологические случаи"),
        ("merge-dental", "объединить стоматологические посещения в обращение"),
        ("merge-outpatient", "объединить амбулаторные случаи"),
        ("merge-undo", "отменить последнее объединение случаев реестра, до выгрузки"),
    ):
        p = _add(commands, name, text, yes=True)
        _registry_of(p)
        p.add_argument("--dry-run", action="store_true", help="только показать, что будет")
        if name == "merge-undo":
            p.add_argument("--all", action="store_true", help="все объединения реестра")


def _expertise(commands: argparse._SubParsersAction[Parser]) -> None:
    p = _add(commands, "check", "провести экспертизу сформированных реестров", yes=True)
    _registry_of(p)
    p.add_argument("--kind", action="append", default=[], metavar="ВИД", help="вид деятельности")
    p.add_argument("--test", action="store_true", help="тестовые реестры")
    p = _add(commands, "criteria", "критерии экспертизы")
    sub = p.add_subparsers(dest="action", required=True, metavar="list|show|load", parser_class=Parser)
    q = sub.add_parser("list", help="все критерии: включён ли, важность, код 231н")
    _db_option(q)
    _json(q)
    q = sub.add_parser("show", help="что критерий проверяет и почему")
    _db_option(q)
    q.add_argument("code", metavar="КОД", help="код критерия, например 05.007")
    q = sub.add_parser("load", help="взять свои критерии из файла TOML вместо прежних своих")
    _db_option(q)
    q.add_argument("path", metavar="ФАЙЛ.toml", help="разделы [[criteria]]: code, title, condition, …")


def _money(commands: argparse._SubParsersAction[Parser]) -> None:
    p = _add(commands, "withhold", "внести удержание", yes=True)
    _period(p)
    p.add_argument("--smo", required=True, metavar="КОД", help="код СМО")
    p.add_argument("--sum", required=True, metavar="1234.56", help="«-» — удержание не внесено")
    p.add_argument("--note", default="", metavar="ТЕКСТ", help="примечание")
    p.add_argument("--notice-date", default="", metavar="ДАТА", help="дата уведомления ТФОМС")
    from omstui.cli import money

    p = _add(commands, "invoices", "счета на оплату по СМО и суммы для счетов", yes=True)
    _registry_of(p)
    money.invoices_arguments(p)
    p = _add(commands, "invoice-cancel", "отменить счёт на оплату", yes=True)
    money.cancel_arguments(p)
    _json(p)
    p = commands.add_parser("payment", help="платежи СМО", description="платежи СМО")
    money.payment_arguments(p, Parser)
    p = commands.add_parser("month", help="закрыть, открыть месяц", description="закрыть, открыть месяц")
    money.month_arguments(p, Parser)


def _report(commands: argparse._SubParsersAction[Parser]) -> None:
    from omstui.cli import report

    report.add_arguments(_add(commands, "report", "сохранить отчёт; report list — перечень", yes=True))


def _look(commands: argparse._SubParsersAction[Parser]) -> None:
    p = _add(commands, "view", "посмотреть файл обмена, ничего не принимая")
    p.add_argument("path", metavar="ФАЙЛ", help="путь к файлу")
    _json(p)
    p = _add(commands, "status", "рабочий стол месяца и сверка")
    _period(p)
    _json(p)
    p = _add(commands, "rejections", "отказы")
    _period(p)
    p.add_argument("--stage", type=int, choices=[1, 2, 3, 4, 5], default=0, help="стадия")
    p.add_argument("--smo", default="", metavar="КОД", help="код СМО")
    _json(p)
    p = _add(commands, "case", "весь путь случая")
    p.add_argument("key", metavar="КЛЮЧ", help="ключ случая, номер карты или xkey счёта")
    _json(p)
    p = _add(commands, "stand", "учебный ТФОМС: ответы на файлы")
    from omstui.stand.cli import add_arguments

    add_arguments(p)


def _care(commands: argparse._SubParsersAction[Parser]) -> None:
    p = _add(commands, "backup", "копия базы данных")
    p.add_argument("path", metavar="ФАЙЛ", help="путь к файлу")
    p = _add(commands, "restore", "вернуть базу данных из копии", yes=True)
    p.add_argument("path", metavar="ФАЙЛ", help="путь к файлу")
    p = _add(commands, "verify", "проверить базу данных: каждый рубль и каждый файл")
    _json(p)
    _add(commands, "keys", "показать, что присылает терминал на нажатия")
    _db_option(commands.add_parser("_daily"))
    p = commands.add_parser("_run")  # started by the screens, see launcher
    _db_option(p)
    p.add_argument("operation")
    p.add_argument("params")
    p.add_argument("--run-file", required=True)
    p.add_argument("--yes", action="store_true")
