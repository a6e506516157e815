"""`cocomine index` writes tables, and every command takes them as a dataset."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from records import document, write_split

from cocomine.cli.parser import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_split(tmp_path / "coco", document(), split="val2017")
    return tmp_path / "coco"


def test_index_says_what_it_wrote(data: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["index", str(data), "--out", str(tmp_path / "tables"), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["folder"] == str(tmp_path / "tables")
    assert value["rows"] == {"val2017": {"images": 4, "annotations": 6, "categories": 3, "splits": 1}}
    assert main(["index", str(data), "--out", str(tmp_path / "more")]) == 0
    assert "val2017: 4 images, 6 annotations\n" in capsys.readouterr().out


def test_commands_say_of_tables_what_they_say_of_json(data: Path, capsys: Capture) -> None:
    tables = data / "tables"
    assert main(["index", str(data), "--out", str(tables)]) == 0
    for command in ("check", "stats", "pairs"):
        capsys.readouterr()
        said = []
        for dataset in (data, tables):
            assert main([command, str(dataset), "--json"]) == 0
            said.append(capsys.readouterr().out)
        assert said[0] == said[1] != ""


def test_a_recipe_of_tables_is_replayed(data: Path, tmp_path: Path, capsys: Capture) -> None:
    tables, out = data / "tables", tmp_path / "export"
    assert main(["index", str(data), "--out", str(tables)]) == 0
    assert main(["mine", str(tables), "--classes", "cat,cup", "--mask-size", "32", "--out", str(out)]) == 0
    assert main(["mine", str(tables), "--recipe", str(out / "recipe.yaml"), "--out", str(tmp_path / "again")]) == 0
    capsys.readouterr()
    assert (tmp_path / "again" / "manifest.json").read_bytes() == (out / "manifest.json").read_bytes()


def test_commands_on_json_do_not_import_what_reads_tables(data: Path) -> None:
    program = (
        "import sys; from cocomine.cli.parser import main\n"
        f"code = main(['check', {str(data)!r}]) or main(['pairs', {str(data)!r}])\n"
        "sys.exit(code or 'pyarrow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
