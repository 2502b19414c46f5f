import pytest

from telephony.sip.emulator.dialog import GIVE_UP_S, T1_S, Dialog, Note, Refresh, State
from telephony.sip.emulator.message import Request, Response, parameter

PEER = "127.0.0.1:5090"


def request(method: str, cseq: int = 1, *, branch: str = "b1", tag: str | None = None) -> Request:
    to = "<sip:+12125550100@127.0.0.1>" + (f";tag={tag}" if tag else "")
    headers = (
        ("Via", f"SIP/2.0/UDP {PEER};rport=5090;branch=z9hG4bK{branch}"),
        ("Record-Route", "<sip:127.0.0.9:5099;lr>"),
        ("From", "<sip:+12125550199@127.0.0.1>;tag=theirs"),
        ("To", to),
        ("Call-ID", "c1"),
        ("CSeq", f"{cseq} {method}"),
        ("Contact", f"<sip:dialer@{PEER}>"),
    )
    return Request(method=method, uri="sip:+12125550100@127.0.0.1", headers=headers)


def begin(*, transport: str = "UDP") -> Dialog:
    via = f"SIP/2.0/{transport} 127.0.0.1:5070"
    return Dialog(request("INVITE"), tag="ours", contact="sip:x@127.0.0.1:5070", via=via)


def accepted(**options) -> Dialog:
    dialog = begin(**options)
    dialog.accept(b"v=0", at=0.0)
    dialog.take()
    return dialog


def confirmed(**options) -> Dialog:
    dialog = accepted(**options)
    dialog.receive(request("ACK", branch="b2", tag="ours"), at=0.1)
    assert dialog.take() == [Note.ACKED]
    return dialog


def shown(dialog: Dialog) -> list[str]:
    """What came out: "486 INVITE", "BYE", a note's name."""
    words = []
    for out in dialog.take():
        match out:
            case Response():
                words.append(f"{out.status} {out.cseq[1]}")
            case Request():
                words.append(out.method)
            case Refresh():
                words.append("refresh")
            case Note():
                words.append(out.value)
    return words


def ticks(dialog: Dialog, until: float) -> list[tuple[float, str]]:
    """What came out of ticks every 0.1 s, with the time."""
    found = []
    for step in range(round(until * 10) + 1):
        dialog.tick(at=step / 10)
        found += [(step / 10, word) for word in shown(dialog)]
    return found


def test_a_call_is_answered_and_ended_by_the_other_side():
    dialog = begin()
    for status in (100, 180):
        dialog.progress(status)
    dialog.accept(b"v=0", at=0.0)
    assert shown(dialog) == ["100 INVITE", "180 INVITE", "200 INVITE"]
    dialog.receive(request("ACK", branch="b2", tag="ours"), at=0.1)
    dialog.receive(request("BYE", 2, branch="b3", tag="ours"), at=0.2)
    assert shown(dialog) == ["acked", "200 BYE", "hung-up"]
    assert dialog.state is State.OVER


def test_all_responses_but_100_carry_our_tag():
    dialog = begin()
    dialog.progress(100)
    dialog.progress(180)
    tags = [parameter(response.values("to")[0], "tag") for response in dialog.take()]
    assert tags == [None, "ours"]


def test_a_repeated_invite_gets_the_last_response_again():
    dialog = begin()
    dialog.receive(request("INVITE"), at=0.0)
    assert shown(dialog) == []
    dialog.progress(180)
    dialog.receive(request("INVITE"), at=0.5)
    dialog.accept(b"", at=0.6)
    dialog.receive(request("INVITE"), at=0.7)
    assert shown(dialog) == ["180 INVITE", "180 INVITE", "200 INVITE", "200 INVITE"]


def test_a_200_is_repeated_until_its_ack_and_then_no_more():
    dialog = accepted()
    assert [at for at, _ in ticks(dialog, 8.0)] == [0.5, 1.5, 3.5, 7.5]
    dialog.receive(request("ACK", branch="b2", tag="ours"), at=8.0)
    assert shown(dialog) == ["acked"]
    assert ticks(dialog, 40.0) == []


def test_a_200_over_tcp_is_repeated_too_but_a_refusal_is_not():
    assert ticks(accepted(transport="TCP"), 1.0) == [(0.5, "200 INVITE")]
    dialog = begin(transport="TCP")
    dialog.refuse(486, at=0.0)
    assert shown(dialog) == ["486 INVITE"]
    assert ticks(dialog, 5.0) == []


def test_a_200_without_ack_ends_with_bye():
    found = ticks(accepted(), GIVE_UP_S)
    assert [word for _, word in found[-2:]] == ["no-ack", "BYE"]


def test_an_ack_of_another_invite_is_none():
    dialog = accepted()
    dialog.receive(request("ACK", 7, branch="b2", tag="ours"), at=0.1)
    assert shown(dialog) == []
    assert dialog.state is State.ACCEPTED


def test_a_refusal_is_repeated_until_its_ack():
    dialog = begin()
    dialog.refuse(486, headers=(("Reason", "Q.850;cause=17"),), at=0.0)
    (response,) = dialog.take()
    assert response.header("reason") == "Q.850;cause=17"
    assert ticks(dialog, 1.0) == [(0.5, "486 INVITE")]
    dialog.receive(request("ACK", tag="ours"), at=1.0)
    assert dialog.state is State.OVER
    assert dialog.forget_at == 1.0 + GIVE_UP_S


