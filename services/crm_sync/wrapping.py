"""What a list is wrapped in: gzip, a zip archive with one file, a spreadsheet, or nothing.

Whatever it is, its text can be read from the beginning as often as one likes. What is unpacked
lies in a temporary file without a name, so that nothing of it is left however we end; a file that
unpacks to more than anybody's list is refused while it does.
"""

import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from zipfile import BadZipFile, ZipFile, ZipInfo

from services.crm_sync.sheets import NoSheetError, lines_of

BYTES_MAX = 4 * 2**30  # of the file, and of all that it unpacks to
RATIO_MAX = 200  # unpacked bytes for each packed one
RATIO_FROM_BYTES = 64 * 2**20  # a small file may be as repetitive as it likes
LAYERS_MAX = 3  # a spreadsheet in an archive that is compressed once more
PIECE_BYTES = 2**20
NAMES_SHOWN_MAX = 3

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_LOCKED = 1  # the bit of an entry that has a password
_NO_LISTS = ("__MACOSX/", ".DS_Store")  # what a Mac adds to an archive
_DAMAGED = (EOFError, OSError, zlib.error, BadZipFile, NotImplementedError, RuntimeError)


class UnusableFileError(ValueError):
    """Nothing of the file can be imported; the sentence names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a list. `open` starts at its beginning; `layers` tell where it was found.

    `is_plain`: it is our own writing, UTF-8 parted by commas.
    """

    name: str
    open: Callable[[], io.BufferedReader]
    layers: tuple[str, ...] = ()
    is_plain: bool = False


def unwrap(path: Path, sheet: str = "") -> Content:
    """Find the text in a file. `sheet` names the one of a spreadsheet. Raises UnusableFileError."""
    content = Content(path.name, lambda: path.open("rb"))
    try:
        size = path.stat().st_size
        for _ in range(LAYERS_MAX + 1):
            with content.open() as file:
                head = file.read(len(_ZIP))
                file.seek(0)
                if head.startswith(_GZIP):
                    content = _unpacked(content, "gzip", _gunzipped(file), size)
                elif head == _ZIP:
                    content = _from_zip(content, file, size, sheet)
                else:
                    _hold_to_size(content.name, size)
                    return content
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno:
            sentence = f"{path} cannot be read: {os.strerror(error.errno).lower()}."
        else:
            sentence = f"{path.name} is damaged: export or download it again."
        raise UnusableFileError(sentence) from error
    raise UnusableFileError(f"{path.name} is packed in too many layers: unpack it and import that.")


def _hold_to_size(name: str, size: int) -> None:
    if size > BYTES_MAX:
        sentence = f"{name} has more than {BYTES_MAX >> 30} GiB: split it into smaller files."
        raise UnusableFileError(sentence)


def _gunzipped(file: io.BufferedReader) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=file) as packed:
        while piece := packed.read(PIECE_BYTES):
            yield piece


def _from_zip(outer: Content, file: io.BufferedReader, size: int, sheet: str) -> Content:
    """The one file of an archive, or the first sheet with a table of a spreadsheet."""
    with ZipFile(file) as archive:
        names = frozenset(archive.namelist())
        if "xl/workbook.xml" in names:
            return _from_spreadsheet(outer, archive, file, size, sheet)
        if "mimetype" in names or "xl/workbook.bin" in names:
            sentence = f"{outer.name} is a spreadsheet of another kind: save it as .xlsx or CSV."
            raise UnusableFileError(sentence)
        its = [one for one in archive.infolist() if not _is_no_list(one)]
        if len(its) != 1:
            shown = ", ".join(_shown(one.filename) for one in its[:NAMES_SHOWN_MAX])
            more = ", …" * (len(its) > NAMES_SHOWN_MAX)
            sentence = (
                f"{outer.name} holds {len(its)} files{f' ({shown}{more})' * bool(its)}: "
                "unpack it and import the one with the customers."
            )
            raise UnusableFileError(sentence)
        [one] = its
        if one.flag_bits & _LOCKED:
            sentence = f"{outer.name} is locked with a password: unpack it and import that."
            raise UnusableFileError(sentence)
        with archive.open(one) as packed:
            pieces = iter(partial(packed.read, PIECE_BYTES), b"")
            return _unpacked(outer, f"zip, {_shown(one.filename)}", pieces, size)


def _is_no_list(one: ZipInfo) -> bool:
    return one.is_dir() or any(part in one.filename for part in _NO_LISTS)


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)


def _from_spreadsheet(
    outer: Content, archive: ZipFile, file: io.BufferedReader, size: int, sheet: str
) -> Content:
    unpacked = sum(one.file_size for one in archive.infolist())
    _hold_to_bounds(outer.name, unpacked, size)
    try:
        title, lines = lines_of(archive, file, sheet)
        with closing(lines):
            content = _unpacked(outer, f"sheet “{_shown(title)}”", lines, size=0)
    except NoSheetError as error:
        raise UnusableFileError(f"{outer.name} {error}") from error
    return replace(content, is_plain=True)


def _unpacked(outer: Content, layer: str, pieces: Iterable[bytes], size: int) -> Content:
    """What comes out, in a temporary file. `size`: the bytes it comes out of; 0: no matter."""
    spool, done = _Spool(), 0
    for piece in pieces:
        done += len(piece)
        _hold_to_bounds(outer.name, done, size)
        spool.write(piece)
    return Content(outer.name, spool.open, (*outer.layers, layer))


def _hold_to_bounds(name: str, unpacked: int, size: int) -> None:
    _hold_to_size(name, unpacked)
    if size and unpacked > max(RATIO_FROM_BYTES, RATIO_MAX * size):
        sentence = (
            f"{name} unpacks to more than {RATIO_MAX} times its size, as no list of customers "
            "does: unpack it, look at it, and import that."
        )
        raise UnusableFileError(sentence)


class _Spool:
    """A temporary file without a name, which several readers may read, each at its own place."""

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115  closed when nobody can read it

    def write(self, piece: bytes) -> None:
        self._file.write(piece)

    def open(self) -> io.BufferedReader:
        return io.BufferedReader(_Place(self))

    def fileno(self) -> int:
        return self._file.fileno()

    def __del__(self) -> None:
        self._file.close()


class _Place(io.RawIOBase):
    """A reader's place in a spool."""

    def __init__(self, spool: _Spool) -> None:
        self._spool, self._at = spool, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        ends = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}
        from_end = whence == os.SEEK_END
        start = os.fstat(self._spool.fileno()).st_size if from_end else ends[whence]
        self._at = start + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what readers give
        done = os.preadv(self._spool.fileno(), [buffer], self._at)
        self._at += done
        return done
