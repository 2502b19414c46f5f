"""Lead files as spreadsheets and exports save them."""

import pytest


@pytest.mark.parametrize(
    ("content", "region"),
    [
        pytest.param("name,phone\nAda,2125550100\n".encode("utf-8-sig"), "US", id="a byte order mark"),
        pytest.param(b"name;phone\r\nAda;2125550100\r\n", "US", id="semicolons"),
        pytest.param("name\tphone\nAda\t2125550100\n".encode("utf-16"), "US", id="UTF-16 and tabs"),
        pytest.param("姓名,电话\n李雷,02079460100\n".encode("gb18030"), "GB", id="GB18030"),
    ],
)
def test_a_lead_file_as_spreadsheets_save_it_is_read(dialer, content, region):
    dialer.write("people.csv", content)
    said = dialer("leads", "import", "people.csv", "--list", "people", "--region", region, "--json")
    assert said.code == 0, said
    assert (said.json["rows"], said.json["imported"]) == (1, 1)
