"""How are a run's weights used outside the app?"""

from pathlib import Path

EXAMPLE_IMAGE = "street.jpg"


def loading_lines(weights: Path, image: Path | None = None) -> str:
    """Return three lines of Python that load weights and label an image with them.

    Args:
        weights: `best.safetensors` or `last.safetensors` of a run.
        image: to be labelled; without one a name stands there.
    """
    return "\n".join(
        (
            "from cocomine.training.prediction import Predictor",
            f"predictor = Predictor.read({str(weights)!r})",
            f"labels = predictor.predict_file({str(image or EXAMPLE_IMAGE)!r}).labels",
        )
    )
