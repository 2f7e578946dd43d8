"""Fixtures that several test files share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs the real {name} beside the project (../shared/{name}), which are not here")
    return folder


@pytest.fixture(scope="session")
def papers() -> Path:
    """Folder of the real committee papers; they stay outside the project."""
    return _shared("papers")


@pytest.fixture(scope="session")
def seeds() -> Path:
    """Folder of the texts that the project began with; they stay outside the project."""
    return _shared("seeds")
