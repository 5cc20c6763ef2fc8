"""The training data: every planted case gets its reason, and what is formed is what the source says."""

from __future__ import annotations

import re
from pathlib import Path

from omstui.domain.store import db
from omstui.settings import read_settings
from tests.support import make_services


def test_planted_cases_get_their_reasons(tmp_path: Path, repo: Path) -> None:
    demo = repo / "data" / "demo"
    manifest = (demo / "README.md").read_text(encoding="utf-8")
    planted = dict(re.findall(r"^\| (90\.\d+) \| (\S+) \|", manifest, re.MULTILINE))
    assert len(planted) >= 19
    services = make_services(tmp_path, read_settings(demo / "settings.toml"))
    with db.connection():
        services.run("nsi-load", paths=[str(p) for p in sorted((demo / "books").glob("*.csv"))])
        services.run("load", paths=[str(demo / "2021-04")])
        outcome = services.run("form", period="2021-04")
        assert outcome.kind == "ok", outcome.message
        found = dict(
            db.execute(
                "SELECT s.code, c.nhistory FROM form_skip s JOIN cases c ON c.id=s.case_id"
                " WHERE s.code LIKE '90.%'"
            ).fetchall()
        )
        assert found == planted
        # the book holds the prices the sources were made with: no kopeck differs, КСГ included
        assert (
            db.execute(
                "SELECT c.key, a.total, c.source_sum FROM account a JOIN cases c ON c.id=a.case_id"
                " WHERE a.total <> c.source_sum AND c.nhistory <> ?",
                (planted["90.012"],),
            ).fetchall()
            == []
        )