def test_a_refusal_nobody_acknowledges_is_given_up():
    dialog = begin()
    dialog.refuse(486, at=0.0)
    ticks(dialog, GIVE_UP_S)
    assert dialog.state is State.OVER


def test_a_cancel_is_answered_and_ends_the_invite():
    dialog = begin()
    dialog.progress(180)
    dialog.receive(request("CANCEL"), at=1.0)
    assert shown(dialog) == ["180 INVITE", "200 CANCEL", "487 INVITE", "cancelled"]
    dialog.receive(request("CANCEL"), at=1.1)
    assert shown(dialog) == ["200 CANCEL"]


def test_a_cancel_that_crosses_the_200_loses():
    dialog = accepted()
    dialog.receive(request("CANCEL"), at=0.1)
    assert shown(dialog) == ["200 CANCEL"]
    dialog.receive(request("ACK", branch="b2", tag="ours"), at=0.2)
    dialog.receive(request("BYE", 2, branch="b3", tag="ours"), at=0.3)
    assert shown(dialog) == ["acked", "200 BYE", "hung-up"]


def test_a_repeated_bye_gets_its_answer_again_when_all_is_over():
    dialog = confirmed()
    for at in (1.0, 1.5):
        dialog.receive(request("BYE", 2, branch="b3", tag="ours"), at=at)
    assert shown(dialog) == ["200 BYE", "hung-up", "200 BYE"]


def test_a_bye_before_the_answer_ends_the_invite():
    dialog = begin()
    dialog.receive(request("BYE", 2, branch="b3", tag="ours"), at=1.0)
    assert shown(dialog) == ["200 BYE", "487 INVITE", "hung-up"]


def test_we_hang_up_along_the_route_until_answered():
    dialog = confirmed()
    dialog.hang_up(headers=(("Reason", "Q.850;cause=16"),), at=1.0)
    (bye,) = dialog.take()
    assert bye.uri == f"sip:dialer@{PEER}"
    assert dialog.next_hop == ("127.0.0.9", 5099)
    assert bye.values("route") == ["<sip:127.0.0.9:5099;lr>"]
    assert parameter(bye.values("from")[0], "tag") == "ours"
    assert parameter(bye.values("to")[0], "tag") == "theirs"
    dialog.tick(at=1.0 + T1_S)
    assert dialog.take() == [bye]
    ok = Response(status=200, reason="OK", headers=bye.headers)
    dialog.receive_response(ok, at=2.0)
    assert dialog.state is State.OVER


def test_our_bye_waits_for_the_ack():
    dialog = accepted()
    dialog.hang_up(at=0.1)
    assert shown(dialog) == []
    dialog.receive(request("ACK", branch="b2", tag="ours"), at=0.2)
    assert shown(dialog) == ["acked", "BYE"]


def test_byes_that_cross_end_the_call():
    dialog = confirmed()
    dialog.hang_up(at=1.0)
    dialog.receive(request("BYE", 2, branch="b3", tag="ours"), at=1.0)
    assert shown(dialog) == ["BYE", "200 BYE", "hung-up"]
    assert dialog.state is State.OVER


def test_a_re_invite_is_answered_and_repeated_until_its_ack():
    dialog = confirmed()
    again = request("INVITE", 2, branch="b4", tag="ours")
    dialog.receive(again, at=1.0)
    assert shown(dialog) == ["refresh"]
    dialog.refresh(again, b"v=0", at=1.0)
    dialog.tick(at=1.5)
    dialog.receive(request("INVITE", 3, branch="b5", tag="ours"), at=1.6)
    assert shown(dialog) == ["200 INVITE", "200 INVITE", "500 INVITE"]
    dialog.receive(request("ACK", 2, branch="b6", tag="ours"), at=1.7)
    dialog.tick(at=5.0)
    assert shown(dialog) == []
    assert dialog.state is State.CONFIRMED


@pytest.mark.parametrize(
    ("method", "cseq", "answer"),
    [
        pytest.param("INFO", 2, "200 INFO", id="digits"),
        pytest.param("OPTIONS", 2, "200 OPTIONS", id="keep-alive"),
        pytest.param("REFER", 2, "405 REFER", id="not-spoken"),
        pytest.param("BYE", 0, "500 BYE", id="out-of-order"),
        pytest.param("CANCEL", 2, "481 CANCEL", id="cancel-of-nothing"),
    ],
)
def test_other_requests_in_a_call_are_answered(method, cseq, answer):
    dialog = confirmed()
    dialog.receive(request(method, cseq, branch="b9", tag="ours"), at=1.0)
    assert shown(dialog) == [answer]
    assert dialog.state is State.CONFIRMED


def test_nothing_is_decided_twice():
    dialog = begin()
    dialog.refuse(486, at=0.0)
    dialog.accept(b"", at=0.1)
    dialog.progress(180)
    dialog.refuse(404, at=0.1)
    dialog.hang_up(at=0.2)
    assert shown(dialog) == ["486 INVITE"]


def test_an_info_goes_out_in_a_call_that_is_up_and_its_answer_ends_nothing():
    dialog = begin()
    dialog.inform("application/dtmf", b"5")
    assert dialog.take() == []
    dialog = confirmed()
    dialog.inform("application/dtmf", b"5")
    (info,) = dialog.take()
    assert (info.method, info.cseq, info.body) == ("INFO", (1, "INFO"), b"5")
    dialog.hang_up(at=0.2)
    (bye,) = dialog.take()
    assert bye.cseq == (2, "BYE")
    dialog.receive_response(Response(status=200, reason="OK", headers=info.headers), at=0.3)
    assert dialog.state is State.LEAVING
