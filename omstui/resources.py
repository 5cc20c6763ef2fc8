"""Data shipped with the program (профили, учебные файлы): where they lie on this machine."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_dir() -> Path:
    """Return the folder with profiles and training input.

    An installed wheel carries it inside the package as `_data`; the source tree keeps it as
    the top-level `data`, so that editing a profile needs no reinstallation.

    Raises FileNotFoundError when neither exists, i.e. the installation is damaged.
    """
    for folder in (_PACKAGE / "_data", _PACKAGE.parent / "data"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"Рядом с программой ({_PACKAGE}) нет её папки с профилями и учебными файлами. "
        "Установка повреждена: установите omstui заново."
    )
