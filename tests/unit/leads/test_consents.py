import pytest

from dialer.leads.columns import read_header
from dialer.leads.consents import BadConsent, Consent, ConsentColumns, read
from dialer.leads.lines import survey

NOW = 1_790_000_000.0
COLUMNS = ConsentColumns(at=1, source=2, seller=3)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(["Ada", "", " ", ""], None, id="nothing-said"),
        pytest.param(["Ada", "2026-01-02", "web form", ""], BadConsent.INCOMPLETE, id="for-nobody"),
        pytest.param(["Ada", "", "web form", "Example"], BadConsent.INCOMPLETE, id="no-day"),
        pytest.param(["Ada", "2026-01-02", "", "Example"], BadConsent.INCOMPLETE, id="not-how"),
        pytest.param(["Ada", "02.01.2026", "web form", "Example"], BadConsent.WHEN, id="no-such-day"),
        pytest.param(["Ada", "2027-01-02", "web form", "Example"], BadConsent.FUTURE, id="not-yet"),
        pytest.param(
            ["Ada", "2026-01-02", "web form", "Exa\nmple"], BadConsent.SELLER, id="two-lines-of-seller"
        ),
        pytest.param(["Ada", "2026-01-02", "web\0form", "Example"], BadConsent.TEXT, id="nul"),
        pytest.param(
            ["Ada", "2026-01-02T01:00+01:00", " I agree\nto calls ", "Example"],
            Consent(1_767_312_000.0, "I agree\nto calls", "Example"),
            id="all-of-it",
        ),
    ],
)
def test_a_row_brings_a_whole_consent_or_none_or_is_at_fault(fields, expected):
    assert read(fields, COLUMNS, now=NOW) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("Consent_At,phone,consent source,CONSENT-FOR,x", (0, 1, 2), id="phone-between"),
        pytest.param("phone,consent for,consent date,consent text", (1, 2, 0), id="any-order"),
        pytest.param("phone,consent at,consent source", None, id="one-is-missing"),
    ],
)
def test_the_header_tells_where_consents_stand(tmp_path, header, expected):
    path = tmp_path / "leads.csv"
    path.write_text(f"{header}\nx\n")
    assert read_header(path, survey(path)).consent == expected
