"""Whatever a server does, an image is right and under its name, or listed with the reason."""

import os
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from bad_server import (
    HOST,
    INNER_HOST,
    LOOPBACK,
    Answer,
    Fault,
    dropped_after,
    endless,
    range_ignored,
    redirect_to,
    sent,
    status,
    truncated_to,
)
from download_bench import HURRY, SIZE, Bench, jpeg

from cocomine.coco.size import Size
from cocomine.downloading.addresses import Network
from cocomine.downloading.permission import Permission
from cocomine.downloading.plan import DownloadPlan
from cocomine.downloading.waiting import Patience

NAME, PATH = "a.jpg", "/a.jpg"
PAGE = b"<!DOCTYPE html><title>Sign in</title>" + b" " * 2000


def reason(bench: Bench, *faults: Fault, urls: tuple[str, ...] = (), permission: Permission | None = None) -> str:
    """Why the one image did not come; nothing is under its name, and nothing of it is kept under a final one."""
    bench.add(NAME)
    bench.server.faults[PATH] = list(faults)
    report = bench.download(bench.plan(NAME, urls=urls), bench.conditions(permission))
    assert (report.fetched, report.kept, report.there) == (0, 0, 0)
    assert bench.places() == set()
    assert "" not in bench.kept_names()
    (failure,) = report.failures
    assert failure.name == NAME
    return failure.reason


def comes(bench: Bench, *faults: Fault) -> list[int]:
    """The image comes in spite of faults; return how many bytes each answer sent."""
    bench.add(NAME)
    bench.server.faults[PATH] = list(faults)
    report = bench.download(bench.plan(NAME))
    assert (report.fetched, report.failures) == (1, ())
    assert bench.is_right(NAME)
    assert bench.kept_names() == [""]
    return [request.sent_bytes for request in bench.server.asked(PATH)]


def test_images_come_whole_into_folders_that_were_not_there(bench: Bench) -> None:
    names = [f"val/{number}.jpg" for number in range(40)]
    bench.add(*names)
    report = bench.download(bench.plan(*names))
    assert (report.fetched, report.is_complete) == (40, True)
    assert report.received_bytes == sum(map(len, bench.server.files.values()))
    assert bench.places() == set(names)
    assert all(map(bench.is_right, names))


def test_nothing_wanted_is_nothing_done(bench: Bench) -> None:
    assert bench.download(DownloadPlan(images=())).is_complete
    assert not bench.store.folder.exists()


def test_a_second_download_asks_for_nothing(bench: Bench) -> None:
    bench.add("a.jpg", "b.jpg")
    bench.download(bench.plan("a.jpg", "b.jpg"))
    report = bench.download(bench.plan("a.jpg", "b.jpg"))
    assert (report.there, report.fetched, report.received_bytes) == (2, 0, 0)
    assert len(bench.server.requests) == 2


def test_another_export_shares_the_bytes_of_what_is_kept(bench: Bench) -> None:
    bench.add(NAME)
    bench.download(bench.plan(NAME))
    first, bench.folder = bench.folder, bench.folder.with_name("others")
    report = bench.download(bench.plan(NAME))
    assert (report.kept, report.fetched, len(bench.server.requests)) == (1, 0, 1)
    assert (first / NAME).samefile(bench.folder / NAME)


