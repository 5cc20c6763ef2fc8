"""Settings: unknown keys with the nearest known one, types, round trip through the database, roles."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from omstui.domain.errors import OmsError, UsageError
from omstui.domain.setup import create_database
from omstui.domain.store import config, db
from omstui.settings import Settings, build, config_files, database_path, read_settings
from tests.support import SETTINGS, make_services, settings


def test_settings_survive_the_database(tmp_path: Path) -> None:
    value = settings(defaults={"socialstat": "1"}, rules={"with_late": True})
    assert make_services(tmp_path, value).settings == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('profil = "yar"', ["profil", "profile"]),
        ('[mo]\nogrm = "1"', ["mo.ogrm", "mo.ogrn"]),
        ('[files]\ncontainer = ["zip"]', ["files.container", "строкой"]),
        ("[mo]\ninterorg_settlements = 1", ["interorg_settlements", "true или false"]),
        ("profile = ", ["TOML"]),
        ('insurers = "A"', ["insurers", "списком"]),
    ],
)
def test_wrong_settings_file_is_named_with_key_and_advice(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_settings(path)
    for word in [str(path), *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"insurers": [{"code": "1", "letter": "X"}]}, "кроме X"),
        ({"insurers": [{"code": "1", "letter": "A"}, {"code": "2", "letter": "a"}]}, "у двух"),
        ({"insurers": [{"code": "1", "letter": "A"}, {"code": "1", "letter": "B"}]}, "дважды"),
        ({"files": {"container": "rar"}}, "zip, 7z"),
        ({"files": {"service_digit": "12"}}, "одна цифра"),
        ({"mo": {"ogrn": "12a"}}, "mo.ogrn"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_the_database_is_made(
    tmp_path: Path, change: dict[str, object], word: str
) -> None:
    value = build(Settings, {**SETTINGS, **change}, "x")
    with pytest.raises(UsageError, match=word):
        create_database(tmp_path / "a.db", value, "yar")
    assert not (tmp_path / "a.db").exists()


def test_database_is_for_the_group_and_never_for_the_world(tmp_path: Path) -> None:
    create_database(tmp_path / "a.db", settings(), "yar")
    for path in tmp_path.glob("a.db*"):
        assert path.stat().st_mode & 0o777 == 0o660


def test_existing_database_is_not_overwritten(tmp_path: Path) -> None:
    create_database(tmp_path / "a.db", settings(), "yar")
    with pytest.raises(OmsError, match="уже есть"):
        create_database(tmp_path / "a.db", settings(), "yar")


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_foreign_file_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with pytest.raises(OmsError, match=r"omstui|не открывается"):
        db.bind(path)


def test_database_path_comes_from_the_shared_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMSTUI_DB")
    user = config_files()[1]
    user.parent.mkdir(parents=True)
    user.write_text('database = "/srv/oms/oms.db"', encoding="utf-8")
    assert database_path() == Path("/srv/oms/oms.db")
    assert database_path("x.db") == Path("x.db")
    user.write_text('databas = "/srv/oms/oms.db"', encoding="utf-8")
    with pytest.raises(UsageError, match="databas"):
        database_path()


def test_first_operator_is_senior_and_the_next_a_viewer(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    assert services.operator.role == "senior"
    from omstui.bootstrap import open_services

    assert open_services(str(services.database), login="второй").operator.role == "viewer"


def test_last_senior_cannot_be_demoted(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    outcome = services.run("operator-set", login="tester", role="viewer")
    assert outcome.kind == "refused"
    assert services.run("operator-set", login="второй", role="senior").kind == "ok"
    assert services.run("operator-set", login="tester", role="viewer").kind == "ok"


def test_settings_are_saved_with_history(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    outcome = services.run("settings-save", values={"mo": {"phone": "1-11"}, "files": {"container": "7z"}})
    assert outcome.kind == "ok"
    services.reload()
    assert (services.settings.mo.phone, services.settings.files.container) == ("1-11", "7z")
    with db.connection():
        rows = list(db.execute("SELECT key, old, new FROM setting_edit WHERE key='mo.phone'"))
        assert rows[-1] == ("mo.phone", '"(4852) 00-00-00"', '"1-11"')
        assert len(config.payers()) == 3
    assert services.run("settings-save", values={"files": {"container": "rar"}}).kind == "refused"


def test_network_mount_is_recognised() -> None:
    mounts = "/dev/sda / ext4 rw 0 0\nsrv:/oms /srv/oms nfs4 rw 0 0\n//s/x /mnt/my\\040disk cifs rw 0 0\n"
    assert db.mount_type(Path("/srv/oms/a.db"), mounts) == "nfs4"
    assert db.mount_type(Path("/mnt/my disk/a.db"), mounts) == "cifs"
    assert db.mount_type(Path("/srv/omsx/a.db"), mounts) == "ext4"


@pytest.mark.parametrize("text", ["database is locked", "disk I/O error"])
def test_trouble_of_the_disk_while_reading_is_a_sentence(tmp_path: Path, text: str) -> None:
    make_services(tmp_path)
    with pytest.raises(OmsError, match=r"занята|Ошибка базы данных"), db.connection():
        raise sqlite3.OperationalError(text)


def test_wrong_statement_stays_a_bug(tmp_path: Path) -> None:
    make_services(tmp_path)
    with pytest.raises(sqlite3.OperationalError, match="no such column"), db.connection():
        db.execute("SELECT absent FROM cases")
