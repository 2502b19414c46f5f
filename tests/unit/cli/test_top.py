"""How the floor is drawn."""

import io
import json

import pytest
from rich.console import Console

from cli.main import carry_out
from cli.top import picture
from dialer.reports.now import AgentNow, CampaignNow, FloorNow, RunNow, Trouble, TrunkNow

FLOOR = FloorNow(
    at=1000.0,
    run=RunNow(instance="x1", host="here", pid=7, since_at=0.0, is_alive=True),
    halted_at=None,
    halt_reason="",
    agents=(
        AgentNow(name="[red]anna", state="talking", reason="", since_at=935.0, campaign="spring"),
        AgentNow(name="bela", state="paused", reason="lunch", since_at=0.0, campaign=None),
        AgentNow(name="cleo", state="logged_out", reason="", since_at=0.0, campaign=None),
    ),
    campaigns=(
        CampaignNow(
            name="spring",
            state="running",
            reason="waiting for a retry",
            until_at=2000.0,
            calls={"ringing": 2, "talking": 1},
            outcomes={"connected": 5, "no_answer": 3},
        ),
    ),
    trunks=(TrunkNow(name="main", lines_used=3, state="out", reason="503", since_at=1.0, until_at=None),),
    troubles=(Trouble(at=990.0, kind="anomaly", detail="bridged while ended"),),
)


def drawn(floor):
    console = Console(file=io.StringIO(), width=140)
    console.print(picture(floor))
    return console.file.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        "run x1 on here (process 7), up 16:40",
        "1 logged out, 1 paused, 1 talking",
        "[red]anna",
        "1:05",
        "2 ringing, 1 talking",
        "5 connected, 3 no answer",
        "waiting for a retry until ",
        "503",
        "bridged while ended",
    ],
)
def test_the_picture_says(words):
    assert words in drawn(FLOOR)


def test_who_is_not_there_takes_no_line():
    assert "cleo" not in drawn(FLOOR)


@pytest.mark.parametrize("words", ["HALTED: wrong list", "no run: start one with `dialer run`"])
def test_a_floor_that_stands_still_says_why(words):
    still = FloorNow(
        at=1.0,
        run=None,
        halted_at=1.0,
        halt_reason="wrong list",
        agents=(),
        campaigns=(),
        trunks=(),
        troubles=(),
    )
    assert words in drawn(still)


def test_it_is_printed_once_where_nobody_watches(capsys, tmp_path):
    assert carry_out(["top", "--database", f"{tmp_path}/dialer.db"]) == 0
    assert "no run" in capsys.readouterr().out


def test_programs_get_the_floor_as_json(capsys, tmp_path):
    assert carry_out(["top", "--json", "--database", f"{tmp_path}/dialer.db"]) == 0
    assert json.loads(capsys.readouterr().out)["agents"] == []
