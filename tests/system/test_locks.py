"""Of several that ask for a lock one has it, until its file is closed or its process killed."""

import subprocess
import sys
import textwrap
from pathlib import Path

from cocomine.system.locks import try_lock, wait_for_lock


def test_one_of_two_has_the_lock_until_it_closes_the_file(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("ab") as first, (tmp_path / "lock").open("ab") as second:
        assert try_lock(first)
        assert not try_lock(second)
        first.close()
        assert try_lock(second)


def test_those_who_share_a_lock_keep_out_who_wants_it_alone(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("ab") as one, (tmp_path / "lock").open("ab") as two:
        assert try_lock(one, shared=True)
        assert try_lock(two, shared=True)
        with (tmp_path / "lock").open("ab") as third:
            assert not try_lock(third)


def test_waiting_for_a_lock_ends_at_its_limit(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("ab") as first, (tmp_path / "lock").open("ab") as second:
        assert wait_for_lock(first)
        assert not wait_for_lock(second, limit_s=0.03)


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    holding = """
        import sys, time
        from cocomine.system.locks import try_lock
        file = open(sys.argv[1], "ab")
        print(try_lock(file), flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(holding), str(tmp_path / "lock")]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        (tmp_path / "lock").open("ab") as file,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert not try_lock(file)
        process.kill()
        process.wait()
        assert try_lock(file)
