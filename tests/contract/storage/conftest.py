"""One fixture per store; the cases are the same for all."""

import pytest

from tests.stores import make_store


@pytest.fixture(params=["sqlite"])
def store(request, tmp_path):
    made = make_store({"sqlite": f"sqlite:///{tmp_path}/dialer.db"}[request.param])
    yield made
    made.database.close()