def test_where_no_link_is_possible_it_is_copied(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", no_link)
    comes(bench)


def test_what_is_kept_and_was_damaged_since_is_fetched_anew(bench: Bench) -> None:
    comes(bench)
    (kept,) = (path for path in bench.store.folder.rglob("*") if path.is_file())
    kept.write_bytes(kept.read_bytes()[:5000])
    bench.folder = bench.folder.with_name("others")
    assert bench.download(bench.plan(NAME)).fetched == 1
    assert bench.is_right(NAME)


def test_a_drop_in_the_middle_is_gone_on_with_where_it_was(bench: Bench) -> None:
    bench.add(NAME)
    size = len(bench.server.files[PATH])
    assert comes(bench, dropped_after(3000), dropped_after(4000)) == [3000, 4000, size - 7000]


def test_what_had_come_is_not_fetched_again_by_the_next_download(bench: Bench) -> None:
    bench.add(NAME)
    bench.server.faults[PATH] = [dropped_after(2000)] * HURRY.tries
    report = bench.download(bench.plan(NAME))
    assert report.failures[0].reason.endswith("(3 failed attempts)")
    assert (bench.places(), bench.kept_names()) == (set(), [".part", ".part.json"])
    before = len(bench.server.requests)
    assert bench.download(bench.plan(NAME)).fetched == 1
    assert bench.is_right(NAME)
    (last,) = bench.server.requests[before:]
    assert last.sent_bytes == len(bench.server.files[PATH]) - 6000


def test_a_server_that_ignores_ranges_sends_the_whole_file_again(bench: Bench) -> None:
    bench.add(NAME)
    size = len(bench.server.files[PATH])
    assert comes(bench, dropped_after(5000), range_ignored) == [5000, size]


def test_a_file_that_changes_between_two_parts_is_fetched_from_its_beginning(bench: Bench) -> None:
    def changed(each: Answer) -> None:
        bench.server.files[PATH] = jpeg(99)
        dropped_after(6000)(each)

    sizes = comes(bench, dropped_after(5000), changed)
    assert sizes[:2] == [5000, 6000]
    assert bench.server.files[PATH] == jpeg(99)


def test_parts_of_different_versions_are_not_joined_even_if_the_server_would(bench: Bench) -> None:
    def rest_of_another(each: Answer) -> None:
        other = jpeg(99) + bytes(len(bench.server.files[PATH]))
        size = len(bench.server.files[PATH])
        place = {"Content-Range": f"bytes 5000-{size - 1}/{size}", "Content-Length": str(size - 5000), "ETag": '"x"'}
        each.head(206, place)
        each.send(other[5000:size])

    assert len(comes(bench, dropped_after(5000), rest_of_another)) == 3


def test_without_a_version_nothing_is_joined(bench: Bench) -> None:
    bench.server.has_tags = False
    bench.add(NAME)
    assert comes(bench, dropped_after(5000)) == [5000, len(bench.server.files[PATH])]


def test_a_rest_that_the_server_does_not_have_is_dropped(bench: Bench) -> None:
    assert len(comes(bench, dropped_after(5000), status(416))) == 3


def test_an_image_that_is_cut_short_is_fetched_again(bench: Bench) -> None:
    assert len(comes(bench, truncated_to(9000))) == 2


def test_an_image_that_is_always_cut_short_is_listed(bench: Bench) -> None:
    assert "no sound image" in reason(bench, *[truncated_to(9000)] * HURRY.tries)
    assert bench.kept_names() == []


def test_a_length_that_is_announced_too_long_is_told(bench: Bench) -> None:
    bench.server.has_tags = False
    data = jpeg(1)

    def too_long(each: Answer) -> None:
        each.head(200, {"Content-Length": str(len(data) + 500)})
        each.send(data)
        each.hang_up()

    assert "(3 failed attempts)" in reason(bench, *[too_long] * HURRY.tries)


def test_a_file_without_an_announced_length_comes_as_well(bench: Bench) -> None:
    def unannounced(each: Answer) -> None:
        each.head(200, {"Connection": "close"})
        each.send(each.body)
        each.hang_up()

    assert len(comes(bench, unannounced)) == 1


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(bench: Bench, code: int) -> None:
    assert comes(bench, status(code))[0] == 0


def test_a_server_that_stays_busy_is_listed(bench: Bench) -> None:
    assert reason(bench, *[status(503)] * 3).endswith("answers 503 Service Unavailable (3 failed attempts)")


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 451, 206, 204])
def test_an_answer_that_will_not_change_is_asked_for_once(bench: Bench, code: int) -> None:
    assert f"answers {code}" in reason(bench, *[status(code)] * 3)
    assert len(bench.server.requests) == 1


