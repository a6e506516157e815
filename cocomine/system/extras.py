"""Which parts of CocoMine are not installed, and what installs them?

The base install reads, mines and exports. Training and the FiftyOne viewer are extras in `pyproject.toml`, for their
size. The command names their packages, so that it is right for an installed CocoMine and for a checkout.
"""

import sys
from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """Packages that one part of the work needs.

    Attributes:
        work: what needs them, as the beginning of a sentence.
        modules: what is imported, in the order of the requirements.
        requirements: as in `pyproject.toml`.
    """

    work: str
    modules: tuple[str, ...]
    requirements: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The modules that cannot be imported here."""
        return tuple(name for name in self.modules if find_spec(name) is None)

    @property
    def command(self) -> str:
        """What installs the packages."""
        quoted = " ".join(f'"{each}"' for each in self.requirements)
        return f"{sys.executable} -m pip install {quoted}"

    @property
    def trouble(self) -> str | None:
        """What is missing and how to install it, None if nothing is."""
        if not self.missing:
            return None
        return (
            f"{self.work} needs {' and '.join(self.missing)}, not installed here. Run `{self.command}`, then start "
            "CocoMine again."
        )


TRAINING = Extra(work="Training", modules=("safetensors", "torch"), requirements=("safetensors>=0.8", "torch>=2.13"))
ONNX = Extra(
    work="Writing ONNX",
    modules=("onnxruntime", "onnxscript"),
    requirements=("onnxruntime>=1.32", "onnxscript>=0.7.2"),
)
VIEWER = Extra(work="The FiftyOne viewer", modules=("fiftyone",), requirements=("fiftyone==1.22.*",))
