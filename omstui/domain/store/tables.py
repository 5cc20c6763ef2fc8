"""Tables of the database: the one list of columns. Nothing but omstui.domain.store imports it.

Money is integer kopecks, quantities integer hundredths, dates text «YYYY-MM-DD», moments text
«YYYY-MM-DD HH:MM:SS» local time, flags 0/1, JSON text with sorted keys and raw Cyrillic.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BlobField,
    CompositeKey,
    DeferredForeignKey,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

from omstui.domain.bookspecs import LOCAL, Column, LocalBook

database = SqliteDatabase(None, autoconnect=False)


class Base(Model):
    class Meta:
        database = database
        legacy_table_names = False


def chars(default: str = "", **options: Any) -> TextField:
    return TextField(default=default, constraints=[_default(default)], **options)


def whole(default: int = 0, **options: Any) -> IntegerField:
    return IntegerField(default=default, constraints=[_default(default)], **options)


def _default(value: str | int) -> Any:
    return SQL(f"DEFAULT {value!r}" if isinstance(value, int) else f"DEFAULT '{value}'")


def reference(model: type[Model] | str, **options: Any) -> ForeignKeyField:
    """A foreign key without its own index unless asked: bulk loads pay for each index."""
    options.setdefault("index", False)
    options.setdefault("backref", "+")
    return ForeignKeyField(model, **options)  # type: ignore[arg-type]


# --- settings, people, files -----------------------------------------------------------------


class Setting(Base):
    """One setting of the organisation (настройка): key «files.container», JSON value."""

    key = TextField(primary_key=True)
    value = chars()


class SettingEdit(Base):
    """History of settings."""

    key = chars()
    old = chars()
    new = chars()
    at = chars()
    who = chars()


class Operator(Base):
    """Operator (оператор): OS login and role."""

    login = TextField(primary_key=True)
    name = chars()
    role = chars("viewer")
    departments = chars("[]")
    created_at = chars()


class Insurer(Base):
    """Payer (СМО or, with out_of_region, the fund for patients of other regions)."""

    code = chars(unique=True)
    letter = chars()
    ogrn = chars()
    name = chars()
    out_of_region = whole()
    begin_date = TextField(null=True)
    end_date = TextField(null=True)
    #: requisites in an invoice
    inn = chars()
    kpp = chars()
    address = chars()
    bank = chars()
    bik = chars()
    account = chars()
    corr_account = chars()


class StoredFile(Base):
    """A file sent or accepted, whole, with its SHA-256 of the original bytes."""

    name = chars()
    sha256 = chars(index=True)
    size = whole()
    packing = chars("plain")  # plain | zlib, per chunk
    created_at = chars()


class FileChunk(Base):
    """Consecutive piece of a stored file."""

    file = reference(StoredFile, on_delete="CASCADE")
    seq = whole()
    data = BlobField()

    class Meta:
        primary_key = CompositeKey("file", "seq")


# --- operations ------------------------------------------------------------------------------


class Run(Base):
    """Operation run (выполнение операции)."""

    operation = chars()
    title = chars()
    params = chars("{}")
    who = chars()
    host = chars()
    pid = whole()
    pid_start = chars()
    started_at = chars(index=True)
    finished_at = TextField(null=True)
    #: running | ok | partial | refused | aborted | failed | crashed
    outcome = chars("running")
    message = chars()
    period = chars()
    run_file = chars()


class RunLine(Base):
    """Line of the log of a run; ``link`` names the list of cases behind it (JSON)."""

    run = reference(Run, on_delete="CASCADE")
    seq = whole()
    at = chars()
    level = chars("info")
    text = chars()
    link = TextField(null=True)

    class Meta:
        primary_key = CompositeKey("run", "seq")


class RunFile(Base):
    """File a run made or took."""

    run = reference(Run, on_delete="CASCADE")
    file = reference(StoredFile, null=True)
    path = chars()
    role = chars()  # out | in


class Lock(Base):
    """Who is writing what: one row per scope («db», later finer)."""

    scope = TextField(primary_key=True)
    run = reference(Run)
    who = chars()
    what = chars()
    since = chars()
    pid = whole()
    pid_start = chars()
    cancel = whole()


# --- patients and cases ----------------------------------------------------------------------


class Patient(Base):
    """Patient (пациент). rep_* is the representative (законный представитель)."""

    ext_id = chars(index=True)
    surname = chars()
    name = chars()
    patronymic = chars()
    fio_key = chars()
    birth_date = TextField(null=True)
    sex = chars()
    snils = chars()
    birth_place = chars()
    doc_type = chars()
    doc_series = chars()
    doc_number = chars()
    doc_date = chars()
    doc_org = chars()
    reliability = chars()  # DOST codes, comma separated
    rep_surname = chars()
    rep_name = chars()
    rep_patronymic = chars()
    rep_birth_date = chars()
    rep_sex = chars()
    rep_snils = chars()
    rep_birth_place = chars()
    rep_reliability = chars()
    phone = chars()
    okato_home = chars()
    okato_stay = chars()
    social_status = chars()
    extra = chars("{}")
    version = whole(1)

    class Meta:
        indexes = ((("fio_key", "birth_date"), False),)


class Policy(Base):
    """Policy of compulsory insurance (полис)."""

    patient = reference(Patient, index=True)
    type = chars()
    series = chars()
    number = chars()
    enp = chars(index=True)
    smo = chars()  # F002 code as given
    smo_ogrn = chars()
    smo_ok = chars()
    smo_name = chars()
    okato = chars()
    region = chars()  # two digits of the territory of insurance
    begin_date = chars()
    end_date = chars()
    extra = chars("{}")


class LoadFile(Base):
    """A source file that was loaded (загруженный файл) and what came of it."""

    run = reference(Run, null=True)
    name = chars()
    sha256 = chars(index=True)
    loaded_at = chars()
    new = whole()
    changed = whole()
    unchanged = whole()
    refused = whole()
    header = chars("{}")


class LoadProblem(Base):
    """A record of a source file that was refused, a conflict, or an unknown element."""

    load_file = reference(LoadFile, index=True, on_delete="CASCADE")
    level = chars("refused")  # refused | conflict | warning | unknown
    position = chars()
    reason = chars()
    case_key = chars()


class Case(Base):
    """Case (случай): header from Z_SL and the last SL; the rest of the source in ``extra``."""

    key = chars()  # family+USL_OK|CODE_MO|NHISTORY|DATE_Z_1 (product.md §6, §8)
    dup = whole()  # 0, 1, …: same key twice in one file
    twin = chars()  # what tells the twins apart: SL_ID|DATE_Z_2|profile|doctor
    family = chars("H")  # H or D
    letter = chars("H")  # H, C, T, D
    disp = chars()  # V016 for D files
    nhistory = chars()
    kind = chars()
    usl_ok = chars()
    help_type = chars()  # VIDPOM, V008
    help_form = chars()  # FOR_POM, V014
    ref_mo = chars()
    ref_date = chars()
    mo = chars()
    lpu = chars()
    department = chars()
    date_in = TextField(null=True)
    date_out = TextField(null=True)
    completed = whole(1)
    pay_type = chars("ОМС")
    pay_method = chars()  # IDSP, V010
    result = chars()  # RSLT, V009
    outcome = chars()  # ISHOD, V012
    disp_result = chars()  # RSLT_D, V017
    profile = chars()  # V002
    bed_profile = chars()  # V020
    child_profile = chars()  # DET
    purpose = chars()  # P_CEL, V025
    doctor = chars()
    specialty = chars()  # PRVS, V021
    ds_main = chars()
    ds_first = chars()
    ds2 = chars("[]")  # JSON list of codes
    ds3 = chars("[]")
    ds_char = chars()  # C_ZAB
    observation = chars()  # DN
    ksg = chars()
    bed_days = TextField(null=True)
    newborn = chars("0")  # NOVOR
    refused_exam = chars()  # P_OTK
    mobile_team = chars()  # VBR
    source_sum = whole()  # SUMV, kopecks
    comment = chars()
    patient = reference(Patient, index=True)
    policy = reference(Policy, null=True)
    payer = reference(Insurer, null=True)  # derived from the policy
    deleted_at = TextField(null=True)
    merged_into = IntegerField(null=True)
    sequestered = chars()  # period it was cut from
    source_hash = chars()
    load_file = reference(LoadFile, null=True)
    created_at = chars()
    updated_at = chars()
    version = whole(1)
    extra = chars("{}")

    class Meta:
        table_name = "cases"
        indexes = ((("key", "dup"), True), (("date_out", "kind"), False), (("nhistory",), False))


class Service(Base):
    """Service (услуга) of a case."""

    case = reference(Case, on_delete="CASCADE", index=True)
    n = whole()
    source_id = chars()  # IDSERV
    part = whole(1)  # which SL
    code = chars()
    name = chars()
    intervention = chars()  # VID_VME
    profile = chars()
    child_profile = chars()
    ds = chars()
    date_in = TextField(null=True)
    date_out = TextField(null=True)
    quantity = whole(100)  # hundredths
    tariff = whole()  # kopecks, of the source
    source_sum = whole()  # kopecks, of the source
    doctor = chars()
    specialty = chars()
    department = chars()
    lpu = chars()
    incomplete = chars()  # NPL / P_OTK
    extra = chars("{}")


class Edit(Base):
    """One corrected field (исправление): history of edits by operators, loads and answers."""

    case = reference(Case, null=True, index=True)
    patient = reference(Patient, null=True, index=True)
    entity = chars()  # case | patient | policy | service
    entity_id = whole()
    field = chars()
    old = chars()
    new = chars()
    at = chars()
    who = chars()
    origin = chars("operator")  # operator | load | identification


# --- registries, accounts, packages ----------------------------------------------------------


class Registry(Base):
    """Registry of personal accounts (реестр счетов)."""

    period = chars(index=True)
    kind = chars()
    name = chars()
    begin_date = chars()
    end_date = chars()
    pay_type = chars("ОМС")
    departments = chars("[]")
    is_test = whole()
    status = chars("Создан")
    reform_reason = chars()  # not empty = «нужно переформировать»
    with_late = whole()
    #: digit of the last identification package of the day (manual B, +1 / −1)
    ident_number = whole()
    formed_at = TextField(null=True)
    form_run = reference(Run, null=True)
    #: when the expertise, «Анализ МЭСов» and sequestration last went over it
    checked_at = TextField(null=True)
    check_run = reference(Run, null=True)
    mes_at = TextField(null=True)
    mes_run = reference(Run, null=True)
    sequestered_at = TextField(null=True)
    #: cases over the plan that could be cut, as the last forming or sequestration left them; null = not known
    over_plan = IntegerField(null=True)
    package = DeferredForeignKey("Package", null=True, index=False)
    accounts = whole()
    total = whole()  # kopecks
    created_at = chars()
    created_by = chars()
    deleted_at = TextField(null=True)


class Package(Base):
    """Outgoing file (выгрузка): a 3X of a period, a 7 of one insurer, a QPID, a bill of one payer."""

    kind = chars("3")  # 3 | 7 | Q (identification) | B (bill: one ZIP of H/C/T/D + L)
    registry = reference(Registry, null=True)  # of Q and B: one registry holds all kinds
    number = chars()  # of B: invoice number (NSCHET)
    date = chars()  # of B: invoice date (DSCHET); of Q: the day in its name
    letter = chars()  # of B: H, C, T, DP, …
    period = chars(index=True)
    is_test = whole()
    parent = reference("self", null=True)  # the 3X a 7 was cut from
    payer = reference(Insurer, null=True)
    service_digit = chars("1")
    name = chars()  # file name as sent
    file = reference(StoredFile)
    accounts = whole()
    total = whole()  # kopecks
    state = chars("active")  # active | restored | replaced
    origin = chars("export")  # export | load (a 3X of an earlier month that was loaded)
    created_at = chars()
    created_by = chars()
    run = reference(Run, null=True)
    sent_at = TextField(null=True)
    sent_by = chars()


class Answer(Base):
    """Accepted answer of the fund (принятый файл)."""

    package = reference(Package, null=True)  # a МЭК file answers bills of several months
    #: 1, 2: stages of manual A; ident, flk, mek of manual B
    road = chars()
    period = chars()  # month it was loaded into (МЭК)
    registry = reference(Registry, null=True)
    stage = whole()
    payer = reference(Insurer, null=True)  # APID and FLQPID have none
    file = reference(StoredFile)
    name = chars()
    accepted_at = chars()
    accepted_by = chars()
    run = reference(Run, null=True)
    lists_all = whole(1)
    accounts = whole()
    refused = whole()
    refused_sum = whole()
    flk = whole()
    state = chars("active")  # active | replaced | restored
    header = chars("{}")


class Account(Base):
    """Personal account (персональный счёт): one case in one registry, frozen as sent."""

    registry = reference(Registry, index=True)
    case = reference(Case, index=True)
    xkey = chars(unique=True)
    number = whole()  # n_pp
    payer = reference(Insurer, null=True)  # insurer it was sent for
    total = whole()  # kopecks
    repeat = chars()  # '' | primary | repeat
    prev = reference("self", null=True)  # account it replaces
    package = reference(Package, null=True, index=True)
    #: where the patient element stands in bill.xml of the package, bytes
    offset = IntegerField(null=True)
    length = IntegerField(null=True)
    stage1 = whole()  # Decision
    answer1 = reference(Answer, null=True)
    decided_payer = reference(Insurer, null=True)  # insurer whose file brought decision 1
    reform = reference(Package, null=True)  # the 7 it went into
    stage2 = whole()
    answer2 = reference(Answer, null=True)
    work = chars()  # WorkState
    note = chars()

    class Meta:
        indexes = ((("package", "payer"), False), (("work",), False))


class PayRegistry(Base):
    """Payment registry (реестр на оплату) of manual B: accounts of one payer and one type of case."""

    registry = reference(Registry, index=True, on_delete="CASCADE")
    payer = reference(Insurer, null=True)
    section = chars()  # smo | region (other territories) | none (not identified)
    case_type = chars()  # ТАП | МКСБ | СМП
    title = chars()
    accounts = whole()
    services = whole()
    total = whole()


class PayAccount(Base):
    """An account inside a payment registry and, once exported, its place in the bill."""

    pay_registry = reference(PayRegistry, index=True, on_delete="CASCADE")
    account = reference(Account, index=True)
    package = reference(Package, null=True, index=True)
    n_zap = whole()
    idcase = whole()

    class Meta:
        primary_key = CompositeKey("pay_registry", "account")


class IdentRow(Base):
    """A person of an identification package and what the fund answered."""

    package = reference(Package, index=True)
    n = whole()
    recid = chars(index=True)
    patient = reference(Patient, index=True)
    answer = reference(Answer, null=True)
    result = IntegerField(null=True)  # RES of APID
    error = chars()
    found = whole()
    data = chars("{}")


class Cut(Base):
    """A cut that is not a full refusal (частичное снятие, МЭЭ, ЭКМП): counts in the ledger, not for F8."""

    answer = reference(Answer, index=True)
    account = reference(Account, index=True)
    control = chars()  # S_TIP: 1 МЭК, 50–59 МЭЭ, 70–86 ЭКМП
    code = chars()
    total = whole()  # kopecks
    act_number = chars()
    act_date = chars()
    comment = chars()
    state = chars("active")  # active | replaced: the same act came again


class AccountService(Base):
    """Service inside an account, priced (услуга счёта)."""

    account = reference(Account, index=True, on_delete="CASCADE")
    #: row of service at forming; no foreign key: a later load may replace the services of a case
    service_id = IntegerField()
    xkey = chars()
    quantity = whole(100)
    tariff = whole()
    total = whole()


class FormSkip(Base):
    """Why a case stays out (90.x) or was dropped (91.x), per registry as last formed."""

    registry = reference(Registry, index=True, on_delete="CASCADE")
    case = reference(Case)
    service_id = IntegerField(null=True)
    code = chars()
    reason = chars()
    total = whole()


class AnswerLine(Base):
    """An account as listed by an answer."""

    answer = reference(Answer, index=True, on_delete="CASCADE")
    account = reference(Account, index=True)
    pay = chars()
    refused = whole()


class Refusal(Base):
    """Refusal (отказ) or ФЛК fact: one row per reason of one account."""

    answer = reference(Answer, index=True)
    account = reference(Account, null=True, index=True)
    stage = whole()
    payer = reference(Insurer, null=True)
    kind = chars()  # RefusalKind
    code = chars()
    text = chars()
    comment = chars()
    known = whole(1)  # 0 = not in the dictionary of codes
    refuses = whole(1)  # 0 = shown only (ФЛК fact)
    service_xkey = chars()
    data = chars("{}")  # what the fund holds: names, policy, the conflicting account
    state = chars("active")  # active | replaced | restored


class Resubmission(Base):
    """F8 «в реестр»: a refused account goes into the next registry."""

    account = reference(Account, index=True)
    case = reference(Case, index=True)
    stage = whole()
    target_period = chars()
    unchanged = whole()
    created_at = chars()
    created_by = chars()
    new_account = reference(Account, null=True)
    undone_at = TextField(null=True)
    undone_by = chars()


class CaseMerge(Base):
    """A merge of cases (объединение случаев) and what takes it back, until export."""

    run = reference(Run, null=True)
    operation = chars()  # dental-xray | merge-dental | merge-outpatient
    registry = reference(Registry, index=True)
    case = reference(Case, index=True)  # the case that stays
    at = chars()
    who = chars()
    #: {"fields": {name: [before, after]}, "cases": ids that went into it, "services": ids it got}
    data = chars("{}")
    undone_at = TextField(null=True)
    undone_by = chars()


class Withholding(Base):
    """Withholding (удержание) of an insurer for a period; the newest row counts, the rest is history."""

    period = chars()
    payer = reference(Insurer)
    total = IntegerField(null=True)  # kopecks; NULL = not entered
    notice_date = chars()
    note = chars()
    at = chars()
    who = chars()


# --- expertise, forecast, МЭС, sequestration -------------------------------------------------


class Finding(Base):
    """Finding of the expertise (замечание): one criterion on one case, or on one service of it.

    A criterion of several diagnoses leaves one for each of them.
    """

    registry = reference(Registry, null=True, on_delete="CASCADE")  # NULL: a case no registry holds yet
    case = reference(Case, on_delete="CASCADE")  # found by the index finding_once
    service_id = IntegerField(null=True)
    code = chars()  # NN.MMM
    message = chars()  # what was found and what would be right
    run = reference(Run, null=True)
    at = chars()

    class Meta:
        indexes = ((("registry", "code"), False),)


class CheckResult(Base):
    """What became of a criterion when a registry was last checked."""

    registry = reference(Registry, on_delete="CASCADE")
    code = chars()
    state = chars("done")  # done | skipped (no book) | failed
    reason = chars()
    milliseconds = whole()
    at = chars()

    class Meta:
        primary_key = CompositeKey("registry", "code")


class Forecast(Base):
    """A finding of an account as it stood when the account was sent: what МЭК was expected to refuse."""

    account = reference(Account, index=True, on_delete="CASCADE")
    code = chars()  # criterion
    mek = chars()  # code of 231н it foretells
    severity = chars()  # error | warning


class MesFinding(Base):
    """A line of «Анализ МЭСов» (yaroslavl.md §6.1) of a formed account."""

    registry = reference(Registry, index=True, on_delete="CASCADE")
    case = reference(Case, on_delete="CASCADE")
    service_id = IntegerField(null=True)
    code = chars()  # M01 … M13
    severity = chars("error")
    mes = chars()
    expected = chars()
    actual = chars()
    difference = whole()  # kopecks: in the account minus expected
    message = chars()


class SequesterCut(Base):
    """A case cut as over the plan (секвестирован), and what gives it back: its account as it was."""

    registry = reference(Registry, index=True)
    case = reference(Case, index=True)
    period = chars(index=True)
    plan = chars()  # the line of the plan in words
    unit = chars()
    quantity = whole()  # hundredths
    total = whole()  # kopecks
    data = chars("{}")  # the account and its services
    run = reference(Run, null=True)
    at = chars()
    who = chars()
    undone_at = TextField(null=True)
    undone_by = chars()


# --- money of the month -----------------------------------------------------------------------


class Invoice(Base):
    """Invoice (счёт на оплату) of one payer for one month, frozen as printed."""

    period = chars(index=True)
    registry = reference(Registry, null=True)  # manual B: one month may have several registries
    payer = reference(Insurer)
    year = whole()
    number = chars()
    date = chars()
    billed = whole()  # kopecks: files 7, or bills of manual B
    withheld = whole()
    payable = whole()
    #: requisites of both sides, lines by kind, packages: everything the paper shows
    data = chars("{}")
    state = chars("active")  # active | cancelled
    replaces = reference("self", null=True)
    created_at = chars()
    created_by = chars()
    cancelled_at = TextField(null=True)
    cancelled_by = chars()
    reason = chars()

    class Meta:
        indexes = ((("year", "number"), False),)


class Payment(Base):
    """Payment order of an insurer (платёжное поручение)."""

    payer = reference(Insurer, index=True)
    number = chars()
    date = chars()
    total = whole()  # kopecks
    note = chars()
    created_at = chars()
    created_by = chars()
    deleted_at = TextField(null=True)
    deleted_by = chars()


class PaymentPart(Base):
    """What of a payment order went to an invoice."""

    payment = reference(Payment, index=True, on_delete="CASCADE")
    invoice = reference(Invoice, index=True)
    total = whole()  # kopecks


class MonthClose(Base):
    """A month that is closed (закрытый месяц); reopened by a senior operator with a reason."""

    period = chars(index=True)
    closed_at = chars()
    closed_by = chars()
    reopened_at = TextField(null=True)
    reopened_by = chars()
    reason = chars()


class SavedPlace(Base):
    """Where an operator saved files of a kind last time."""

    who = chars()
    kind = chars()
    folder = chars()

    class Meta:
        primary_key = CompositeKey("who", "kind")


# --- reference books -------------------------------------------------------------------------


class Nsi(Base):
    """Row of a federal classifier: code and begin of its validity tell it apart (nsi.md)."""

    book = chars()
    code = chars()
    begin_date = chars()  # '' = from the beginning of time
    end_date = chars()  # '' = in force
    name = chars()
    a1 = chars()  # attributes criteria ask for, bookspecs.Classifier.attributes
    a2 = chars()
    data = chars("{}")  # all tags of the source

    class Meta:
        primary_key = CompositeKey("book", "code", "begin_date")
        without_rowid = True


class Book(Base):
    """A loaded reference book: edition, rows, when and from what file."""

    code = TextField(primary_key=True)
    title = chars()
    edition = chars()  # version of the package
    edition_date = chars()
    rows = whole()
    loaded_at = chars()
    file_name = chars()
    sha256 = chars()
    by = chars()
    #: 0 = came with the program or was compiled by us
    official = whole(1)


class BookMapping(Base):
    """Remembered columns of files: «header as in the file» → column of a local book (JSON)."""

    book = chars()
    header = chars()  # folded names of the header joined with «;»
    mapping = chars("{}")

    class Meta:
        primary_key = CompositeKey("book", "header")


def _book_field(column: Column) -> Any:
    if column.kind in ("text", "day", "child"):
        return chars()
    if column.kind == "flag" or column.required:
        return whole()
    return IntegerField(null=True)


def _book_model(book: LocalBook) -> type[Base]:
    """The table of a local book, made from the one list of its columns (bookspecs.LOCAL)."""
    meta = type("Meta", (), {"table_name": book.table, "indexes": ((book.key, True),)})
    members = {column.name: _book_field(column) for column in book.columns}
    return type(book.table, (Base,), members | {"Meta": meta, "__doc__": book.title, "__module__": __name__})


BOOK_MODELS: dict[str, type[Base]] = {book.code: _book_model(book) for book in LOCAL.values()}


TABLES: tuple[type[Base], ...] = (
    Setting,
    SettingEdit,
    Operator,
    Insurer,
    StoredFile,
    FileChunk,
    Run,
    RunLine,
    RunFile,
    Lock,
    Patient,
    Policy,
    LoadFile,
    LoadProblem,
    Case,
    Service,
    Edit,
    Registry,
    Package,
    Answer,
    Account,
    PayRegistry,
    PayAccount,
    IdentRow,
    Cut,
    AccountService,
    FormSkip,
    AnswerLine,
    Refusal,
    Resubmission,
    CaseMerge,
    Withholding,
    Finding,
    CheckResult,
    Forecast,
    MesFinding,
    SequesterCut,
    Invoice,
    Payment,
    PaymentPart,
    MonthClose,
    SavedPlace,
    Nsi,
    Book,
    BookMapping,
    *BOOK_MODELS.values(),
)


#: Indexes peewee cannot say: partial ones, so that bulk writes pay nothing for the empty rows
EXTRA_INDEXES = (
    "CREATE INDEX account_prev ON account(prev_id) WHERE prev_id IS NOT NULL",
    "CREATE INDEX resubmission_new ON resubmission(new_account_id) WHERE new_account_id IS NOT NULL",
    "CREATE UNIQUE INDEX finding_once ON finding(case_id, coalesce(registry_id, 0), code,"
    " coalesce(service_id, 0), message)",
    "CREATE INDEX cases_late ON cases(date_out) WHERE completed = 0 OR date_out IS NULL",
    "CREATE INDEX patient_snils ON patient(snils) WHERE snils <> ''",
    "CREATE INDEX patient_document ON patient(replace(doc_number, ' ', ''), doc_type) WHERE doc_number <> ''",
)


def columns(model: type[Model], *, without: tuple[str, ...] = ()) -> list[str]:
    """Names of the columns of a table in their order, for executemany."""
    return [f.column_name for f in model._meta.sorted_fields if f.column_name not in without]
