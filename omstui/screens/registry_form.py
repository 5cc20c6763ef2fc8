"""«Создание реестра счетов»: name, dates, kind, departments, type of payment; save, save and form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual import on
from textual.widget import Widget

from omstui.domain.model import KINDS, Period
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.operating import OperatingScreen
from omstui.widgets.fields import Field
from omstui.widgets.form import Form


class RegistryFormScreen(OperatingScreen):
    """A new registry; the report month is that of the end date. One kind, or all where the region says so."""

    HEADING = "Создание реестра счетов"
    ABOUT = "Реестр со своими датами, отделениями и видом оплаты; отчётный месяц — по дате окончания."
    KEYS = (
        Key("main", "СохрФ.", "Сохранить и переформировать", "создаёт реестр и сразу формирует его"),
        Key("save", title="Сохранить", help="создаёт пустой реестр «Создан»"),
    )

    def __init__(self, services: Front, *, test: str = "") -> None:
        self._and_form = False
        super().__init__(services)
        period = Period.parse(services.period)
        self._form = Form(
            _fields(services),
            {
                "kind": "" if services.profile.one_registry else services.profile.kinds[0],
                "begin_date": period.begin.isoformat(),
                "end_date": period.end.isoformat(),
                "pay_type": "ОМС",
                "test": test,
                "late": services.settings.rules.with_late,
            },
        )

    def compose_body(self) -> Iterable[Widget]:
        yield self._form

    def on_mount(self) -> None:
        self._form.focus()

    def subject(self) -> str:
        return self.services.period_title

    def unavailable(self, action: str) -> str | None:
        names = {"main": "form", "save": "registry-create"}
        return self.why_not(names[action]) if action in names else None

    def do_main(self) -> None:
        """«Сохранить и переформировать»."""
        self._and_form = True
        self._form.save()

    def do_save(self) -> None:
        self._and_form = False
        self._form.save()

    @on(Form.SaveAsked)
    def _save_asked(self, event: Form.SaveAsked) -> None:
        event.stop()
        and_form, self._and_form = self._and_form, False
        self.guard(lambda: self._create(event.values, and_form))

    async def _create(self, values: dict[str, Any], and_form: bool) -> None:
        test, late = bool(values.get("test")), bool(values["late"])
        outcome = await self.operate(
            "registry-create",
            quiet=True,
            kind=values.get("kind", ""),
            name=values["name"],
            begin_date=values["begin_date"],
            end_date=values["end_date"],
            departments=[part.strip() for part in values["departments"].split(",") if part.strip()],
            pay_type=values["pay_type"],
            test=test,
        )
        if outcome is None or outcome.result is None:
            return
        self._form.accept_changes()
        data = outcome.result.data
        self.services.set_period(data["period"])
        if and_form:
            number = data["registry"]
            await self.operate_long("form", period=data["period"], test=test, late=late, registry_id=number)
        self.dismiss(None)


def _fields(services: Front) -> list[Field]:
    kinds = [(code, KINDS[code].title) for code in services.profile.kinds]
    whole = services.profile.one_registry
    what = "в протоколах реестр называется этим именем" if whole else "чтобы отличить второй реестр вида"
    fields = [
        Field("name", "Наименование", width=40, help=f"необязательно: {what}"),
        Field("begin_date", "Дата начала", "date", 10, required=True),
        Field("end_date", "Дата окончания", "date", 10, required=True, help="по ней отчётный месяц"),
        Field("kind", "Вид деятельности", "choice", 32, choices=kinds, required=True),
        Field("departments", "Отделения", width=40, help="коды через запятую; пусто — все"),
        Field("pay_type", "Вид оплаты", "choice", 10, choices=[("ОМС", "ОМС")], required=True),
        Field(
            "test", "Тип реестра", "choice", 18, choices=[("", "основной реестр"), ("1", "тестовый реестр")]
        ),
        Field("late", "С опоздавшими случаями", "bool", help="закончены раньше начала, но не выставлены"),
    ]
    return [field for field in fields if not whole or field.name not in ("kind", "test")]
