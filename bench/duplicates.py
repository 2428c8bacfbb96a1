"""How well duplicates are found: precision and recall over all pairs of rows of one person.

`python -m bench.duplicates FILE KEY` scores a list whose column KEY says which rows are one person;
the column is an answer, and triage never sees it. Without words it scores an invented list: people
written in several ways, among households, offices and people of one name.
"""

import csv
import json
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from rekindle.offline import triage_file

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEED, PERSONS = 11, 600
KEY = "who"
FIRST = ("Ann", "Alf", "Ben", "Bea", "Cara", "Carl", "Dan", "Dora", "Eva", "Emil", "Finn", "Fay")
LAST = ("Alder", "Birch", "Cole", "Dale", "Elm", "Frost", "Gray", "Hale", "Ivory", "Jarvis", "Kerr")

Row = dict[str, str]
Pairs = set[tuple[int, int]]


def score(rows: Sequence[Row], key: str) -> dict[str, float]:
    """The share of pairs found that are right, and of right pairs that were found."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list.csv"
        with file.open("w", newline="") as out:
            writer = csv.DictWriter(out, [name for name in rows[0] if name != key])
            writer.writeheader()
            writer.writerows({name: row[name] for name in row if name != key} for row in rows)
        judged = triage_file(file, NOON, "US")[1]
    of = {row.contact_id: its.duplicate_of for row, its in judged}
    found = _pairs({row.row: _last(row.contact_id, of) for row, _ in judged})
    right = _pairs({n: row[key] for n, row in enumerate(rows, 1)})
    return {
        "precision": round(len(found & right) / max(len(found), 1), 4),
        "recall": round(len(found & right) / max(len(right), 1), 4),
        "pairs": len(right),
    }


def invented(seed: int = SEED) -> list[Row]:
    """People written one to four times, and their neighbours."""
    draw = random.Random(seed)
    rows = [row for n in range(PERSONS) for row in _person(draw, n)]
    draw.shuffle(rows)
    return rows


def _person(draw: random.Random, n: int) -> Iterator[Row]:
    first, last = draw.choice(FIRST), draw.choice(LAST)
    numbers = [_number(n), _number(n + PERSONS)]
    boxes = [f"{first}.{last}{n}@yard.example".lower(), f"{first}{n}@home.example".lower()]
    row = _row(n, f"{first} {last}", numbers, boxes)
    yield row
    for _ in range(draw.choice((0, 0, 1, 2, 3))):
        yield _written_differently(draw, row, first, last)
    if n % 5 == 0:  # somebody else in the house, on the same number
        other = draw.choice([name for name in FIRST if name != first])
        yield _row(n, f"{other} {last}", numbers[:1], [f"{other}{n}@house.example".lower()]) | {
            KEY: f"{n} housemate"
        }
    if n % 7 == 0:  # and a desk that many share
        colleague = _row(n, f"{draw.choice(FIRST)} Q{n}", [_number(0)], ["info@yard.example"])
        yield colleague | {KEY: f"{n} colleague"}


def _written_differently(draw: random.Random, row: Row, first: str, last: str) -> Row:
    names = (f"{first} {last[0]}.", f"{first[0]}. {last}", f"{last}, {first}", row["name"].upper())
    boxes, numbers = [row["email"], row["email 2"]], [row["phone"], row["phone 2"]]
    if draw.random() < 0.5:
        boxes.reverse()
    if draw.random() < 0.5:
        numbers.reverse()
    if draw.random() < 0.3:
        boxes = [boxes[0].replace("@", f"+{draw.randint(1, 99)}@"), ""]
    return _row(int(row[KEY]), draw.choice(names), numbers, boxes)


def _row(n: int, name: str, numbers: Sequence[str], boxes: Sequence[str]) -> Row:
    number, other_number, *_ = (*numbers, "")
    box, other_box, *_ = (*boxes, "")
    return {
        KEY: str(n),
        "name": name,
        "phone": number,
        "phone 2": other_number,
        "email": box,
        "email 2": other_box,
        "country": "DE",
    }


def _number(n: int) -> str:
    return f"+49 151 {23000000 + n}"


def _last(who: Hashable, of: Mapping[Hashable, Hashable | None]) -> Hashable:
    """The row that stays: a probable duplicate may have duplicates of its own."""
    while (next_ := of[who]) is not None:
        who = next_
    return who


def _pairs(persons: Mapping[int, Hashable]) -> Pairs:
    """All pairs of rows that are one person."""
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for row, who in persons.items():
        rows[who].append(row)
    return {pair for its in rows.values() for pair in combinations(sorted(its), 2)}


def main(words: Sequence[str]) -> None:
    """Print the score of a list as one JSON object."""
    if words:
        file, key = words
        with Path(file).open(newline="", encoding="utf-8") as lines:
            rows: Iterable[Row] = list(csv.DictReader(lines))
        its = score(list(rows), key)
    else:
        its = score(invented(), KEY)
    sys.stdout.write(json.dumps(its) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
