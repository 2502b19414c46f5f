"""Who may reach a SIP port: a packet filter in the kernel, so that PJSIP never sees a stranger.

PJSIP answers OPTIONS and INVITE from anybody. A classic BPF program on its socket drops every datagram (for
TCP: every segment, so no connection) whose source is not a listed peer.
"""

import ctypes
import os
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

from telephony.sip.protocol import Peer

# Source: linux/filter.h and linux/bpf_common.h.
_LOAD_WORD, _LOAD_HALF = 0x20, 0x28
_JUMP_EQUAL, _JUMP_GREATER, _JUMP_NOT_LESS = 0x15, 0x25, 0x35
_RETURN = 0x06
_SOURCE_ADDRESS = 0xFFF00000 + 12  # SKF_NET_OFF: counted from the IPv4 header
_SOURCE_PORT = 0  # counted from the UDP or TCP header
_ACCEPT, _DROP = 0xFFFFFFFF, 0
_SO_ATTACH_FILTER = 26
_INSTRUCTION = struct.Struct("HBBI")


def program(peers: Sequence[Peer]) -> bytes:
    """Return the filter that accepts exactly these peers; without any it drops everything."""
    steps: list[tuple[int, int, int, int]] = []
    for peer in peers:
        address = int.from_bytes(socket.inet_aton(peer.address), "big")
        steps += [
            (_LOAD_WORD, 0, 0, _SOURCE_ADDRESS),
            (_JUMP_EQUAL, 0, 4, address),
            (_LOAD_HALF, 0, 0, _SOURCE_PORT),
            (_JUMP_NOT_LESS, 0, 2, peer.first_port),
            (_JUMP_GREATER, 1, 0, peer.last_port),
            (_RETURN, 0, 0, _ACCEPT),
        ]
    steps.append((_RETURN, 0, 0, _DROP))
    return b"".join(_INSTRUCTION.pack(*step) for step in steps)


def attach(own: socket.socket, peers: Sequence[Peer]) -> None:
    """Let only `peers` reach a socket, instead of whom an earlier call let."""
    code = program(peers)
    memory = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog; the kernel copies the program before setsockopt returns.
    header = struct.pack("HP", len(code) // _INSTRUCTION.size, ctypes.addressof(memory))
    own.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, header)


def own_socket(address: tuple[str, int], kind: socket.SocketKind) -> socket.socket:
    """Return this process's socket that is bound to `address`, as a duplicate: a library opened it.

    Raises:
        OSError: If no such socket is open.
    """
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found = socket.socket(fileno=os.dup(int(entry.name)))
        except OSError:
            continue
        if _is(found, address, kind):
            return found
        found.close()
    raise OSError(f"no socket of this process is bound to {address[0]}:{address[1]}")


def _is(found: socket.socket, address: tuple[str, int], kind: socket.SocketKind) -> bool:
    if found.family != socket.AF_INET or found.type != kind or found.getsockname() != address:
        return False
    return kind == socket.SOCK_DGRAM or bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
