"""How does a command fetch images, and tell which ones did not come?"""

from collections.abc import Callable, Sequence
from typing import Any

import click

from cocomine.cli.results import say, show_progress
from cocomine.downloading.downloads import download_images
from cocomine.downloading.image_store import ImageStore
from cocomine.downloading.permission import Permission, host_named
from cocomine.downloading.plan import DownloadPlan
from cocomine.downloading.refusals import Failure
from cocomine.downloading.report import Conditions, DownloadReport, Watch
from cocomine.wording import counted, size_words
from cocomine.workspace import workspace_from_environment

MOST_FAILURES_TOLD = 10


def host_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say from where images may be fetched."""
    parameters = (
        click.option(
            "--allow-host",
            multiple=True,
            metavar="HOST",
            help="Fetch images from this host as well, over https; may be repeated. Else from COCO's alone.",
        ),
        click.option(
            "--allow-http", multiple=True, metavar="HOST", help="The same, also without encryption; may be repeated."
        ),
    )
    for parameter in reversed(parameters):
        function = parameter(function)
    return function


def permission_of(hosts: Sequence[str], plain_hosts: Sequence[str]) -> Permission:
    """Return what `--allow-host` and `--allow-http` allow.

    Raises:
        DownloadError: one is no host.
    """
    plain = frozenset(map(host_named, plain_hosts))
    return Permission(hosts=plain.union(map(host_named, hosts)), plain_hosts=plain)


def bring_images(plan: DownloadPlan, permission: Permission) -> DownloadReport:
    """Fetch the images of a plan, say how far it is, and which ones did not come.

    Raises:
        StorageError: the disk is full, or a folder may not be written to.
    """
    if plan.images:
        count, size = counted(len(plan.images), "image"), size_words(plan.estimated_bytes)
        say(f"Downloading {count}, about {size}, to {', '.join(map(str, plan.folders))}")
    watch = Watch(images=show_progress("Images"))
    store = ImageStore(workspace_from_environment().downloads)
    report = download_images(plan, store, Conditions(permission=permission), watch)
    for sentence in failure_sentences(report.failures):
        say(f"Warning: {sentence}")
    return report


def failure_sentences(failures: Sequence[Failure]) -> list[str]:
    """Return what is said of images that did not come: the first ones with their reasons, and what would help."""
    sentences = [str(failure) for failure in failures[:MOST_FAILURES_TOLD]]
    more = len(failures) - len(sentences)
    sentences += [f"{counted(more, 'more image')} did not come (--json lists them)"] if more else []
    hosts = sorted({failure.wants_host for failure in failures if failure.wants_host})
    plain = sorted({failure.wants_plain_host for failure in failures if failure.wants_plain_host})
    sentences += [f"If you trust {host}, allow it: --allow-host {host}" for host in hosts]
    return sentences + [
        f"If {host} offers no https, allow it without encryption: --allow-http {host}" for host in plain
    ]