@pytest.mark.parametrize("written", ["1", "date"])
def test_what_a_server_asks_to_wait_is_waited(bench: Bench, written: str) -> None:
    times = list[datetime]()

    def busy(each: Answer) -> None:
        times.append(datetime.now(UTC))
        text = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True) if written == "date" else written
        status(503, Retry_After=text)(each)

    def late(each: Answer) -> None:
        times.append(datetime.now(UTC))
        each.whole()

    comes(bench, busy, late)
    assert 1.0 <= (times[1] - times[0]).total_seconds() < 4


def test_a_wait_beyond_the_bound_is_told_and_not_waited(bench: Bench) -> None:
    assert reason(bench, status(429, Retry_After="3600")).endswith(
        "answers 429 Too Many Requests and asks to come back in about 60 minutes"
    )


def test_a_redirect_to_an_allowed_host_is_followed(bench: Bench) -> None:
    bench.add(NAME, "b.jpg")
    bench.server.faults[PATH] = [redirect_to("/b.jpg")]
    assert bench.download(bench.plan(NAME)).is_complete
    assert (bench.folder / NAME).read_bytes() == bench.server.files["/b.jpg"]


@pytest.mark.parametrize("place", ["http://127.0.0.1:{port}/b.jpg", "http://inner.test:{port}/b.jpg"])
def test_a_redirect_to_this_computer_is_not_followed_even_if_the_host_is_allowed(bench: Bench, place: str) -> None:
    bench.add("b.jpg")
    port = bench.server.port
    permission = bench.server.permission(f"127.0.0.1:{port}", f"{INNER_HOST}:{port}")
    told = reason(bench, redirect_to(place.format(port=port)), permission=permission)
    assert "leads to 127.0.0.1, which is not an address on the public internet" in told
    assert not bench.server.asked("/b.jpg")


def test_a_redirect_to_the_address_of_a_clouds_secrets_is_not_followed(bench: Bench) -> None:
    permission = bench.server.permission("169.254.169.254")
    told = reason(bench, redirect_to("http://169.254.169.254/latest/meta-data/"), permission=permission)
    assert "169.254.169.254, which is not an address on the public internet" in told


def test_a_redirect_to_a_host_that_was_not_allowed_names_it(bench: Bench) -> None:
    bench.add(NAME)
    bench.server.faults[PATH] = [redirect_to("https://elsewhere.example.org/a.jpg")]
    (failure,) = bench.download(bench.plan(NAME)).failures
    assert failure.wants_host == "elsewhere.example.org"
    assert "is on elsewhere.example.org, which is none of COCO's hosts" in failure.reason


def test_an_address_of_this_computer_in_the_dataset_is_not_asked(bench: Bench) -> None:
    urls = (f"http://{INNER_HOST}:{bench.server.port}/a.jpg",)
    permission = bench.server.permission(f"{INNER_HOST}:{bench.server.port}")
    assert "inner.test leads to 127.0.0.1" in reason(bench, urls=urls, permission=permission)
    assert not bench.server.requests


def test_the_network_as_it_is_never_reaches_this_computer(bench: Bench) -> None:
    bench.add(NAME)
    url = f"http://127.0.0.1:{bench.server.port}/a.jpg"
    host = frozenset({f"127.0.0.1:{bench.server.port}"})
    conditions = bench.conditions(Permission(hosts=host, plain_hosts=host))
    conditions = type(conditions)(permission=conditions.permission)
    (failure,) = bench.download(bench.plan(NAME, urls=[url]), conditions).failures
    assert "127.0.0.1 leads to 127.0.0.1, which is not an address on the public internet" in failure.reason
    assert not bench.server.requests


def test_a_host_that_was_not_allowed_is_not_asked(bench: Bench) -> None:
    told = reason(bench, permission=Permission())
    assert "was not allowed" in told
    assert not bench.server.requests


def test_a_host_that_does_not_speak_https_may_be_allowed_without(bench: Bench) -> None:
    bench.add(NAME)
    network = Network(resolve=lambda _, __: [LOOPBACK], may_reach=lambda *_: True)  # nothing listens on port 443
    conditions = bench.conditions(Permission(hosts=frozenset({HOST})), network=network)
    (failure,) = bench.download(bench.plan(NAME, urls=[f"http://{HOST}/a.jpg"]), conditions).failures
    assert failure.wants_plain_host == HOST
    (failure,) = bench.download(bench.plan(NAME, urls=[f"https://{HOST}/a.jpg"]), conditions).failures
    assert failure.wants_plain_host is None


