"""An Asterisk of the dialer's own: an ordinary process on loopback, with a folder of its own, beside whatever else runs."""

import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import msgspec

from cli.processes import ProcessError, end
from dialer.asterisk_config import AsteriskServer
from dialer.config import Config
from telephony.asterisk.generate import Site, write_out

HOST = "127.0.0.1"
ROOT_VARIABLE = "ASTERISK_ROOT"
"""Environment variable that names the root of an installed Asterisk, such as `/`."""

_BOOTED_WITHIN_S = 60.0
# With calls up it takes a second; one was seen that never ended by itself.
_END_S = 5.0
# Outside the ports that the system gives out by itself (32768 and up), and of the SIP adapter's.
# Between the ports of the emulated phones' audio and those of our own SIP, on one machine with them in a demo.
_RTP_FIRST, _RTP_SLOTS, _RTP_PORTS = 15_000, 6, 1_000
_PLACEHOLDER = re.compile(r"@([a-z_]+)@")
_EMPTY = (
    "acl", "ccss", "cli", "cli_permissions", "codecs", "dnsmgr", "dsp", "extconfig", "features", "http",
    "pjproject", "queuerules", "queues", "sorcery", "stasis", "udptl",
)  # fmt: skip
_UNPRIVILEGED = "nobody"


class Program(msgspec.Struct, frozen=True):
    """An Asterisk that can be run."""

    command: str
    root: Path
    """Where its modules and data are, as the system's are below `/`."""

    def place(self, pattern: str) -> Path:
        """Return the one folder below the root.

        Raises:
            ProcessError: If there is none.
        """
        found = sorted(self.root.glob(pattern))
        if not found:
            raise ProcessError(
                f"{self.root / pattern} is missing: this Asterisk cannot be run; `make asterisk`"
            )
        return found[0]


def find_program() -> Program:
    """Return the Asterisk that `make asterisk` put below the working directory, else that of `ASTERISK_ROOT` or the system.

    Raises:
        ProcessError: If there is none.
    """
    named, made = os.environ.get(ROOT_VARIABLE), Path(".asterisk").resolve()
    if named is None and (made / "asterisk").exists():
        return Program(str(made / "asterisk"), made / "tree")
    root = Path(named or "/")
    if (root / "usr/sbin/asterisk").exists():
        return Program(str(root / "usr/sbin/asterisk"), root)
    raise ProcessError("there is no Asterisk here: run `make asterisk`, or install Asterisk 22")


class Ports(msgspec.Struct, frozen=True):
    """Where an instance listens, all on loopback."""

    manager: int
    sip: int
    rtp_start: int

    @staticmethod
    def free(sip: int | None = None) -> "Ports":
        """Return ports that nobody has just now; two instances may share audio ports, of which each takes free ones.

        Args:
            sip: Taken as it is, if it has been agreed on.
        """
        manager = _free_port(socket.SOCK_STREAM)
        return Ports(
            manager, sip or _free_port(socket.SOCK_DGRAM), _RTP_FIRST + manager % _RTP_SLOTS * _RTP_PORTS
        )


