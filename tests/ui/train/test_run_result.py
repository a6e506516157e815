"""A run's weights work outside the app as the page says, and are read for a download no sooner than it begins."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from apps import again, read, shown
from PIL import Image
from run_folders import INFO, sign_status, write_run
from small_weights import write_small_weights
from streamlit.testing.v1 import AppTest

from cocomine.errors import WeightsError
from cocomine.system import extras
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import with_this_package
from cocomine.training.runs import onnx_files
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.onnx_files import OnnxFile
from cocomine.training.runs.reading import BEST, CARD, LAST
from cocomine.ui.session.jobs import existing_job
from cocomine.ui.train.run_result import _onnx_work


def result_page(folder: str) -> None:
    import time
    from pathlib import Path

    from cocomine.training.runs.reading import read_run
    from cocomine.ui.train.run_result import run_result

    run_result(read_run(Path(folder), time.time()))


def files_page(folder: str) -> None:
    import time
    from pathlib import Path

    from cocomine.training.runs.reading import read_run
    from cocomine.ui.train.run_files import run_files

    run_files(read_run(Path(folder), time.time()))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = write_run(tmp_path / "mine-1")
    for name in (BEST, LAST):
        write_small_weights(folder / name)
    (folder / CARD).write_text("# A card")
    return folder


@pytest.mark.slow
def test_the_lines_of_python_label_an_image_outside_the_app(run: Path, tmp_path: Path) -> None:
    lines = shown(result_page, str(run)).code[0].value
    assert len(lines.splitlines()) == 3
    Image.new("RGB", (50, 40), "red").save(tmp_path / "street.jpg")
    done = subprocess.run(
        [sys.executable, "-c", f"{lines}\nprint(labels.shape, labels.dtype, labels.max() < 3)"],
        cwd=tmp_path,
        env=with_this_package(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "(40, 50) uint8 True"


def test_each_file_is_read_only_when_somebody_takes_it(run: Path) -> None:
    buttons = [button.proto for button in shown(result_page, str(run)).get("download_button")]
    assert [button.label for button in buttons] == ["Best weights", "Last weights", "Model card", "Settings"]
    assert all(button.deferred_file_id and not button.url for button in buttons)
    assert buttons[0].help.startswith(f"{BEST}, ")


def test_a_run_without_weights_has_no_result(run: Path) -> None:
    (run / BEST).unlink()
    assert not read(shown(result_page, str(run)))


def make_onnx(app: AppTest, run: Path) -> AppTest:
    app.button(key=f"make-onnx-{run}").click().run()
    job = existing_job(_onnx_work(run)[0])
    assert job is not None
    assert job.wait(20)
    return again(app)


def test_onnx_is_made_on_a_click_told_how_far_it_is_and_made_anew_for_other_weights(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_onnx(_weights: Path, target: Path, _progress: Progress) -> OnnxFile:
        target.write_bytes(b"onnx")
        return OnnxFile(
            path=str(target), size_bytes=4, opset=20, side_px=32, labels=INFO.labels, largest_difference=2.4e-6
        )

    monkeypatch.setattr(onnx_files, "write_onnx", write_onnx)
    app = make_onnx(shown(result_page, str(run)), run)
    assert "At most 2.4e-06 from PyTorch's logits." in read(app)
    assert app.get("download_button")[-1].proto.label == "ONNX"

    app = shown(result_page, str(run.rename(run.with_name("renamed"))))
    assert "At most 2.4e-06 from PyTorch's logits." in read(app)
    renamed = run.with_name("renamed")
    os.utime(renamed / BEST, ns=(2**62, 2**62))
    assert again(app).button(key=f"make-onnx-{renamed}")


def test_a_failure_of_onnx_is_said_and_it_can_be_tried_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_onnx(weights: Path, *_: object) -> OnnxFile:
        raise WeightsError(f"{weights}: cannot be read. Train again.")

    monkeypatch.setattr(onnx_files, "write_onnx", write_onnx)
    app = make_onnx(shown(result_page, str(run)), run)
    assert "best.safetensors: cannot be read" in app.error[0].value.replace("\\", "")
    assert app.button(key=f"make-onnx-{run}")


def test_where_packages_are_missing_the_command_that_installs_them_is_named(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "onnxscript" else object())
    app = shown(result_page, str(run))
    assert "Writing ONNX needs onnxscript, not installed here. Run `" in read(app).replace("\\", "")
    assert not app.button


def test_the_console_shows_the_end_of_the_log_and_the_files_their_sizes(run: Path) -> None:
    (run / "log.txt").write_text("x" * 20_000 + "\nthe end")
    app = shown(files_page, str(run))
    assert app.code[0].value.endswith("the end")
    assert len(app.code[0].value) < 17_000
    files = app.dataframe[0].value
    assert dict(zip(files["File"], files["Size"], strict=True))["log.txt"] == "20 kB"
    assert "System" not in [each.label for each in app.expander]


def test_the_system_is_shown_while_a_run_is_at_work(run: Path) -> None:
    sign_status(run, state="running")
    with take_lock(run):
        text = read(shown(files_page, str(run))).replace("\\", "")
    for words in ("Device: CPU", " busy · Memory: ", "Free disk: "):
        assert words in text
