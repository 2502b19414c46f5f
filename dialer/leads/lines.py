"""The lines of a lead file: which encoding it has, and where in its bytes each line begins.

Positions are byte offsets, so that an import which was killed goes on where it was without reading
what it has done.
"""

import codecs
import hashlib
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from dialer.errors import LeadFileError

_BLOCK = 1 << 20

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Survey(NamedTuple):
    """What one reading of a whole file tells before any of it is imported."""

    size: int
    encoding: str
    start: int
    """Bytes of the byte order mark."""
    digest: str
    """SHA-256 of the content. The name and time of a file change when it is copied, its content does not;
    and a file that was edited between two runs must not be resumed in the middle."""


def survey(path: Path) -> Survey:
    """Read a file through once: encoding and digest.

    A byte order mark decides. Without one the file is UTF-8 if all of it is, else GB18030 if all of it
    is, else UTF-8 whose undecodable rows will be rejected.

    Raises:
        LeadFileError: If it cannot be read, is empty, or ends within a UTF-16 character.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
            encoding, start = next(
                ((name, len(mark)) for mark, name in _MARKS if head.startswith(mark)), (None, 0)
            )
            digest, is_utf8 = _read_through(file)
            size = file.tell()
            if encoding is None:
                encoding = "gb18030" if not is_utf8 and _decodes(file, "gb18030") else "utf-8"
    except OSError as error:
        raise LeadFileError(f"{path}: {error.strerror}; name a file that you can read") from error
    if size == start:
        raise LeadFileError(f"{path}: the file is empty")
    if encoding.startswith("utf-16") and size % 2:
        raise LeadFileError(f"{path}: UTF-16, but cut short: its last character is half there; save it again")
    return Survey(size, encoding, start, digest)


class Lines:
    """Lines of an open file, with their line ends; those peeked at stay until they are passed."""

    def __init__(self, file: BinaryIO, encoding: str, offset: int) -> None:
        file.seek(offset)
        self.offset = offset
        """Where the first line that is not passed begins, in bytes."""
        self._encoding = encoding
        # Undecodable bytes become lone surrogates, which no JSON text may hold: such a row is rejected.
        self._errors = "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"
        # The byte 0x0A is a line feed wherever it stands in UTF-8 and GB18030, but not in UTF-16.
        self._source: Iterator[bytes] = iter(file)
        if encoding.startswith("utf-16"):
            self._text = io.TextIOWrapper(file, encoding, self._errors, newline="\n")
            self._source = (line.encode(encoding, self._errors) for line in self._text)
        self._ahead: list[bytes] = []

    def peek(self, count: int) -> list[str]:
        """Return the next lines, fewer than `count` only at the end of the file."""
        self._ahead += islice(self._source, max(count - len(self._ahead), 0))
        encoding, errors = self._encoding, self._errors
        return [line.decode(encoding, errors) for line in self._ahead[:count]]

    def skip(self, count: int) -> None:
        """Pass over lines that were peeked at."""
        self.offset += sum(map(len, self._ahead[:count]))
        del self._ahead[:count]


def _read_through(file: BinaryIO) -> tuple[str, bool]:
    file.seek(0)
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    while block := file.read(_BLOCK):
        digest.update(block)
        is_utf8 = is_utf8 and _feeds(decoder, block)
    return digest.hexdigest(), is_utf8 and _feeds(decoder, b"", final=True)


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    while block := file.read(_BLOCK):
        if not _feeds(decoder, block):
            return False
    return _feeds(decoder, b"", final=True)


def _feeds(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True
