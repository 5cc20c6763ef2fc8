"""docs/criteria.md: every criterion, and how a region writes its own; made from the catalog itself."""

from __future__ import annotations

from collections.abc import Iterable

from omstui.domain.bookspecs import title_of
from omstui.domain.criteria.catalog import all_criteria, all_params
from omstui.domain.criteria.functions import FUNCTIONS
from omstui.domain.criteria.model import ALL, Criterion, Value
from omstui.domain.criteria.view import CASE, SERVICE, ViewColumn

EXAMPLE = """\
[[criteria]]
code = "95.001"
title = "Терапевт принял без кода отделения"
condition = "c.profile = '97' AND c.department = ''"
severity = "error"
applies = ["ТАП"]
mek = "1.4.3"
why = "Без отделения счёт не разнести по подразделениям. Укажите отделение."
field = "department"

[[criteria]]
code = "95.002"
title = "Услуга дороже 100 000 рублей"
level = "service"
condition = "s.total > 10000000"
"""
_SEVERITY = {"error": "ошибка", "warning": "предупреждение"}
#: what a function of the program says, in Russian
_FUNCTIONS = {
    "snils_form": ("(текст)", "1 — СНИЛС из 11 цифр или вида 112-233-445 95"),
    "snils_sum": ("(текст)", "1 — контрольное число СНИЛС сходится"),
    "enp_sum": ("(текст)", "1 — контрольная цифра ЕНП сходится"),
    "enp_birth": ("(текст)", "дата рождения, на которую выдан ЕНП"),
    "digits": ("(текст, n)", "1 — ровно n цифр и ничего больше"),
    "name_form": ("(текст)", "1 — в имени только русские буквы и разрешённые знаки"),
    "mask_fits": ("(текст, маска)", "1 — текст подходит под маску F011"),
    "card_form": ("(текст)", "1 — в номере карты только разрешённые знаки"),
    "teeth_ok": ("(текст)", "1 — все номера зубов есть в формуле FDI"),
    "tooth_kind": ("(текст, вид)", "1 — есть молочный (p) или постоянный (m) зуб"),
    "same_tooth": ("(текст, текст)", "1 — в двух списках один и тот же постоянный зуб"),
    "price_of_ksg": ("(ставка, шесть коэффициентов)", "стоимость случая по КСГ, копейки"),
    "months_before": ("(день, n)", "тот же день на n месяцев раньше"),
    "full_months": ("(рождение, день)", "полных месяцев"),
    "weekdays": ("(первый, последний)", "рабочих дней с понедельника по пятницу"),
}
_HEAD = """\
# Критерии экспертизы

Экспертиза находит до отправки то, что МЭК снял бы после. Критериев {count}, из них по умолчанию включены
{default}. Включить, выключить, сменить важность и параметры — «Настройки», F9 «Критерии экспертизы» (или
экран «Критерии экспертизы»), в файле настроек — раздел `[criteria]`:

```toml
[criteria]
on = ["01.012"]           # включить сверх обычных
off = ["05.015"]          # выключить
check_on_save = true      # проверять случай после каждого сохранения

[criteria.severity]
"02.005" = "warning"      # error — ошибка, warning — предупреждение

[criteria.params]
therapist_age = "18"
```

Критерий, которому нужен справочник, без него не выполняется и так и назван в результате.

## Свои критерии

Свои критерии организации лежат в файле TOML и загружаются целиком: `omstui criteria load ФАЙЛ` или F9
«Свои критерии из файла…». Файл проверяется до загрузки: неверное условие ничего не меняет.

```toml
{example}```

| ключ | что это |
|---|---|
| `code` | от 95.001 до 99.999 |
| `title` | что не так, коротко |
| `condition` | условие SQL: верно — замечание; неизвестное (NULL) замечанием не считается |
| `level` | `case` (обычно) — одно условие на случай, `service` — на каждую услугу, доступны и `s`, и `c` |
| `severity` | `error` или `warning` (обычно) |
| `applies` | из ТАП, МКСБ, СМП; обычно все |
| `mek` | код 231н, который критерий предупреждает; с ним случай входит в прогноз |
| `why` | почему проверяется и что делать |
| `field` | поле карточки, рядом с которым встанет замечание: `ds_main`, `patient.snils`, `policy.number` |

Условие — одно выражение SQLite без «;» и комментариев. Оно может читать поля `c`, `s`, справочники
(таблица `nsi`: book, code, begin_date, end_date, data) и больше ничего. Деньги — копейки, количества —
сотые доли, даты — текст «2021-04-05», пустой текст — '', да и нет — 1 и 0.
Итоговые функции (count, sum, …) — только внутри (SELECT …); printf, format, randomblob, zeroblob и
load_extension запрещены. Условие, которое сравнивает каждую строку со множеством других, останавливается:
критерий «не выполнен», остальные продолжаются.

"""


def page() -> str:
    """The whole page."""
    made = list(all_criteria().values())
    default = sum(criterion.default for criterion in made)
    text = _HEAD.format(count=len(made), default=default, example=EXAMPLE)
    parts = [
        "### Поля случая `c`\n\n" + _columns(CASE),
        "### Поля услуги `s`\n\n" + _columns(SERVICE),
        "### Функции\n\n" + _functions(),
        "## Параметры\n\n" + _params(),
        "## Все критерии\n\n" + _table(made),
    ]
    return text + "\n".join(parts)


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [f"| {' | '.join(titles)} |", "|" + "---|" * len(titles)]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _columns(columns: Iterable[ViewColumn]) -> str:
    return _rows(("поле", "что это"), ((f"`{c.name}`", c.meaning) for c in columns))


def _functions() -> str:
    rows = ((f"`{name}{_FUNCTIONS[name][0]}`", _FUNCTIONS[name][1]) for name, _, _ in FUNCTIONS)
    return _rows(("функция", "что возвращает"), rows)


def _params() -> str:
    rows = ((f"`{p.name}`", p.title, _value(p.default)) for p in all_params().values())
    return _rows(("имя", "параметр", "по умолчанию"), rows)


def _value(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _table(made: Iterable[Criterion]) -> str:
    head = ("код", "критерий", "важность", "вкл", "МЭК", "карты", "справочники")
    return _rows(head, (_line(criterion) for criterion in made))


def _line(criterion: Criterion) -> tuple[str, ...]:
    books = (" или ".join(title_of(code) for code in wanted.split("|")) for wanted in criterion.books)
    return (
        criterion.code,
        criterion.title,
        _SEVERITY[criterion.severity],
        "да" if criterion.default else "",
        criterion.mek,
        "" if criterion.applies == ALL else ", ".join(criterion.applies),
        ", ".join(books),
    )
