"""What a gallery on a page was told to show, for tests without a browser."""

import json

from records import Record
from streamlit.testing.v1 import AppTest


def galleries(app: AppTest) -> list[Record]:
    """Return the data of each gallery on the page, with the sheet decoded."""
    found = [json.loads(each.proto.json) for each in app.get("bidi_component") if _is_gallery(each.proto)]
    return [data | {"sheet": json.loads(data["sheet"])} for data in found]


def images_shown(app: AppTest) -> list[str]:
    """Return "id · split" of all images in galleries."""
    return [f"{image['id']} · {image['split']}" for data in galleries(app) for image in data["sheet"]["images"]]


def _is_gallery(proto: object) -> bool:
    return getattr(proto, "component_name", "") == "cocomine.gallery"
