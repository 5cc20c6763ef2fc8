"""The domain and the formats load without a screen library, and package roots load nothing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

# One fresh process: in this one pytest plugins may have loaded Textual already.
_PROBE = """
import importlib, json, pkgutil, sys
seen = []
for root in ("omstui.domain", "omstui.formats"):
    package = importlib.import_module(root)
    seen.append(root)
    for module in pkgutil.walk_packages(package.__path__, root + "."):
        if module.name.rpartition(".")[2] != "__main__":
            importlib.import_module(module.name)
            seen.append(module.name)
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"textual", "rich"})
print(json.dumps({"seen": seen, "loaded": loaded}))
"""


def test_import_of_domain_and_formats_loads_no_screen_library(repo: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _PROBE], cwd=repo, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert "omstui.domain.model" in result["seen"]
    assert result["loaded"] == []


_START = """
import sys
import omstui.app, omstui.cli.main, omstui.cli.commands, omstui.cli.money, omstui.cli.report
import omstui.screens.desk, omstui.screens.reports, omstui.screens.payments, omstui.screens.export
import omstui.domain.ops.invoices, omstui.domain.ops.report, omstui.domain.reports.catalog
print(sorted({name.partition(".")[0] for name in sys.modules} & {"reportlab", "xlsxwriter", "num2words"}))
"""


def test_libraries_of_reports_are_not_loaded_at_the_start(repo: Path) -> None:
    """They come with the first paper: the program starts as fast as without them."""
    run = subprocess.run([sys.executable, "-c", _START], cwd=repo, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["omstui", "omstui/domain", "omstui/formats"])
def test_package_root_imports_nothing(repo: Path, package: str) -> None:
    # ops use formats while formats use domain.model: acyclic only while the roots stay empty
    tree = ast.parse((repo / package / "__init__.py").read_text(encoding="utf-8"))
    imported = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__")
    ]
    assert imported == []
