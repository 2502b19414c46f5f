"""How Asterisk reads what its manager interface is sent, as main/manager.c and main/app.c do it, for tests of what we write."""

MAX_LINE = 1024
MAX_LINES = 128


def actions(sent: bytes) -> list[list[tuple[str, str]]]:
    """The headers of each action: a line ends at LF, with or without CR; an empty one ends the action."""
    found: list[list[tuple[str, str]]] = [[]]
    *lines, rest = sent.split(b"\n")
    assert rest == b"", "half a line was sent"
    for line in lines:
        assert len(line) + 1 <= MAX_LINE, "Asterisk answers: line too long"
        text = line.removesuffix(b"\r").split(b"\0")[0].decode()
        if not text:
            found.append([])
        else:
            name, _, value = text.partition(":")
            found[-1].append((name, value.lstrip(" ")))
        assert len(found[-1]) <= MAX_LINES, "Asterisk answers: too many lines"
    assert found.pop() == [], "an action without its end was sent"
    return found


def variables(header: str) -> list[tuple[str, str]]:
    """What a `Variable` header sets: its arguments, separated at commas, quotes and backslashes taken away."""
    pairs = [argument.partition("=") for argument in _arguments(header)]
    return [(name, value) for name, equals, value in pairs if name and equals]


def _arguments(text: str) -> list[str]:
    found, current = [], []
    depth = {"(": 0, "[": 0}
    quoted = False
    rest = iter(text)
    for character in rest:
        if character in "([":
            depth[character] += 1
        elif character in ")]":
            opened = "(" if character == ")" else "["
            depth[opened] = max(depth[opened] - 1, 0)
        elif character == '"':
            quoted = not quoted
            continue
        elif character == "\\":
            current.append(next(rest, ""))
            continue
        elif character == "," and not quoted and not any(depth.values()):
            found.append("".join(current))
            current = []
            continue
        current.append(character)
    return [*found, "".join(current)]
