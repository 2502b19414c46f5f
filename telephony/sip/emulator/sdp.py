"""Session descriptions: read an offer, write the answer. Audio is G.711, with telephone-events; video is whatever VP8 or H.264 there is."""

import ipaddress
import re

import msgspec

# Source: RFC 3551 table 4.
LAWS = {0: "PCMU", 8: "PCMA"}


class UnusableOfferError(ValueError):
    """The offer holds no audio that we speak."""


class VideoOffer(msgspec.Struct, frozen=True):
    """Where the other side wants video, and by which number it is known."""

    host: str
    port: int
    payload_type: int
    codec: str
    """As the offer has it, such as `VP8/90000`."""
    line: str
    """The offer's own."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side wants: where its audio is to go and how it is to be coded."""

    host: str
    port: int
    payload_type: int
    event_type: int | None
    sends: bool = True
    receives: bool = True
    video: VideoOffer | None = None
    other_media: tuple[str, ...] = ()
    """All lines of media but the audio's, the video's among them."""


def parse_offer(body: bytes) -> Offer:
    """Return the first audio stream of an offer.

    Raises:
        UnusableOfferError: If there is none with PCMU or PCMA and a numeric address.
    """
    lines = body.decode(errors="replace").replace("\r\n", "\n").split("\n")
    blocks = _blocks(lines)
    session, media = blocks[0], blocks[1:]
    audio = next((block for block in media if block[0].startswith("m=audio")), None)
    if audio is None:
        raise UnusableOfferError("no audio")
    port, formats = _media_line(audio[0])
    law = next((int(one) for one in formats if one in ("0", "8")), None)
    if law is None:
        raise UnusableOfferError("neither PCMU nor PCMA")
    host = _connection(audio) or _connection(session)
    if host is None:
        raise UnusableOfferError("no numeric address")
    direction = _direction(audio) or _direction(session) or "sendrecv"
    held = ipaddress.ip_address(host).is_unspecified  # the old way to hold: RFC 2543
    return Offer(
        host=host,
        port=port,
        payload_type=law,
        event_type=_event_type(audio, formats),
        sends=direction in ("sendrecv", "sendonly"),
        receives=direction in ("sendrecv", "recvonly") and not held,
        video=_video(media, _connection(session)),
        other_media=tuple(block[0] for block in media if block is not audio),
    )


def _video(media: list[list[str]], session_host: str | None) -> VideoOffer | None:
    block = next((block for block in media if block[0].startswith("m=video")), None)
    found = block and re.fullmatch(r"m=video (\d{1,5}) RTP/AVPF? ([\d ]+)", block[0], re.ASCII)
    if not block or not found or not 0 < int(found[1]) < 65_536:
        return None
    host = _connection(block) or session_host
    for line in block:
        codec = re.fullmatch(r"a=rtpmap:(\d+) ((?:VP8|H264)/90000)", line, re.ASCII | re.IGNORECASE)
        if host and codec and codec[1] in found[2].split():
            return VideoOffer(host, int(found[1]), int(codec[1]), codec[2], block[0])
    return None


def _blocks(lines: list[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            blocks.append([])
        blocks[-1].append(line.strip())
    return blocks


def _media_line(line: str) -> tuple[int, list[str]]:
    found = re.fullmatch(r"m=audio (\d{1,5})(?:/\d+)? RTP/AVP ([\d ]+)", line, re.ASCII)
    if found is None or not 0 < int(found[1]) < 65_536:
        raise UnusableOfferError("audio is not plain RTP")
    return int(found[1]), found[2].split()


def _connection(block: list[str]) -> str | None:
    for line in block:
        found = re.fullmatch(r"c=IN IP[46] (\S+)", line)
        if found:
            try:
                return str(ipaddress.ip_address(found[1]))
            except ValueError:
                return None
    return None


def _direction(block: list[str]) -> str | None:
    names = ("a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive")
    return next((line[2:] for line in block if line in names), None)


def _event_type(block: list[str], formats: list[str]) -> int | None:
    for line in block:
        found = re.match(r"a=rtpmap:(\d+) telephone-event/8000", line, re.ASCII | re.IGNORECASE)
        if found and found[1] in formats:
            return int(found[1])
    return None


_ANSWERED = {(True, True): "sendrecv", (True, False): "recvonly", (False, True): "sendonly"}


def answer(offer: Offer, *, host: str, port: int, video_port: int = 0) -> bytes:
    """Return our description: the offer's first law, 20 ms packets, the direction it leaves us.

    Args:
        offer: What is answered.
        host: Our address.
        port: Of our audio.
        video_port: Of our video; 0: none.

    Source:
        RFC 3264 6.
    """
    family = "IP6" if ":" in host else "IP4"
    law, event = offer.payload_type, offer.event_type
    formats = f"{law}" if event is None else f"{law} {event}"
    lines = ["v=0", f"o=- {port} 1 IN {family} {host}", "s=-", f"c=IN {family} {host}", "t=0 0"]
    lines += [f"m=audio {port} RTP/AVP {formats}", f"a=rtpmap:{law} {LAWS[law]}/8000"]
    if event is not None:
        lines += [f"a=rtpmap:{event} telephone-event/8000", f"a=fmtp:{event} 0-15"]
    lines += ["a=ptime:20", f"a={_ANSWERED.get((offer.sends, offer.receives), 'inactive')}"]
    for line in offer.other_media:
        if video_port and offer.video is not None and line == offer.video.line:
            known = offer.video.payload_type
            lines += [f"m=video {video_port} RTP/AVP {known}", f"a=rtpmap:{known} {offer.video.codec}"]
        else:
            lines.append(re.sub(r"^(m=\S+) \S+", r"\1 0", line))
    return "".join(f"{line}\r\n" for line in lines).encode()