def test_what_a_host_answered_is_no_reason_to_ask_it_without_encryption(bench: Bench) -> None:
    (failure,) = bench.download(bench.plan(NAME)).failures
    assert "404" in failure.reason
    assert failure.wants_plain_host is None


def test_redirects_in_a_circle_end(bench: Bench) -> None:
    assert reason(bench, redirect_to("/a.jpg")).endswith("redirects in a circle")


def test_more_than_five_redirects_are_not_followed(bench: Bench) -> None:
    for number in range(6):
        bench.server.faults[f"/{number}"] = [redirect_to(f"/{number + 1}")]
    assert reason(bench, redirect_to("/0")).endswith("redirects more than 5 times")
    assert len(bench.server.requests) == 6


def test_five_redirects_are_followed(bench: Bench) -> None:
    for number in range(5):
        bench.server.faults[f"/{number}"] = [redirect_to(f"/{number + 1}" if number < 4 else "/b.jpg")]
    bench.add("b.jpg")
    urls = [bench.server.url("/0")]
    assert bench.download(bench.plan(NAME, urls=urls)).is_complete


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "image/jpeg"])
def test_a_web_page_is_not_an_image_whatever_it_calls_itself(bench: Bench, kind: str) -> None:
    assert "a web page" in reason(bench, sent(PAGE, Content_Type=kind))
    assert bench.kept_names() == []


def test_an_image_of_another_size_is_refused(bench: Bench) -> None:
    other = jpeg(1, Size(height=SIZE.width, width=SIZE.height))
    assert "is 96 × 128 pixels, and the dataset says 128 × 96" in reason(bench, sent(other))


def test_a_compressed_answer_is_refused(bench: Bench) -> None:
    assert "compressed" in reason(bench, sent(jpeg(1), Content_Encoding="gzip"))


@pytest.mark.parametrize("announced", [None, 3 << 20])
def test_an_endless_answer_is_cut(bench: Bench, announced: int | None) -> None:
    assert "larger than 2.1 MB" in reason(bench, endless(announced))
    assert bench.kept_names() == []
    bench.server.wait_for(1)
    assert bench.server.requests[0].sent_bytes < 20 << 20  # 2 MB and what the system keeps between the two


def test_a_file_of_ones_own_is_never_overwritten(bench: Bench) -> None:
    bench.add(NAME)
    bench.folder.mkdir()
    (bench.folder / NAME).write_bytes(b"mine")
    (failure,) = bench.download(bench.plan(NAME)).failures
    assert "a file that is no sound image has its name" in failure.reason
    assert (bench.folder / NAME).read_bytes() == b"mine"


def test_a_link_in_the_target_folder_does_not_lead_out(bench: Bench) -> None:
    bench.add("out/a.jpg")
    outside = bench.folder.with_name("outside")
    outside.mkdir()
    bench.folder.mkdir()
    (bench.folder / "out").symlink_to(outside)
    (failure,) = bench.download(bench.plan("out/a.jpg")).failures
    assert "leads out of it" in failure.reason
    assert not list(outside.iterdir())


def test_a_file_in_the_place_of_a_folder_is_told_of_that_image_alone(bench: Bench) -> None:
    bench.add("a/b.jpg", "c.jpg", "a/b/c.jpg")
    bench.folder.mkdir()
    (bench.folder / "a").write_bytes(b"mine")
    report = bench.download(bench.plan("a/b.jpg", "a/b/c.jpg", "c.jpg"))
    assert {each.name for each in report.failures} == {"a/b.jpg", "a/b/c.jpg"}
    assert "a file is where its folder would be" in report.failures[0].reason
    assert bench.is_right("c.jpg")


