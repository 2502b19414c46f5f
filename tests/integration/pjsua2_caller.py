"""A caller in pjsua2, to be run as a process: PJSIP may abort, and its wheel says much on standard output.

Usage: pjsua2_caller.py URI ACT RESULT [USER PASSWORD], where ACT is "talk" (hang up 1.5 s after the answer), "wait" (for the
end) or "cancel" (0.3 s after it rings); RESULT is a file for one JSON object. What say.wav beside it holds is
said, what is heard is recorded into heard.wav.
"""

import contextlib
import json
import os
import sys
import time
from pathlib import Path

import pjsua2 as pj

DEADLINE_S = 15.0


class Call(pj.Call):
    def __init__(
        self, account: pj.Account, player: pj.AudioMediaPlayer, recorder: pj.AudioMediaRecorder
    ) -> None:
        super().__init__(account)
        self.player, self.recorder = player, recorder
        self.states: list[int] = []
        self.status = 0
        self.since: dict[int, float] = {}

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802
        info = self.getInfo()
        self.states.append(info.state)
        self.since.setdefault(info.state, time.monotonic())
        self.status = info.lastStatusCode

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        with contextlib.suppress(pj.Error):
            media = self.getAudioMedia(-1)
            media.startTransmit(self.recorder)
            self.player.startTransmit(media)

    def longer_than(self, state: int, seconds: float) -> bool:
        return state in self.since and time.monotonic() - self.since[state] > seconds


ACTS = {
    "talk": (pj.PJSIP_INV_STATE_CONFIRMED, 1.5),
    "wait": (pj.PJSIP_INV_STATE_CONFIRMED, DEADLINE_S),
    "cancel": (pj.PJSIP_INV_STATE_EARLY, 0.3),
}


def main(uri: str, act: str, result: Path, *credentials: str) -> None:
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.logConfig.level = config.logConfig.consoleLevel = 0
    config.medConfig.noVad = True
    config.medConfig.clockRate = config.medConfig.sndClockRate = 8000
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = "127.0.0.1"
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    account_config = pj.AccountConfig()
    account_config.idUri = "sip:+12125550199@127.0.0.1"
    account_config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    if credentials:
        user, password = credentials
        account_config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", user, 0, password))
    account = pj.Account()
    account.create(account_config)
    player, recorder = pj.AudioMediaPlayer(), pj.AudioMediaRecorder()
    player.createPlayer(str(result.with_name("say.wav")))
    recorder.createRecorder(str(result.with_name("heard.wav")))
    call = Call(account, player, recorder)
    call.makeCall(uri, pj.CallOpParam(True))
    state, seconds = ACTS[act]
    deadline, hung_up = time.monotonic() + DEADLINE_S, False
    while time.monotonic() < deadline and pj.PJSIP_INV_STATE_DISCONNECTED not in call.states:
        endpoint.libHandleEvents(10)
        if not hung_up and call.longer_than(state, seconds):
            hung_up = True
            call.hangup(pj.CallOpParam())
    pj.AudioMediaRecorder.__swig_destroy__(recorder)  # its file is completed a little later
    settled_at = time.monotonic() + 0.5
    while time.monotonic() < settled_at:
        endpoint.libHandleEvents(10)
    result.write_text(json.dumps({"status": call.status, "states": call.states}))
    os._exit(0)  # a Call still alive would abort the process


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *sys.argv[4:])
