"""CSV files as CRMs export them, made of little, and records read from them."""

import csv
import io
from datetime import date
from pathlib import Path
from uuid import UUID

from services.crm_sync.records import Record, Source, open_source
from shared.privacy.hashes import Hasher

TODAY = date(2026, 11, 23)
HASHER = Hasher(b"k" * 32, UUID(int=7))

ANN = {"id": "7", "name": "Ann Smith", "email": "ann@studio.example", "country": "GB"}
BEN = {"id": "8", "name": "Ben Gray", "email": "ben@studio.example", "country": "GB"}


def as_csv(*rows: dict[str, str], delimiter: str = ",") -> str:
    """The rows under a header that names every key of theirs."""
    text = io.StringIO()
    header = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(text, header, restval="", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write(folder: Path, content: str | bytes, name: str = "customers.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def open_(path: Path, *, region: str = "US", today: date = TODAY) -> Source:
    return open_source(path, region=region, hasher=HASHER, today=today)


def read(folder: Path, content: str | bytes, *, region: str = "US") -> list[Record]:
    """The records of a file with this content."""
    return list(open_(write(folder, content), region=region))


def read_row(folder: Path, *, region: str = "US", **cells: str) -> Record:
    """The record of one row; an underscore in a name stands for a space."""
    row = {"id": "1", "email": "ann@studio.example"}
    row |= {name.replace("_", " "): value for name, value in cells.items()}
    [record] = read(folder, as_csv(row), region=region)
    return record
