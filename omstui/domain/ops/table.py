"""The table of operations (операции): id, Russian title, module. Modules are imported when used."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from omstui.domain.errors import UsageError
from omstui.domain.operation import Operation


@dataclass(frozen=True, slots=True)
class Entry:
    """``module`` has ``Params`` (dataclass) and ``run(ctx, params)``."""

    title: str
    module: str
    long: bool = True
    writes: bool = True
    role: str = "operator"
    #: works on the month of its parameters: refused at once when that month is closed
    month: bool = False


_OPS = "omstui.domain.ops."
TABLE: dict[str, Entry] = {
    "load": Entry("Загрузить случаи", _OPS + "load"),
    "nsi-load": Entry("Загрузить справочник", _OPS + "nsi"),
    "book-save": Entry("Изменить справочник", _OPS + "book_save", long=False),
    "form": Entry("Переформировать", _OPS + "form", month=True),
    "registry-create": Entry("Создать реестр", _OPS + "registry_create", long=False, month=True),
    "registry-delete": Entry("Удалить реестр", _OPS + "registry_delete", long=False),
    "delete-data": Entry("Удалить данные", _OPS + "delete_data", long=False, month=True),
    "check": Entry("Провести экспертизу", _OPS + "check", month=True),
    "ident-export": Entry("Выгрузить на идентификацию", _OPS + "ident_export", month=True),
    "ident-load": Entry("Загрузить результат идентификации", _OPS + "ident_load", month=True),
    "ident-overdue": Entry("Выгрузить неидент. более месяца", _OPS + "ident_overdue", month=True),
    "common-dbf": Entry("Доп. выгрузка общего ДБФ", _OPS + "common_dbf", writes=False),
    "ident-step": Entry("Увеличить / уменьшить пакет идент.", _OPS + "ident_step", long=False, month=True),
    "mes": Entry("Анализ МЭСов", _OPS + "mes", month=True),
    "sequester": Entry("Секвестирование", _OPS + "sequester", long=False, month=True),
    "sequester-undo": Entry("Отменить секвестирование", _OPS + "sequester_undo", long=False, month=True),
    "export": Entry("Выгрузка", _OPS + "export", month=True),
    "accept": Entry("Принять ответы", _OPS + "accept"),
    "reform": Entry("Переформировать (7 файл)", _OPS + "reform", month=True),
    "return": Entry("В реестр", _OPS + "resubmit", long=False),
    "return-undo": Entry("Отменить «В реестр»", _OPS + "resubmit_undo", long=False),
    "drop": Entry("Снять отказ с работы", _OPS + "drop", long=False),
    "restore-tests": Entry(
        "Восстановить все тестовые реестры за период", _OPS + "restore_tests", role="senior", month=True
    ),
    "withhold": Entry("Внести удержание", _OPS + "withhold", long=False, month=True),
    "sent": Entry("Отметить «отправлен в ТФОМС»", _OPS + "sent", long=False, month=True),
    "invoices": Entry("Счета на оплату", _OPS + "invoices", long=False),
    "invoice-cancel": Entry("Отменить счёт на оплату", _OPS + "invoice_cancel", long=False),
    "payment-add": Entry("Внести платёж", _OPS + "payment_add", long=False),
    "payment-spread": Entry("Разнести платёж по счетам", _OPS + "payment_spread", long=False),
    "payment-delete": Entry("Удалить платёж", _OPS + "payment_delete", long=False),
    "month-close": Entry("Закрыть месяц", _OPS + "month_close", long=False),
    "month-reopen": Entry("Открыть закрытый месяц", _OPS + "month_reopen", long=False, role="senior"),
    "report": Entry("Сохранить отчёт", _OPS + "report", writes=False, role="viewer"),
    "payers": Entry("Сформировать реестры на оплату", _OPS + "payers", month=True),
    "bills-export": Entry("Выгрузить реестры на оплату", _OPS + "bills_export", month=True),
    "flk-load": Entry("Загрузить ФЛК", _OPS + "flk_load", month=True),
    "mek-load": Entry("Загрузить МЭК", _OPS + "mek_load", month=True),
    "dental-xray": Entry("Добавить услуги стомат. рентгена", _OPS + "dental_xray", month=True),
    "merge-dental": Entry("Объединить стомат. посещения в обращение", _OPS + "merge_dental", month=True),
    "merge-outpatient": Entry("Объединить амб. случаи", _OPS + "merge_outpatient", month=True),
    "merge-undo": Entry("Отменить объединение", _OPS + "merge_undo", month=True),
    "case-save": Entry("Сохранить случай", _OPS + "case_save", long=False),
    "case-delete": Entry("Удалить случай", _OPS + "case_delete", long=False),
    "settings-save": Entry("Сохранить настройки", _OPS + "settings_save", long=False, role="senior"),
    "operator-set": Entry("Изменить роль оператора", _OPS + "operator_set", long=False, role="senior"),
}


def operation(name: str) -> Operation:
    """The operation with this id, its module imported; UsageError for an unknown one."""
    entry = TABLE.get(name)
    if entry is None:
        raise UsageError(f"Операции «{name}» нет. Есть: {', '.join(sorted(TABLE))}.")
    module = import_module(entry.module)
    return Operation(
        name, entry.title, module.run, module.Params, entry.long, entry.writes, entry.role, entry.month
    )
