"""The fixtures that integration tests share."""

import pytest

from tests.integration.sip_site import Site


@pytest.fixture
def site(tmp_path):
    one = Site(tmp_path)
    yield one
    one.close()


@pytest.fixture
def make_site(tmp_path):
    sites = []

    def make(*options, environment=None):
        sites.append(Site(tmp_path, *options, environment=environment))
        return sites[-1]

    yield make
    for one in sites:
        one.close()