class Instance:
    """One Asterisk, from `start` to `remove`; it can be killed and started again.

    Attributes:
        home: Its folder.
        ports: Where it listens.
        server: What the dialer's configuration says of it.
        config: The dialer's, with it.
        process: Running, or the last that was.
    """

    def __init__(
        self,
        config: Config,
        name: str,
        *,
        extra: Mapping[str, str] | None = None,
        program: Program | None = None,
    ) -> None:
        """Write its files.

        Args:
            config: The trunks that name it with `server`; what it has under `asterisk.servers.NAME`, if anything, is kept but
                for host, port and password; it listens at the port of `sip` there.
            name: Of the server.
            extra: More text for files of its `etc`, by their names.
            program: What to run; None finds one.
        """
        self.program = program or find_program()
        known = config.asterisk.servers.get(name, AsteriskServer())
        self.ports = Ports.free(int(known.sip.rpartition(":")[2] or 0))
        self.home = Path(tempfile.mkdtemp(prefix="dialer-asterisk-"))
        self.password = secrets.token_urlsafe(18)
        password_file = self.home / "password"
        password_file.touch(0o600)
        password_file.write_text(self.password)
        self.server = msgspec.structs.replace(
            known, host=HOST, port=self.ports.manager, password_env="", password_file=password_file
        )
        servers = {**config.asterisk.servers, name: self.server}
        self.config = msgspec.structs.replace(
            config, asterisk=msgspec.structs.replace(config.asterisk, servers=servers)
        )
        self.process: subprocess.Popen[bytes] | None = None
        self._write(name, extra or {})

    @property
    def log(self) -> Path:
        """Its notices, warnings and errors."""
        return self.home / "log" / "messages"

    def start(self) -> None:
        """Start it and wait until it is fully booted.

        Raises:
            ProcessError: If it is not; the text ends with its last words.
        """
        with (self.home / "console").open("ab") as console:
            self.process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=console, stderr=console, cwd=self.home
            )
        deadline = time.monotonic() + _BOOTED_WITHIN_S
        while not self._has_booted():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ProcessError(f"Asterisk did not start: {self._last_words()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it for sure: it hangs up its calls if it can."""
        if self.process is not None:
            end(self.process, within_s=_END_S)

    def kill(self) -> None:
        """Kill it: nobody is told."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def remove(self) -> None:
        """End it and forget what it held."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _write(self, name: str, extra: Mapping[str, str]) -> None:
        etc = self.home / "etc"
        for folder in ("cache", "etc", "keys", "lib", "log", "run", "spool", "spool/monitor"):
            (self.home / folder).mkdir()
        site = Site(password=self.password, folder=str(etc / "dialer"), bind=f"{HOST}:{self.ports.sip}")
        for path, data in write_out(self.config, name, site).items():
            target = etc / "dialer" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        values = {
            "home": str(self.home),
            "modules": str(self.program.place("usr/lib/*/asterisk/modules")),
            "data": str(self.program.place("usr/share/asterisk")),
            "host": HOST,
            "manager_port": str(self.ports.manager),
            "rtp_start": str(self.ports.rtp_start),
            "rtp_end": str(self.ports.rtp_start + _RTP_PORTS - 1),
        }
        for file in (files("cli.asterisk") / "etc").iterdir():
            text = _PLACEHOLDER.sub(lambda found: values[found[1]], file.read_text(encoding="utf-8"))
            (etc / file.name).write_text(text)
        for empty in _EMPTY:
            (etc / f"{empty}.conf").touch()
        for file_name, text in extra.items():
            with (etc / file_name).open("a") as opened:
                opened.write(f"\n{text}\n")
        self._give_away()

    def _give_away(self) -> None:
        if self._user is not None:
            for path in (self.home, *self.home.rglob("*")):
                if path.name != "password":
                    os.chown(path, self._user.pw_uid, self._user.pw_gid)

    @property
    def _user(self) -> pwd.struct_passwd | None:
        """Who it runs as if root starts it: nobody, if nobody can reach the program."""
        if os.geteuid() != 0:
            return None
        user = pwd.getpwnam(_UNPRIVILEGED)
        reached = subprocess.run(
            [*_as(user), "test", "-r", self.program.command], stdin=subprocess.DEVNULL, check=False
        )
        return user if reached.returncode == 0 else None

    def _command(self) -> list[str]:
        # It ends with whoever started it, however that ended.
        command = (
            ["setpriv", "--pdeathsig", "KILL"]
            if self._user is None
            else [*_as(self._user), "--pdeathsig", "KILL"]
        )
        return [*command, self.program.command, "-f", "-C", str(self.home / "etc" / "asterisk.conf")]

    def _has_booted(self) -> bool:
        try:
            with socket.create_connection((HOST, self.ports.manager), 2.0) as one:
                one.settimeout(2.0)
                login = f"Action: Login\r\nUsername: {self.server.events_username}\r\nSecret: {self.password}\r\n\r\n"
                one.sendall(login.encode())
                answer = b""
                while b"Event: FullyBooted" not in answer:
                    piece = one.recv(4096)
                    if not piece:
                        return False
                    answer += piece
                return True
        except OSError:
            return False

    def _last_words(self) -> str:
        said = (self.home / "console").read_bytes()[-2_000:].decode(errors="replace")
        logged = self.log.read_text(errors="replace")[-2_000:] if self.log.exists() else ""
        return f"{said}\n{logged}".strip() or "it said nothing"


def _as(user: pwd.struct_passwd) -> list[str]:
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
