from __future__ import annotations

import pytest

from cli.sample.letters import letters
from cli.sample.petition import SampleLetter


@pytest.fixture(scope="session")
def office() -> tuple[SampleLetter, ...]:
    """Letters of the demo's office."""
    return tuple(letters(400))
