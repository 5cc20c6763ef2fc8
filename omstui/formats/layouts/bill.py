"""Layout of bill.xml (счета региона 76): the only list of its elements and attributes.

Reader, writer, the mapping to our fields, error messages and the documentation derive from TABLE.
A section ``= path repeat types [answer]`` names an element: ``types`` are the types of registry
that output it (``*`` = all), ``answer`` marks what only the payer fills. A line is
``name kind title``; ``+`` marks an attribute the regional map calls required. ``name=written``
gives the spelling in the file where it differs from ours. Kinds: C text, N<n> digits, I whole
number, F decimal number, D date YYYY-MM-DD, T date and time, K 32-sign key. The order of sections
is the order of elements, the order of lines is the order of attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_PATIENT = "package/body/bill/patients/patient"
_ACCOUNT = f"{_PATIENT}/register_accounts/personal_account"
#: first word of a section → where it stands
ANCHORS = {
    "body": "package/body",
    "bill": "package/body/bill",
    "flk": "package/body/flk",
    "patient": _PATIENT,
    "account": _ACCOUNT,
    "service": f"{_ACCOUNT}/manipulations/manipulation",
}

#: containers written even when empty (yaroslavl.md §1.4: «patients» always)
ALWAYS_WRITTEN = frozenset({"patients"})

TABLE = """
= body 1 *
version +C версия формата; ProMed пишет «6.15»
protocol +C имя протокола; константа «Reestr»
creator +C программа-создатель файла (ProMed пишет «Promed»)
telcreator +C телефон создателя/техподдержки
ogrn_mo +N13 ОГРН МО, слева нулями до 13
kpp_mo +N9 КПП МО, слева нулями до 9
year +N4 год отчётного периода (год даты окончания периода)
month +N2 месяц отчётного периода с ведущим нулём
date_1 +D дата счёта/формирования реестра (дата счёта реестра)
= bill 1 *
t_opl +N1 тип оплаты; ProMed всегда «1» (ОМС)
ogrn_smo +N13 ОГРН плательщика: для реестра по СМО — ОГРН СМО, иначе ОГРН ТФОМС
date_2 +D дата принятия/обработки плательщиком; МО не заполняет
n_out +C исходящий номер; МО (ProMed) не заполняет
date_in +D дата поступления; МО не заполняет
expert_fio C ФИО эксперта, проводившего контроль
number_mek C номер акта/заключения МЭК
type_control C вид контроля (МЭК/МЭЭ/ЭКМП)
comment C примечание
= bill/account_sum/account_elem_t/account_elem 0..n *
type_acc C вид расчётов/тип тарифа, которому принадлежит сумма
amountl F сумма — первая величина (у «l» смысл не установлен: «местная/сверх норматива»)
amount F сумма по виду расчёта
= bill/account_sum/account_elem_f/account_elem 0..n *
type_acc C вид расчётов/тип тарифа, которому принадлежит сумма
amountl F сумма — первая величина (у «l» смысл не установлен: «местная/сверх норматива»)
amount F сумма по виду расчёта
invnumber C номер счёта на оплату (в выгрузке МО пусто)
invdate D дата счёта на оплату (в выгрузке МО пусто)
n_adult I численность прикреплённых взрослых
t_adult F подушевой тариф на взрослого
n_child I численность прикреплённых детей
t_child F подушевой тариф на ребёнка
n_all I численность прикреплённых всего
t_all F подушевой тариф/сумма всего
= bill/account_sum/account_elem_s/account_elem 0..n *
type_acc C вид расчётов/тип тарифа, которому принадлежит сумма
amountl F сумма — первая величина (у «l» смысл не установлен: «местная/сверх норматива»)
amount F сумма по виду расчёта
invnumber C номер счёта на оплату
invdate D дата счёта на оплату
= patient 0..n *
patientcod +C код пациента в МО (для ответа flk/fact@pat)
surname +C фамилия
name +C имя
patronymic C отчество
birthdate +D дата рождения
sex +N1 пол (1 м, 2 ж — V005)
b_place C место рождения
ss C СНИЛС
= patient/lawful_repr 0..1 *
surname_p C фамилия законного представителя
name_p C имя представителя
patronymic_p C отчество представителя
birthdate_p D дата рождения представителя
sex_p N1 пол представителя
b_place_p C место рождения представителя
ss_p C СНИЛС представителя
= patient/polises/polis 0..n *
region_oms +C код территории страхования (регион/ОКАТО)
type_polis +N1 тип полиса (1 старый, 2 временное, 3 единый — F008)
polisser C серия полиса
polisnum +C номер полиса (ЕНП 16 знаков)
begin_p +D начало действия полиса
end_p D окончание действия полиса
ogrn_smo N13 ОГРН СМО, выдавшей полис
= patient/docs/doc 0..n *
doctype +C тип документа личности (F011: 14 паспорт РФ, 3 св-во о рождении)
docser +C серия документа
docnum +C номер документа
= patient/addresses/address 0..n *
type_adress +N1 тип адреса: 1 регистрация, 2 проживание (имя атрибута с одной «d»)
kladr +C код КЛАДР
dom C дом
korpus C корпус
kvart C квартира
= patient/additional_data 0..1 *
socialstat +C социальный статус
privilege_code C код льготы
foster_family N1 приёмная/опекунская семья (признак)
weight I вес при рождении, г (для новорождённых)
= account 0..n *
help_type +C вид медпомощи (V008)
help_cond +C условия оказания (V006: 1 стационар, 2 дн.стац., 3 амб., 4 вне МО)
n_pp +I номер счёта по порядку в реестре
xkey +K ключ персонального счёта, см. §3.2
n_card +C номер карты/талона (в экране ProMed «№ талона»)
curestart +D начало лечения
cureend +D окончание лечения
doctor +C код/СНИЛС врача, закрывшего случай
spec +C специальность врача (V021)
result +C результат обращения (V009)
outcome C исход заболевания (V012)
vg +C возрастная группа (обязателен; точного справочника не найдено)
x_key2 K ключ исходного (ранее поданного/связанного) счёта — кандидат на ссылку при повторной подаче
comment C комментарий МО
= account/directions/direction 0..n 1,2,15,16
xkey +K ключ направления (в выборке ProMed xkey_d)
direction +C вид записи: входящее/выданное направление
number +C номер направления
date_1 +D дата направления
ogrn_lpu +N13 ОГРН направившей/целевой МО
kpp_lpu +N9 КПП этой МО
direction_type +C тип направления (NAPR_V при ЗНО)
reason +C код причины направления
other_reason C иная причина текстом
mkb +C диагноз направления
mkb_ext C внешняя причина (МКБ)
mkb_acc C сопутствующий диагноз
mkb_comp C осложнение
direction_help_type C вид помощи, на которую направлен
spec C специальность врача
met_issl C метод диагностического исследования (MET_ISSL, V029)
snils C СНИЛС направившего врача
= account/directions/direction/simple_services/simple_service 0..n 1,2,15,16
code +C код простой услуги (из simple_service_code)
= account/directions/direction/consultation 0..1 1,2,15,16
spec C специальность консультанта (из spec_c)
= account/directions/direction/profile 0..1 1,2,15,16
profile C профиль помощи
= account/directions/direction_smp 0..1 1,2,15,16 answer
ogrn_smp +N13 ОГРН станции СМП
kpp_smp +N9 КПП станции СМП
date_smp +D дата наряда СМП
order_smp +C номер наряда/вызова СМП
= service 0..n *
xkey +K ключ услуги (на него ссылается fact@man)
main_xkey K ключ основной услуги/счёта, которому подчинена
prof_oms +C профиль медпомощи (V002)
prof_vmp C профиль ВМП
det +N1 признак детского профиля (0/1)
service +C код услуги (по номенклатуре/регион. классификатору)
quantity +F количество (кратность, УЕТ, дни)
doctor C код врача, выполнившего услугу
spec +C специальность
date_1 +D дата начала услуги
date_2 +D дата окончания услуги
= service/sum/elem 0..n *
type_acc +C вид расчёта (в паре: «_0» и основной)
suml F сумма, первая величина (см. amountl)
sum F сумма по счёту/услуге
= service/an_tariffs/an_tariff 0..n * answer
date D дата записи анализа тарифов
provcode C код МО, с услугой которой пересечение
provname C наименование этой МО
service C код пересекающейся услуги
doctor C врач
spec C специальность
date_1 D дата пересекающейся услуги
servcount F количество услуг
curestart D начало пересекающегося случая
cureend D окончание пересекающегося случая
ksg C КСГ
count_d I число дней
prof_oms C профиль
comment=сomment C комментарий (в карте первая буква имени — кириллическая «с»)
= service/additionals/additional 0..1 *
ogrn_lpu +N13 ОГРН МО, оказавшей услугу
kpp_lpu +N9 КПП этой МО
ksg C код КСГ
refusal N1 признак отказа от услуги (P_OTK)
pos_kod C код посещения
code_s C доп. код услуги/стандарта
count_d I количество дней (койко-/пациенто-)
opertype C тип операции
oper_complication C осложнение операции
c_teh C код применённой технологии
chambertype C тип палаты
child C признак «ребёнок»/порядковый № ребёнка
place C место выполнения
c_anes C код анестезии
dep_num C номер отделения
prof_h C профиль койки (V020)
koef_z F коэф. затратоёмкости КСГ (KOEF_Z)
koef_up F управленческий/специфики коэф. (KOEF_UP)
bztsz F базовая ставка (BZTSZ)
koef_d F коэф. дифференциации (KOEF_D)
koef_u F коэф. уровня МО (KOEF_U)
it_sl F итоговый КСЛП (IT_SL)
vid_vme C код мед.вмешательства (V001, VID_VME)
vmp_kind C вид ВМП (V018)
vmp_method C метод ВМП (V019)
vmp_group C группа ВМП
vmp_model C модель пациента ВМП
partial N1 услуга оказана частично/прервана (NPL)
= service/additionals/coefficients/kslp 0..n 1
coeff +C код КСЛП (IDSL)
value +F значение КСЛП (Z_SL)
act_coeff F фактически применённое значение
= service/additionals/onkologies/onkologie 0..1 1,7,9,11,12
usl_tip +C тип онкоуслуги (USL_TIP, N013)
hir_tip C тип хирургии (HIR_TIP, N014)
lek_tip_l C линия лек.терапии (LEK_TIP_L, N015)
lek_tip_v C цикл лек.терапии (LEK_TIP_V, N016)
pptr N1 противорвотная терапия (PPTR)
luch_tip C тип лучевой терапии (LUCH_TIP, N017)
= service/additionals/onkologies/onkologie/medicaments/medicament 0..n 1
regnum C код препарата (REGNUM, N020)
code_sh C схема терапии (CODE_SH, V024)
dose F доза
dose_type C единица дозы
mult C кратность
freq C частота
dura C длительность
= service/additionals/onkologies/onkologie/medicaments/medicament/injections/injection 0..n 1
date D дата введения (DATE_INJ)
= service/additionals/criterias/criteria 0..n 1
crit +C доп. классификационный критерий КСГ (CRIT, V024)
= service/additionals/stomats/stomat 0..1 16
n_tooth +C номер зуба
p_tooth +C поверхность/позиция зуба
= service/additionals/diagnoses/diagnose 0..n *
mkb +C диагноз услуги (МКБ-10)
= service/additionals/medicines/medicine 0..n * answer
xkey +K ключ записи
mkb +C диагноз
code +C код препарата/материала
doses +F количество доз
doctor +C врач
spec +C специальность
date_b D начало
date_e D окончание
= service/additionals/consumables/consumable 0..n * answer
xkey +K ключ записи
mkb +C диагноз
code +C код препарата/материала
doses +F количество доз
doctor +C врач
spec +C специальность
date_b D начало
date_e D окончание
= account/diagnoses/diagnose 0..n *
type +C тип диагноза (1 основной, 2 сопутств., 3 осложнение… — нумерация )
type_b C характер заболевания (C_ZAB)
mkb +C код МКБ-10
code_z C код характера/вида заболевания
code_d C диспансерное наблюдение
code_t C вид травмы
spec C специальность
= account/consiliums/consilium 0..n 1,2
pr +C цель консилиума (PR_CONS, N019)
dt D дата консилиума
= account/additionals/additional 0..1 *
division +C подразделение МО
finsource +C источник финансирования
invnumber C номер счёта
invdate D дата счёта
type_r +C тип записи: первичная/повторная (см. вопрос В4)
ident_r C идентификатор прежнего реестра/счёта при повторе
phase C этап (диспансеризации/реабилитации)
ds_onk N1 подозрение на ЗНО (DS_ONK)
inv C группа инвалидности (INV)
mse N1 направлен на МСЭ (MSE)
= account/additionals/additional_p 0..1 2,7,9,11,12,15,16
ad_pur +C цель посещения (P_CEL, V025)
togmh +C форма оказания помощи (V014: 1 экстр., 2 неотл., 3 план.)
treatment_places +C место обслуживания (поликлиника/на дому/актив)
g_health C группа здоровья
locality C тип местности/выездная бригада
appointment C назначения после осмотра (NAZ_R)
disp_result C результат диспансеризации (RSLT_D, V017)
disp_type C вид диспансеризации/осмотра (DISP, V016)
= account/additionals/additional_h_d 0..1 1
n_ward C № палаты/отделения
c_abortion C код прерывания беременности
pregnancy C срок беременности
c_childbirth C код родов
expert C признак/код экспертизы
act_expert C акт экспертизы
inner_transfer N1 внутрибольничный перевод (VB_P)
arrival_type C порядок поступления (доставлен/планово)
= account/additionals/additional_f 0..1 6
occasion +C повод к вызову
s_occasion C доп. повод
call +C тип вызова
delay C причина задержки
place +C место вызова
cause C причина несчастного случая
condition C состояние (опьянение и т.п.)
result_t +C результат выезда
kilometrage +F километраж
= account/additionals/additional_f/times/time 0..n 6
type_time +C вид отметки времени (приём, передача, выезд, прибытие…)
time +T дата-время отметки
ogrn_m N13 ОГРН МО, куда доставлен
= account/additionals/additional_f/complications/complication 0..n 6
code +C код осложнения
= account/additionals/additional_f/brigade_structure 0..1 6
doctor C врач бригады (из doctor_smp)
one_assistent C первый помощник
two_assistent C второй помощник
attendant C санитар
driver C водитель
= account/additionals/additional_onk 0..1 1,2
ds1_t +C повод обращения при ЗНО (DS1_T, N018)
stad C стадия (STAD, N002)
onk_t C T (N003)
onk_n C N (N004)
onk_m C M (N005)
mtstz N1 отдалённые метастазы (MTSTZ)
sod F суммарная очаговая доза (SOD)
k_fr I число фракций (K_FR)
b_weight F масса тела (WEI)
b_height I рост (HEI)
b_area F площадь поверхности тела (BSA)
= account/additionals/additional_onk/diagnostics/diagnostic 0..n 1,2
diag_date +D дата взятия материала (DIAG_DATE)
diag_tip +C тип показателя: 1 гистология, 2 маркёр (DIAG_TIP)
diag_code +C код показателя (DIAG_CODE)
diag_rslt C результат (DIAG_RSLT)
rec_rslt N1 результат получен (REC_RSLT)
= account/additionals/additional_onk/contraindications/contraindication 0..n 1,2
prot +C код противопоказания/отказа (PROT, N001)
d_prot +D дата регистрации (D_PROT)
= account/additionals/additional_onk/localization_metastases/localization_metastase 0..n 1,2
code C код локализации метастаза
= account/sum/elem 0..n *
type_acc +C вид расчёта (в паре: «_0» и основной)
suml F сумма, первая величина (см. amountl)
sum F сумма по счёту/услуге
= account/smo 0..1 * answer
pay +N1 решение плательщика; «4» = отказ (единственное значение, проверяемое ProMed)
= account/smo/an_pss/an_ps 0..n * answer
an_ps +C код ошибки полисной части (справочник, стадия 2)
polisser C серия полиса по данным регистра застрахованных
polisnum C номер полиса по регистру
begin_date D начало страхования по регистру
end_date D окончание страхования по регистру
comment C пояснение
= account/smo/an_sums/an_sum 0..n * answer
an_sum +C код ошибки сумм (стадия 3: code, затем num)
date_1 D дата конфликтующего счёта
provcode C код МО конфликтующего счёта
provname C наименование этой МО
n_pp C номер конфликтующего счёта
curestart D начало конфликтующего случая
cureend D окончание конфликтующего случая
doctor C врач конфликтующего случая
comment C пояснение
= account/smo/an_mess/an_mes 0..n * answer
an_mes +C код ошибки соответствия МЭС (стадия 3: code, затем num)
mkb C диагноз, к которому относится замечание
comment C пояснение
= patient/an_p 0..1 * answer
an_p +N1 «1» = паспортная часть не прошла проверку
surname C фамилия по регистру застрахованных
name C имя по регистру
patronymic C отчество по регистру
birthdate D дата рождения по регистру
sex N1 пол по регистру
docser C серия документа по регистру
docnum C номер документа по регистру
doctype C тип документа по регистру
comment C пояснение
= bill/personals 0..n * answer
surname C фамилия медработника
name C имя
patronymic C отчество
birthdate D дата рождения
sex N1 пол
ss C СНИЛС
= bill/personals/specializations 0..n * answer
spec C специальность
work_start D начало работы
order_s C приказ о приёме
order_start D дата приказа о приёме
work_end D окончание работы
order_n C приказ об увольнении
order_end D дата приказа об увольнении
= bill/expertises/expertise 0..n * answer
number C номер акта экспертизы
date D дата акта
number_p C номер предписания/поручения
date_p D дата предписания
n_exp C номер/код эксперта
type_opl C тип оплаты по итогу
xkey K ключ счёта
x_key2 K ключ исходного счёта
ref_occ C повод экспертизы
type C вид экспертизы (МЭЭ/ЭКМП)
n_card C номер карты
fio_d C ФИО врача
percent F процент снятия
process C процесс/этап
defect C код дефекта
final C заключение
final_rec C рекомендации
final_rec_n C номер/примечание рекомендаций
= bill/expertises/expertise/ps_sum/ps_elem 0..n * answer
type_acc C вид расчёта
suml F сумма, первая величина
sum F сумма санкции
= bill/expertises/expertise/defects 0..n * answer
code_type C тип кода дефекта
code C код дефекта
= bill/expertises/expertise/diagnoses/diagnose 0..n * answer
type C тип диагноза
mkb C МКБ заявленный
mkb_o C МКБ основной по экспертизе
mkb_v C МКБ верный
mkb_t C МКБ травмы
diagn_err C ошибка диагноза
t_diagn C текст диагноза
= bill/expertises/expertise/experts/expert 0..n * answer
type_expert C тип эксперта
snils C СНИЛС эксперта
fio C ФИО эксперта
expert_n C номер эксперта в реестре
= bill/expertises/expertise/treatments/treatment 0..n * answer
divname2 C отделение
divname2adr C адрес отделения
dop_doc C доп. документы
inf_sbor_r C сбор информации: расспрос
inf_sbor_f C физикальное
inf_sbor_li C лаб./инструм.
inf_sbor_sp C консультации специалистов
inf_sbor_con C консилиум
inf_sbor_err C ошибки сбора информации
lech_h C лечение хирургическое
lech_m C лечение медикаментозное
lech_pr C прочее лечение
lech_err C ошибки лечения
pre_in C преемственность: поступление
pre_d C преемственность: длительность
pre_tr C преемственность: перевод
pre_rec C преемственность: рекомендации
pre_err C ошибки преемственности
= flk 0..1 * answer
version C версия протокола ФЛК
year N4 год
month N2 месяц
type C тип протокола
creator C кем сформирован
creator_tel C телефон
org_name C наименование МО
org_ogrn N13 ОГРН МО
org_kpp N9 КПП МО
datetime T дата-время проверки
comment C примечание
= flk/plan/test 0..n * answer
code C код проверки (ссылка fact@test)
category C категория проверки
element C проверяемый элемент
condition C условие применения
expression C проверочное выражение
defect_code C код дефекта
count_total I сколько записей проверено
count_fail I сколько не прошло
ns C пространство/№ набора
= flk/register 0..1 * answer
filename C имя проверенного файла
creator C программа-создатель реестра
creator_tel C телефон
provider C код МО-поставщика
= flk/register/fact 0..n * answer
bill C ключ/№ bill
pat C patientcod пациента
acc K xkey персонального счёта (по нему ищется случай)
man K xkey услуги
test C код проверки → код ошибки
fact C текст нарушения → наименование ошибки
defect_code C код дефекта → номер ошибки
ns C № набора
= flk/register/fact/dt 0..n * answer
t C вид доп. данных (имя поля)
d C значение
"""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute (атрибут) of an element."""

    name: str
    kind: str
    required: bool
    title: str
    written: str  # spelling in the file


