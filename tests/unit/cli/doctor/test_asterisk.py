"""Where an Asterisk places the calls, the doctor looks at it instead of carriers, phones and our own SIP."""

import socket

from cli.doctor.examine import examine
from cli.doctor.findings import Health
from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import Config, TrunkConfig
from dialer.storage.database import open_database


def test_an_asterisk_that_is_not_there_is_the_only_far_end_that_is_missed(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        config = Config(
            asterisk=AsteriskConfig(servers={"main": AsteriskServer(port=nobody.getsockname()[1])}),
            trunks={"carrier": TrunkConfig(server="main")},
        )
        url = f"sqlite:///{tmp_path}/dialer.db"
        open_database(url).close()
        found = examine(config, url)
    failed = [one for one in found if one.health is Health.FAILURE]
    assert [one.check for one in failed] == ["main manager"]
    assert not {"sip library", "network"} & {one.check for one in found}
    assert "permit" in failed[0].remedy
