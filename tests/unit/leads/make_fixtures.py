"""Writes the lead files in `fixtures/leads` and their manifest: `python -m tests.unit.leads.make_fixtures`.

All numbers are from ranges set aside for fiction, but for those whose kind is the point; no row is a person.
"""

from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parents[3] / "fixtures" / "leads"

ENGLISH = "Name,Phone,City\nAda Example,(212) 555-0100,New York\nBo Example,+44 20 7946 0958,London\nAda again,+1 212 555 0100,New York\n"
CHINESE = "姓名,手机号,城市\n张三,+1 212 555 0101,纽约\n李四,+44 20 7946 0000,伦敦\n"
BAD = (
    "phone,name\n2125550102,good\n,no number\n12,too short\n911,emergency\n+1 112 555 0100,no such area\n"
    '"212\n5550103",line break\n"2125550104,open quote\n2125550105,after it\n2125550106\n2125550107,x,y\n'
    "212555\x000108,NUL\n2125550109," + "long " * 1_000 + "\n=1+1,=cmd|' /C calc'!A0\n2125550110,=1+1\n"
)
NEVER = "phone,kind\n+1 900 555 0100,premium rate\n+49 180 1234567,shared cost\n+881 612345678,satellite\n2125550111,good\n"

FILES = [
    ("comma", "US", [3, 2, 1, 0], "UTF-8, comma, one number twice", ENGLISH.encode()),
    (
        "mark",
        "US",
        [3, 2, 1, 0],
        "UTF-8 with a byte order mark, CR LF",
        ENGLISH.replace("\n", "\r\n").encode("utf-8-sig"),
    ),
    ("semicolon", "US", [3, 2, 1, 0], "semicolons", ENGLISH.replace(",", ";").encode()),
    (
        "tab-utf-16",
        "US",
        [3, 2, 1, 0],
        "UTF-16, tabs, as spreadsheets save Unicode text",
        ENGLISH.replace(",", "\t").encode("utf-16"),
    ),
    (
        "utf-16-be",
        "CN",
        [2, 2, 0, 0],
        "UTF-16 with the high byte first, Chinese header",
        ("\ufeff" + CHINESE).encode("utf-16-be"),
    ),
    ("gb18030", "CN", [2, 2, 0, 0], "GB18030, Chinese header", CHINESE.encode("gb18030")),
    ("bad-rows", "US", [14, 3, 0, 11], "every kind of bad row, each between good ones", BAD.encode()),
    ("never-called", "US", [4, 4, 0, 0], "numbers that are imported and never called", NEVER.encode()),
]


def main() -> None:
    """Write everything anew."""
    entries = []
    for name, region, counts, shows, content in FILES:
        (HERE / f"{name}.csv").write_bytes(content)
        entries.append(
            f'[{name}]\nfile = "{name}.csv"\nshows = "{shows}"\nmade = "python -m tests.unit.leads.make_fixtures"\n'
            f'licence = "MIT"\nsha256 = "{sha256(content).hexdigest()}"\nregion = "{region}"\n'
            f"rows_imported_duplicates_rejected = {counts}\n"
        )
    (HERE / "MANIFEST.toml").write_text("\n".join(entries), encoding="utf-8")


if __name__ == "__main__":
    main()
