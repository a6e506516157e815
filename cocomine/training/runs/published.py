"""Which numbers were published, and why do they stand in no chart beside ours?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A published number, and why it stands in no chart beside ours."""

    result: str
    data: str
    measure: str
    why_not: str


NOT_COMPARABLE = (
    Published(
        result="89.6, this paper (Table I)",
        data="own choice of images that all contain a selected class, 8 outputs, 128 × 128 px",
        measure="Eq. 2: mean probability of the true class, background included",
        why_not="An empty prediction already scores 78 to 85 by this measure, depending on the classes.",
    ),
    Published(
        result="37.1, MaskFormer with ResNet-50",
        data="COCO-Stuff-10K, 171 classes of things and stuff",
        measure="mIoU over all classes, single scale",
        why_not="Another dataset, 171 classes instead of a few, and another measure.",
    ),
    Published(
        result="50.0, Puri, as the paper quotes it",
        data="probably COCO's stuff task, where all 80 thing classes are one “other”",
        measure="not stated",
        why_not="The selected classes are not scored there at all.",
    ),
)
"""The paper's Table I. Sources: MaskFormer's MODEL_ZOO.md (maskformer_R50_bs32_60k); COCO stuff task description."""