@dataclass(slots=True, eq=False)
class Element:
    """One element of bill.xml; containers without a section have no attributes."""

    tag: str
    path: str
    depth: int
    repeat: str = "0..1"
    types: frozenset[int] = frozenset()  # empty = all types of registry
    answer: bool = False  # only the payer fills it
    attributes: tuple[Attribute, ...] = ()
    children: dict[str, Element] = field(default_factory=dict)
    required: frozenset[str] = frozenset()  # names the regional map calls required

    @property
    def repeated(self) -> bool:
        return self.repeat == "0..n"

    def attribute(self, name: str) -> Attribute | None:
        return next((a for a in self.attributes if a.name == name), None)

    def find(self, path: str) -> Element:
        """Return the descendant «additionals/additional»; KeyError if the layout has none."""
        found = self
        for tag in path.split("/"):
            found = found.children[tag]
        return found

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children.values():
            yield from child.walk()

    def allowed(self, bill_type: int) -> bool:
        """Whether a registry of this type outputs the element."""
        return not self.types or bill_type in self.types


def _attribute(line: str) -> Attribute:
    name, kind, title = line.split(" ", 2)
    name, _, written = name.partition("=")
    return Attribute(name, kind.lstrip("+"), kind.startswith("+"), title, written or name)


def _place(root: Element, path: str) -> Element:
    """Return the element at the path, making the containers on the way."""
    here = root
    for tag in path.split("/")[1:]:
        if tag not in here.children:
            here.children[tag] = Element(tag, f"{here.path}/{tag}", here.depth + 1)
        here = here.children[tag]
    return here


def _build() -> Element:
    root = Element("package", "package", 0, repeat="1")
    lines: list[Attribute] = []
    current = root
    for line in TABLE.strip().splitlines():
        if not line.startswith("= "):
            lines.append(_attribute(line))
            continue
        _close(current, lines)
        lines = []
        path, repeat, types, *marks = line[2:].split()
        anchor, _, rest = path.partition("/")
        current = _place(root, f"{ANCHORS[anchor]}/{rest}".rstrip("/"))
        current.repeat = repeat
        current.types = frozenset() if types == "*" else frozenset(map(int, types.split(",")))
        current.answer = "answer" in marks
    _close(current, lines)
    return root


def _close(element: Element, lines: list[Attribute]) -> None:
    element.attributes = tuple(lines)
    element.required = frozenset(a.name for a in lines if a.required)


PACKAGE = _build()
BODY = PACKAGE.find("body")
BILL = BODY.find("bill")
FLK = BODY.find("flk")
PATIENT = BILL.find("patients/patient")
ACCOUNT = PATIENT.find("register_accounts/personal_account")
SERVICE = ACCOUNT.find("manipulations/manipulation")
