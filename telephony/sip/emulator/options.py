"""The command line options that both entry points share."""

import argparse
from pathlib import Path
from typing import Any


def _listen(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit():
        raise argparse.ArgumentTypeError("give HOST:PORT, such as 127.0.0.1:5070; port 0 takes a free one")
    return host.strip("[]"), int(port)


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add what both processes understand."""
    parser.add_argument("--listen", type=_listen, default=("127.0.0.1", 0), help="HOST:PORT for UDP and TCP")
    parser.add_argument("--log", type=Path, required=True, help="file to append JSON lines to")
    parser.add_argument("--seed", type=int, help="for the ranges of the behaviour file; default: the file's")
    parser.add_argument(
        "--rtp-timeout", type=float, default=5.0, help="seconds without RTP before hanging up"
    )
    parser.add_argument("--control", action="store_true", help="obey JSON lines on standard input")
    parser.add_argument("--tls-port", type=int, help="listen on TLS too; needs --certificate, --private-key")
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--private-key", type=Path)


def common_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of `ProcessSettings` that the options give."""
    host, port = options.listen
    return {
        "host": host,
        "port": port,
        "log": options.log,
        "seed": options.seed,
        "rtp_timeout_s": options.rtp_timeout,
        "control": options.control,
        "tls_port": options.tls_port,
        "certificate": options.certificate,
        "private_key": options.private_key,
    }
