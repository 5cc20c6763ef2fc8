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


_OPS = "omstui.domain.ops."
TABLE: dict[str, Entry] = {
    "load": Entry("Загрузить случаи", _OPS + "load"),
    "nsi-load": Entry("Загрузить справочник", _OPS + "nsi"),
    "form": Entry("Переформировать", _OPS + "form"),
    "registry-create": Entry("Создать реестр", _OPS + "registry_create", long=False),
    "registry-delete": Entry("Удалить реестр", _OPS + "registry_delete", long=False),
    "delete-data": Entry("Удалить данные", _OPS + "delete_data", long=False),
    "ident-export": Entry("Выгрузить на идентификацию", _OPS + "ident_export"),
    "ident-load": Entry("Загрузить результат идентификации", _OPS + "ident_load"),
    "ident-overdue": Entry("Выгрузить неидент. более месяца", _OPS + "ident_overdue"),
    "common-dbf": Entry("Доп. выгрузка общего ДБФ", _OPS + "common_dbf", writes=False),
    "ident-step": Entry("Увеличить / уменьшить пакет идент.", _OPS + "ident_step", long=False),
    "export": Entry("Выгрузка", _OPS + "export"),
    "accept": Entry("Принять ответы", _OPS + "accept"),
    "reform": Entry("Переформировать (7 файл)", _OPS + "reform"),
    "return": Entry("В реестр", _OPS + "resubmit", long=False),
    "return-undo": Entry("Отменить «В реестр»", _OPS + "resubmit_undo", long=False),
    "drop": Entry("Снять отказ с работы", _OPS + "drop", long=False),
    "restore-tests": Entry(
        "Восстановить все тестовые реестры за период", _OPS + "restore_tests", role="senior"
    ),
    "withhold": Entry("Внести удержание", _OPS + "withhold", long=False),
    "sent": Entry("Отметить «отправлен в ТФОМС»", _OPS + "sent", long=False),
    "invoices": Entry("Суммы для счетов", _OPS + "invoices", writes=False),
    "payers": Entry("Сформировать реестры на оплату", _OPS + "payers"),
    "bills-export": Entry("Выгрузить реестры на оплату", _OPS + "bills_export"),
    "flk-load": Entry("Загрузить ФЛК", _OPS + "flk_load"),
    "mek-load": Entry("Загрузить МЭК", _OPS + "mek_load"),
    "dental-xray": Entry("Добавить услуги стомат. рентгена", _OPS + "dental_xray"),
    "merge-dental": Entry("Объединить стомат. посещения в обращение", _OPS + "merge_dental"),
    "merge-outpatient": Entry("Объединить амб. случаи", _OPS + "merge_outpatient"),
    "merge-undo": Entry("Отменить объединение", _OPS + "merge_undo"),
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
    return Operation(name, entry.title, module.run, module.Params, entry.long, entry.writes, entry.role)
