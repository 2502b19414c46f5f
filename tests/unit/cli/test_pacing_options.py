"""How a campaign is paced, as commands set it, on a floor that nobody runs."""

import pytest


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch, database_url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_DATABASE_URL", database_url)
    (tmp_path / "people.csv").write_text("phone\n212-555-0100\n")
    (tmp_path / "dialer.toml").write_text('[trunks.main]\nhost = "192.0.2.1"\n')


@pytest.fixture
def spring(dialer):
    dialer("leads", "import", "people.csv", "--list", "people", "--region", "US")
    dialer("campaign", "create", "spring", "--list", "people", "--trunk", "main")


def test_a_campaign_changes_its_mode(dialer, spring):
    before = dialer("campaign", "set", "spring")
    assert (before["mode"], before["ratio"]) == ("progressive", 1.0)
    changed = dialer("campaign", "set", "spring", "--mode", "ratio", "--ratio", "1.5")
    assert (changed["mode"], changed["ratio"]) == ("ratio", 1.5)
    assert dialer("campaign", "set", "spring", "--ratio", "2")["ratio"] == 2.0
    back = dialer("campaign", "set", "spring", "--mode", "progressive")
    assert (back["mode"], back["ratio"]) == ("progressive", 1.0)
    assert dialer("campaign", "show", "spring")["mode"] == "progressive"


@pytest.mark.parametrize("options", [("--mode", "ratio"), ("--ratio", "2")])
def test_a_ratio_and_its_mode_go_together(dialer, spring, options):
    error = dialer("campaign", "set", "spring", *options, code=2)["error"]
    assert "go together" in error
    assert dialer("campaign", "set", "spring")["ratio"] == 1.0


def test_the_limit_and_its_window_are_settings_of_any_mode(dialer, spring):
    before = dialer("campaign", "show", "spring")
    assert (before["abandon_limit"], before["abandon_window"]) == (0.03, "day")
    dialer("campaign", "set", "spring", "--abandon-limit", "0.02", "--abandon-window", "30-days")
    after = dialer("campaign", "show", "spring")
    assert (after["abandon_limit"], after["abandon_window"]) == (0.02, "30 days")


@pytest.mark.parametrize("limit", ["0", "1", "-0.1", "3"])
def test_a_limit_is_a_share(dialer, spring, limit):
    dialer("campaign", "set", "spring", "--abandon-limit", limit, code=2)


def test_a_campaign_lets_agents_see_leads_first(dialer, spring):
    words = ("--mode", "preview", "--preview-s", "90", "--preview-timeout", "skip", "--preview-yields")
    changed = dialer("campaign", "set", "spring", *words, "--retry", "skipped=2x1440")
    assert (changed["mode"], changed["preview_s"], changed["preview_timeout"]) == ("preview", 90.0, "skip")
    assert changed["preview_yields"] is True
    assert (changed["retry"]["skipped"], changed["retry"]["busy"]) == ("2x1440", "3x10")
    back = dialer("campaign", "set", "spring", "--no-preview-yields")
    assert (back["preview_yields"], back["preview_s"], back["mode"]) == (False, 90.0, "preview")


def test_a_campaign_can_be_made_so(dialer, spring):
    made = ("campaign", "create", "autumn", "--list", "people", "--trunk", "main", "--mode", "preview")
    dialer(*made, "--preview-timeout", "call")
    shown = dialer("campaign", "set", "autumn")
    assert (shown["mode"], shown["preview_timeout"], shown["preview_s"]) == ("preview", "call", 60.0)


@pytest.mark.parametrize("command", ["call", "skip"])
def test_a_lead_is_decided_about_in_a_run_only(dialer, spring, command):
    dialer("agent", "add", "anna", "--phone", "sip:anna@192.0.2.10")
    assert "nothing runs this workspace" in dialer("agent", command, "anna", code=1)["error"]


def test_the_mode_that_is_there_to_be_compared_with_is_refused_with_the_reason(dialer, spring):
    error = dialer("campaign", "set", "spring", "--mode", "adaptive", code=2)["error"]
    assert "dialer simulate" in error
    assert "predictive" in error
