import pytest

from dialer.core.guest_states import Supervision
from telephony.sip.mixing import who_is_heard


def listeners(pairs):
    """Return who hears each one, as sorted letters."""
    return {
        speaker: "".join(sorted(to for one, to in pairs if one == speaker))
        for speaker in sorted({speaker for speaker, _ in pairs})
    }


@pytest.mark.parametrize(
    ("own", "others", "supervisors", "heard_by"),
    [
        pytest.param("a", "", [], {}, id="alone"),
        pytest.param("a", "c", [], {"a": "c", "c": "a"}, id="a-talk"),
        pytest.param("a", "ct", [], {"a": "ct", "c": "at", "t": "ac"}, id="a-talk-of-three"),
        pytest.param(None, "ct", [], {"c": "t", "t": "c"}, id="left-to-each-other"),
        pytest.param("a", "", [("s", Supervision.LISTEN)], {"a": "s"}, id="listening-to-one-who-is-alone"),
        pytest.param("a", "c", [("s", Supervision.LISTEN)], {"a": "cs", "c": "as"}, id="listening"),
        pytest.param(
            "a", "c", [("s", Supervision.WHISPER)], {"a": "cs", "c": "as", "s": "a"}, id="whispering"
        ),
        pytest.param(
            "a",
            "ct",
            [("s", Supervision.BARGE)],
            {"a": "cst", "c": "ast", "s": "act", "t": "acs"},
            id="barging-into-a-talk-of-three",
        ),
        pytest.param(
            "a",
            "c",
            [("s", Supervision.BARGE), ("r", Supervision.BARGE)],
            {"a": "crs", "c": "ars", "r": "ac", "s": "ac"},
            id="two-supervisors-do-not-hear-each-other",
        ),
    ],
)
def test_who_hears_whom(own, others, supervisors, heard_by):
    pairs = who_is_heard(own, others, supervisors)

    assert listeners(pairs) == heard_by
    assert len(set(pairs)) == len(pairs)
