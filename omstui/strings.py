"""Words of the common parts of the screen (надписи), grouped by part."""

from __future__ import annotations

# --- notices of the key dispatcher
KEY_NOT_HERE = "{key} «{title}»: на этом экране не действует. Что можно — покажет F9."
KEY_UNAVAILABLE = "{key} «{title}» сейчас нельзя: {reason}"
AT_ROOT = "Это первый экран. Выход из программы — F10."
TOO_SMALL = "Окно {width}×{height}, нужно 80×24: часть экрана не видна. Увеличьте окно."

# --- list
LOADING = "Загрузка…"
EMPTY = "Нет записей"
REMOVED = "— запись удалена другим оператором —"
POSITION = "{row} / {count}"
MARKED = "отмечено {count}"
MARKED_SUM = "отмечено {count} на {total}"
SEARCHING = "поиск: {text}"
NOT_FOUND = "не найдено: {text}"
MARK_ALL = "Все строки списка"
MARK_TITLE = "Отметить"
UNMARK_TITLE = "Снять отметку"
SORT_TITLE = "Сортировка по столбцу"
SORT_DEFAULT = "Как было сначала"
NO_SORT = "порядок этого списка постоянный"
NOTHING_TO_COPY = "Нечего копировать: список пуст."
COPIED = "Строка скопирована в буфер терминала."
FILTER_LABEL = "Отбор: "

# --- form
YES = "Да"
NO = "Нет"
REQUIRED = "заполните поле"
BAD_DATE = "нужна дата ДД.ММ.ГГГГ"
BAD_MONTH = "нужен месяц ММ.ГГГГ"
BAD_INT = "нужно целое число"
BAD_MONEY = "нужна сумма: 1186.00"
CHOOSE_VALUE = "Пробел — список значений"
FORM_PAGE = "стр. {page} из {pages}"
UNSAVED = "Изменения не сохранены. Выйти без сохранения?"

# --- dialogs
KEY_NOT_IN_DIALOG = "{key} в этом окне не действует. Esc закроет его."
DIALOG_KEYS = "Enter — продолжить"
CONFIRM_KEYS = "Д — да · Н — нет · ←→ и Enter — выбрать · Esc — нет"
PARAMS_TITLE = "Укажите параметры операции"
PARAMS_KEYS = "Enter — следующее поле · Ctrl+W — выполнить · Esc — отмена"
MENU_TITLE = "Меню экрана «{screen}»"
MENU_KEYS = "Enter — выполнить · буквы — поиск · Esc — закрыть"
HELP_TITLE = "Клавиши экрана «{screen}»"
HELP_KEYS = "↑↓ PgUp PgDn — листать · Esc — закрыть"
HELP_LIST = "В списке"
HELP_FORM = "В полях"
HELP_LOG = "В ленте операции"
HELP_SECOND = "Каждая F-клавиша: ещё и Esc, затем цифра (или Alt+цифра), и пункт меню F9."

# --- file pick
PICK_FILE = "Выберите файл"
PICK_FOLDER = "Выберите папку"
PICK_KEYS_FILE = "Enter — войти, выбрать · Пробел — отметить · Tab — строка пути · Esc — отмена"
PICK_KEYS_FOLDER = "Enter — войти · Ins — взять эту папку · Tab — строка пути · Esc — отмена"
PICK_KEYS_ANY = "Enter — войти, выбрать · Пробел — отметить · Ins — вся эта папка · Tab — путь"
PICK_MISSING = "Нет такого файла или папки: {path}"
PICK_DENIED = "Нет права читать папку {path}"
PICK_NOT_FILE = "Здесь нужен файл, а это папка: {path}"
PICK_NOT_FOLDER = "Здесь нужна папка: {path}"
PICK_FOLDER_TAG = "папка"

# --- log and progress
PROGRESS = "{stage}: {done} из {total} ({percent} %)"
PROGRESS_OPEN = "{stage}: {done}"
LOG_CUT = "… начало ленты убрано, полная запись — в Журнале"

# --- application
EXIT_QUESTION = "Закрыть программу?"
EXIT_UNSAVED = "Изменения на этом экране не сохранены."
EXIT_RUNNING = "Идёт операция «{title}». Она продолжится без экрана и останется в Журнале."
BUG = (
    "Ошибка программы: {error}.\nПодробности записаны в {path}.\n"
    "Передайте этот файл сопровождению; данные не изменены."
)
BUG_NO_LOG = "Ошибка программы: {error}. Журнал ошибок записать не удалось: {reason}."
NO_SCREEN = "Нет экрана «{name}». Есть: {names}."

# --- operations on screens
OPERATION_NOW = "Выполняется операция «{title}»"
OPERATION_DONE = "Операция «{title}» завершена"
OPERATION_RUNS = "Идёт операция «{title}»"
OPERATION_RUNS_HINT = "Дождитесь её конца или прервите её: F9 «Ход операции»."
OPERATION_CRASHED = "Прервано сбоем: процесс остановлен, данные не изменены."
OPERATION_CLOSE = "(Esc — закрыть)"
OPERATION_STAY = "Остаться и смотреть"
OPERATION_FOLD = "Свернуть: операция продолжится без экрана"
OPERATION_ABORT = "Прервать: данные не изменятся"
ABORT = "Прервать"
ABORT_QUESTION = "Прервать операцию «{title}»? Данные не изменятся."
ABORTING = "Прерывается…"
FOLD = "Свернуть"
SAVE_LOG = "Сохранить ленту в файл"
LOG_FILE = "лента"
SAVED = "Сохранено: {path}"
NOTHING_RUNS = "Сейчас ничего не выполняется."
