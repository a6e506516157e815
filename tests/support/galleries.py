"""What galleries and label maps on a page were told to show, for tests without a browser."""

import json

from records import Record
from streamlit.testing.v1 import AppTest


def galleries(app: AppTest) -> list[Record]:
    """Return the data of each gallery on the page, decoded."""
    return [data | {"page": json.loads(data["page"])} for data in _data(app, "cocomine.gallery")]


def mask_images(app: AppTest) -> list[Record]:
    """Return the data of each image that is shown with its label map, decoded."""
    return [data | {"image": json.loads(data["image"])} for data in _data(app, "cocomine.mask_image")]


def images_shown(app: AppTest) -> list[str]:
    """Return "id · split" of all images in galleries and beside label maps."""
    pages = [*(data["page"] for data in galleries(app)), *(data["image"] for data in mask_images(app))]
    return [f"{image['id']} · {image['split']}" for page in pages for image in page["images"]]


def _data(app: AppTest, component: str) -> list[Record]:
    protos = [each.proto for each in app.get("bidi_component")]
    return [json.loads(proto.json) for proto in protos if getattr(proto, "component_name", "") == component]
