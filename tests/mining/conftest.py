"""The sixty images, and the pairs of their classes, which no test changes."""

import pytest
from sixty_images import sixty_images

from cocomine.coco.dataset import Dataset
from cocomine.mining.interference.co_occurrence import PairTable, pair_table
from cocomine.mining.statistics.categories import examined, presence


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The sixty images."""
    return sixty_images(tmp_path_factory.mktemp("sixty"))


@pytest.fixture(scope="session")
def pairs(dataset: Dataset) -> PairTable:
    """All pairs of their classes."""
    return pair_table(presence(dataset), dataset.category_names)


@pytest.fixture(scope="session")
def federated_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The sixty images, where not every class was looked for in each."""
    return sixty_images(tmp_path_factory.mktemp("federated"), is_federated=True)


@pytest.fixture(scope="session")
def federated(federated_dataset: Dataset) -> PairTable:
    """All pairs of their classes."""
    dataset = federated_dataset
    return pair_table(presence(dataset), dataset.category_names, examined=examined(dataset))