def test_a_link_to_nowhere_is_not_written_through(bench: Bench) -> None:
    bench.add(NAME)
    bench.folder.mkdir()
    (bench.folder / NAME).symlink_to(bench.folder.with_name("nowhere.jpg"))
    assert "has its name" in bench.download(bench.plan(NAME)).failures[0].reason
    assert not bench.folder.with_name("nowhere.jpg").exists()


@pytest.mark.parametrize("note", [b"", b"{", b'{"validator": 7, "total": "many"}', b"[]"])
def test_a_damaged_note_of_a_part_means_a_new_beginning(bench: Bench, note: bytes) -> None:
    bench.add(NAME)
    bench.server.faults[PATH] = [dropped_after(2000)] * HURRY.tries
    bench.download(bench.plan(NAME))
    (path,) = bench.store.folder.rglob("*.json")
    path.write_bytes(note)
    assert bench.download(bench.plan(NAME)).fetched == 1
    assert bench.is_right(NAME)
    assert bench.server.requests[-1].sent_bytes == len(bench.server.files[PATH])


def test_failures_are_listed_and_the_next_download_fetches_them_alone(bench: Bench) -> None:
    names = [f"{number}.jpg" for number in range(12)]
    bench.add(*names)
    for name in names[::3]:
        bench.server.faults[f"/{name}"] = [status(404)]
    report = bench.download(bench.plan(*names))
    assert sorted(each.name for each in report.failures) == sorted(names[::3])
    before = len(bench.server.requests)
    again = bench.download(bench.plan(*names))
    assert (again.fetched, again.there, again.failures) == (4, 8, ())
    assert len(bench.server.requests) - before == 4


def test_a_host_that_sends_nothing_is_given_up_after_a_while(bench: Bench) -> None:
    names = [f"{number}.jpg" for number in range(100)]
    bench.server.faults.update({f"/{name}": [status(503)] * 9 for name in names})
    report = bench.download(bench.plan(*names), bench.conditions(patience=Patience(tries=2, first_wait_s=0.001)))
    assert len(report.failures) == 100
    assert len(bench.server.requests) <= 2 * (16 + 8)
    assert any("did not send the 16 files before it" in each.reason for each in report.failures)


def test_a_host_that_asks_for_hours_is_not_asked_by_every_image(bench: Bench) -> None:
    names = [f"{number}.jpg" for number in range(100)]
    bench.server.faults.update({f"/{name}": [status(429, Retry_After="9999")] for name in names})
    assert len(bench.download(bench.plan(*names)).failures) == 100
    assert len(bench.server.requests) <= 16 + 8


def test_two_downloads_at_once_fetch_each_image_once(bench: Bench) -> None:
    names = [f"{number}.jpg" for number in range(30)]
    bench.add(*names)
    plans = [bench.plan(*names)]
    bench.folder = bench.folder.with_name("others")
    plans.append(bench.plan(*names))
    threads = [threading.Thread(target=bench.download, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bench.server.requests) == 30
    assert all(
        (wanted.target.read_bytes() == bench.server.files[f"/{wanted.name}"]) for p in plans for wanted in p.images
    )
    assert set(bench.kept_names()) == {""}


def test_a_day_of_bad_luck(bench: Bench) -> None:
    """Every image is right or listed, whatever happened to it."""
    faults: list[list[Fault]] = [
        [dropped_after(3000)] * 2,
        [truncated_to(4000)],
        [status(503, Retry_After="0")],
        [sent(PAGE)],
        [redirect_to("http://169.254.169.254/")],
        [redirect_to("/elsewhere.jpg")],
        [status(404)],
        [endless(None)],
        [dropped_after(0)],
        [],
    ]
    names = [f"{number}.jpg" for number in range(100)]
    bench.add(*names)
    for index, name in enumerate(names):
        bench.server.faults[f"/{name}"] = list(faults[index % len(faults)])
    report = bench.download(bench.plan(*names))
    failed = {each.name for each in report.failures}
    assert bench.places() == set(names) - failed
    assert all(bench.is_right(name) for name in set(names) - failed)
    assert failed == {name for index, name in enumerate(names) if index % 10 in {3, 4, 5, 6, 7}}
    assert bench.download(bench.plan(*names)).failures == ()
    assert all(map(bench.is_right, names))
