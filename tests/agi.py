"""An Asterisk that asks over FastAGI, played: it introduces a call, carries commands out and keeps variables."""

import socket
from dataclasses import dataclass, field


def as_asterisk_reads(line):
    """Cut a command into arguments as `parse_args` of res_agi.c does."""
    words, word, quoted, escaped = [], None, False, False
    for char in line:
        if char == '"' and not escaped:
            quoted = not quoted
            if quoted and word is None:
                word = ""
        elif char in " \t" and not quoted and not escaped:
            if word is not None:
                words.append(word)
            word = None
        elif char == "\\" and not escaped:
            escaped = True
        else:
            word, escaped = (word or "") + char, False
    return words if word is None else [*words, word]


@dataclass
class Dialplan:
    """One call in a dialplan that asks."""

    port: int
    secret: str
    digits: str = ""
    """What the caller presses, in order; nothing more once they are used up."""
    variables: dict[str, str] = field(default_factory=dict)
    played: list[str] = field(default_factory=list)

    def ask(self, name: str, *arguments: str, secret: str | None = None, **facts: str) -> dict[str, str]:
        """Ask a question and return the variables that were set for it, empty if nobody answered."""
        path = f"{self.secret if secret is None else secret}/{name}"
        head = {"network": "yes", "network_script": path, "uniqueid": "1763718.1", **facts}
        head |= {f"arg_{index}": text for index, text in enumerate(arguments, 1)}
        before = dict(self.variables)
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            lines = connection.makefile("rw", encoding="utf-8", newline="\n")
            try:
                lines.write("".join(f"agi_{key}: {text}\n" for key, text in head.items()) + "\n")
                lines.flush()
                for command in lines:
                    lines.write(f"{self._carry_out(as_asterisk_reads(command.rstrip()))}\n")
                    lines.flush()
            except ConnectionError:
                pass  # refused: nobody reads what is asked
        return {name: text for name, text in self.variables.items() if before.get(name) != text}

    def _carry_out(self, words: list[str]) -> str:
        match words:
            case ["SET", "VARIABLE", name, value]:
                self.variables[name] = value
                return "200 result=1"
            case ["EXEC", "MSet", together]:
                self.variables |= dict(pair.split("=", 1) for pair in together.split(","))
                return "200 result=0"
            case ["GET", "VARIABLE", name]:
                value = self.variables.get(name)
                return "200 result=0" if value is None else f"200 result=1 ({value})"
            case ["STREAM", "FILE", name, *_]:
                self.played.append(name)
                return "200 result=0 endpos=0"
            case ["WAIT", "FOR", "DIGIT", _]:
                pressed, self.digits = self.digits[:1], self.digits[1:]
                return f"200 result={ord(pressed) if pressed else 0}"
        return "510 Invalid or unknown command"
