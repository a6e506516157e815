"""The peer of `benchmarks.viewer`: `fiftyone.launch_app` in a process of its own, as FiftyOne's documentation shows it.

Reads a number of images a line from stdin, shows that many, and answers with a line: `50` loads and shows the first
50 images, `view 20` shows 20 of those that are loaded.
"""

import sys
import time
from collections.abc import Callable

import fiftyone as fo

CONNECTION_LIMIT_S = 120.0


def main() -> None:
    """Serve the App until stdin ends."""
    data, labels, port = sys.argv[1:]
    fo.list_datasets()  # the database starts with its first use; begun by the App's server it is not found from here
    session = fo.launch_app(remote=True, address="127.0.0.1", port=int(port))
    _answer()
    for line in sys.stdin:
        word, _, count = line.strip().rpartition(" ")
        if word == "view":
            view = session.dataset.limit(int(count))
            _when_connected(lambda: setattr(session, "view", view))  # noqa: B023 - called at once
        else:
            dataset = fo.Dataset.from_dir(
                dataset_type=fo.types.COCODetectionDataset,
                data_path=data,
                labels_path=labels,
                label_types=["segmentations"],
                include_id=True,
                max_samples=int(count),
                progress=False,
            )
            _when_connected(lambda: setattr(session, "dataset", dataset))  # noqa: B023 - called at once
        _answer()


def _when_connected(show: Callable[[], None]) -> None:
    """Show something as soon as the session's client has found its server; on a slow start it pauses for 10 s."""
    deadline = time.monotonic() + CONNECTION_LIMIT_S
    while True:
        try:
            return show()
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _answer() -> None:
    print("done", file=sys.stderr, flush=True)  # stdout is FiftyOne's


if __name__ == "__main__":
    main()
