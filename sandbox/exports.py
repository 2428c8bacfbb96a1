"""Writes the example customer list: what a CRM would export of an invented company's customers.

Every row is made for a purpose (`PURPOSES` says how many of each), then dressed in the mess of a
real export. All people, numbers and addresses are invented. The same seed writes the same file.

    python -m sandbox.exports examples/customers.csv
"""

import csv
import io
import random
import sys
from datetime import date, timedelta
from pathlib import Path

from sandbox.countries import COUNTRIES, Country

TODAY = date(2026, 11, 23)
SEED = 7

# How many rows are made for which purpose; what triage makes of them is not known here.
PURPOSES = {
    "single_module": 150,
    "solo_seat": 100,
    "dormant": 120,
    "churned_lately": 130,
    "renews_soon": 110,
    "healthy": 150,
    "no_basis": 480,
    "opted_out": 190,
    "trial": 230,
    "churned_long_ago": 270,
    "out_of_window": 190,
    "no_address": 90,
    "contradictory": 60,
    "other_language": 60,
    "duplicate": 150,
    "household": 12,
    "broken": 8,
}

HEADER = (
    "Record ID", "First Name", "Last Name", "Company name", "Email", "Mobile Phone Number",
    "Country/Region", "State/Region", "Preferred language", "Lifecycle Stage", "Plan",
    "Months on plan", "Seats", "Team logins", "Connected integrations", "Active modules",
    "Available modules", "Logins per month (last year)", "Logins per month (now)",
    "Billing interval", "Renewal date", "Cancellation date", "Ever paid", "Last login",
    "Spoke by phone", "WhatsApp verified", "WhatsApp opt-in", "WhatsApp opt-in proof",
    "SMS opt-in", "SMS opt-in proof", "Email opt-in", "Email opt-in proof", "Opt-in date",
    "Opt-out offered at signup", "Opt-out in every message", "Unsubscribed", "Notes",
    "Legal form", "Last invoice",
)  # fmt: skip

Row = dict[str, str]


SHARES = {"US": 34, "GB": 16, "DE": 16, "FR": 12, "ES": 12, "LT": 10}
TRADES = ("Studio", "Atelier", "Rooms", "Yoga", "Photo", "Dance", "Pottery", "Sound")
DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%d %b %Y")
# In whose name a studio is run, as people type it: its own, a company's, nobody's but a customer's.
FORMS = {
    "US": ("Sole proprietor", "LLC", "Individual"),
    "GB": ("Sole trader", "Ltd", "Private person"),
    "DE": ("Einzelunternehmer", "GmbH", "Privat"),
    "FR": ("Auto-entrepreneur", "SARL", "Particulier"),
    "ES": ("Autónomo", "SL", "Particular"),
    "LT": ("Individuali veikla", "UAB", "Fizinis asmuo"),
    "PL": ("Sole trader", "Company", "Osoba prywatna"),
}
FORM_WEIGHTS = (55, 20, 10, 15)  # the last: not recorded
AREA_STATES = {
    "212": "NY", "312": "Illinois", "415": "California", "617": "Massachusetts", "512": "TX",
    "206": "WA", "303": "CO", "404": "Georgia", "305": "Florida", "602": "Arizona",
}  # fmt: skip
MOVED = 0.1  # of the Americans, who kept their number
TRUTHS = (("Yes", "No"), ("TRUE", "FALSE"), ("yes", "no"), ("1", "0"))


class Export:
    """One export in the making."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.rows: list[Row] = []
        self.next_id = 10_441

    def make(self) -> list[Row]:
        """All rows, in the order of the file."""
        plain = [p for p in PURPOSES if p not in ("duplicate", "household", "broken")]
        for purpose in plain:
            for _ in range(PURPOSES[purpose]):
                self.rows.append(self.row(purpose))
        workable = [row for row in self.rows if row["_purpose"] in ("healthy", "solo_seat")]
        for n in range(PURPOSES["duplicate"]):
            self.rows.append(self.duplicate(self.rng.choice(self.rows[:700]), n))
        for row in self.rng.sample(workable, PURPOSES["household"]):
            self.rows.append(self.household(row))
        for _ in range(PURPOSES["broken"]):
            self.rows.append({**self.row("healthy"), "_purpose": "broken"})
        self.rng.shuffle(self.rows)
        return self.rows

    def row(self, purpose: str) -> Row:
        """One customer, dressed for a purpose."""
        codes = list(SHARES)
        code = self.rng.choices(codes, [SHARES[one] for one in codes])[0]
        country = COUNTRIES["PL" if purpose == "other_language" else code]
        row = self.person(country) | self.account() | self.basis(country)
        getattr(self, f"as_{purpose}")(row)
        row["_purpose"] = purpose
        return self.untidy(row)

    def person(self, country: Country) -> Row:
        rng = self.rng
        first, last = rng.choice(country.first), rng.choice(country.last)
        self.next_id += rng.randint(1, 4)
        box = _plain(f"{first}.{last}".lower()) + str(rng.randint(2, 9999))
        phone, state = rng.choice(country.phone(rng)), rng.choice(country.states)
        if country.code == "US" and state and not self.chance(MOVED):
            state = AREA_STATES["".join(filter(str.isdecimal, phone))[-10:-7]]
        return {
            "Record ID": str(self.next_id),
            "First Name": first,
            "Last Name": last,
            "Company name": f"{last} {rng.choice(TRADES)}",
            "Email": f"{box}@{rng.choice(country.domains)}",
            "Mobile Phone Number": phone,
            "Country/Region": rng.choice(country.names),
            "State/Region": state,
            "Preferred language": rng.choice(country.languages),
            "Legal form": rng.choices((*FORMS[country.code], ""), FORM_WEIGHTS)[0],
            "_country": country.code,
        }

    def account(self) -> Row:
        """A healthy paying customer on a monthly plan, with nothing to talk about."""
        rng = self.rng
        return {
            "Lifecycle Stage": rng.choice(("Customer", "customer", "Active", "active")),
            "Plan": rng.choice(("Base", "Studio", "Team")),
            "Months on plan": str(rng.randint(3, 48)),
            "Seats": str(rng.randint(2, 9)),
            "Team logins": str(rng.randint(1, 9)),
            "Connected integrations": str(rng.randint(0, 9)),
            "Active modules": "4",
            "Available modules": "4",
            "Logins per month (last year)": str(rng.randint(15, 60)),
            "Logins per month (now)": str(rng.randint(12, 60)),
            "Billing interval": rng.choice(("monthly", "Monthly", "month")),
            "Renewal date": "",
            "Cancellation date": "",
            "Ever paid": self.truth(yes=True),
            "Last login": self.day(TODAY - timedelta(days=rng.randint(0, 12))),
            "Last invoice": self.day(TODAY - timedelta(days=rng.randint(1, 28))),
            "Spoke by phone": self.truth(yes=self.chance(0.3)),
            "Unsubscribed": self.truth(yes=False),
            "Notes": rng.choice(("", "", "", "asked about invoices in spring", "prefers mornings")),
        }

    def basis(self, country: Country) -> Row:
        """Consents with proof, enough to be reached on one to three channels."""
        rng = self.rng
        row = dict.fromkeys(HEADER[25:35], "")
        given = TODAY - timedelta(days=rng.randint(60, 900))
        row["Opt-in date"] = self.day(given)
        if country.code != "US" and self.chance(0.55):
            row["WhatsApp verified"] = self.truth(yes=True)
            row["WhatsApp opt-in"] = self.truth(yes=True)
            row["WhatsApp opt-in proof"] = f"Signup form v{rng.randint(2, 5)}, ticked {given}"
        if self.chance(0.55):
            row["SMS opt-in"] = self.truth(yes=True)
            row["SMS opt-in proof"] = (
                f"I agree to marketing texts, also automated ones, signed {given}"
            )
        row["Email opt-in"] = self.truth(yes=True)
        row["Email opt-in proof"] = f"Newsletter form, confirmed {given}"
        if self.chance(0.5):
            row["Opt-out offered at signup"] = self.truth(yes=True)
            row["Opt-out in every message"] = self.truth(yes=True)
        return row

    # -- the purposes

    def as_healthy(self, row: Row) -> None:
        """As it is."""

    def as_single_module(self, row: Row) -> None:
        row["Active modules"] = "1"

    def as_solo_seat(self, row: Row) -> None:
        row["Seats"], row["Plan"] = "1", "Solo"
        if self.chance(0.5):
            row["Team logins"] = str(self.rng.randint(3, 8))
        else:
            row["Connected integrations"] = str(self.rng.randint(15, 22))

    def as_dormant(self, row: Row) -> None:
        row["Logins per month (last year)"] = str(self.rng.randint(22, 60))
        row["Logins per month (now)"] = str(self.rng.randint(0, 1))
        row["Last login"] = self.day(TODAY - timedelta(days=self.rng.randint(25, 80)))

    def as_churned_lately(self, row: Row) -> None:
        self.churn(row, self.rng.randint(32, 165))

    def as_renews_soon(self, row: Row) -> None:
        row["Billing interval"] = self.rng.choice(("annual", "Yearly", "year"))
        row["Renewal date"] = self.day(TODAY + timedelta(days=self.rng.randint(31, 59)))

    def as_no_basis(self, row: Row) -> None:
        """Nothing was agreed, or nothing proves it; a US customer may still be mailed."""
        if row["_country"] == "US":
            row["Email"] = ""
        for name in HEADER[26:35]:
            row[name] = ""
        if self.chance(0.4):
            row["Email opt-in"] = row["SMS opt-in"] = self.truth(yes=True)  # without proof

    def as_opted_out(self, row: Row) -> None:
        if self.chance(0.7):
            row["Unsubscribed"] = self.truth(yes=True)
        else:
            row["Lifecycle Stage"] = self.rng.choice(("Unsubscribed", "Do not contact"))

    def as_trial(self, row: Row) -> None:
        row["Lifecycle Stage"] = self.rng.choice(("Trial", "trial", "Free trial"))
        row["Ever paid"], row["Last invoice"] = self.truth(yes=False), ""

    def as_churned_long_ago(self, row: Row) -> None:
        self.churn(row, self.rng.randint(560, 1500))
        row["Spoke by phone"] = self.truth(yes=False)

    def as_out_of_window(self, row: Row) -> None:
        days = self.rng.randint(3, 27) if self.chance(0.4) else self.rng.randint(190, 530)
        self.churn(row, days)

    def as_no_address(self, row: Row) -> None:
        row["Email"] = self.rng.choice(("", "n/a", "none@", "ask Tom", "@studio.example"))
        row["Mobile Phone Number"] = self.rng.choice(("", "12345", "-", "call reception", "000000"))

    def as_contradictory(self, row: Row) -> None:
        """Still a customer, and gone."""
        row["Cancellation date"] = self.day(TODAY - timedelta(days=self.rng.randint(40, 170)))

    def as_other_language(self, row: Row) -> None:
        row["Active modules"] = "1"

    # -- records of somebody who is there already

    def duplicate(self, row: Row, n: int) -> Row:
        """The same person once more, as people are entered twice."""
        copy = dict(row)
        way = n % 3
        if way == 0:  # the same record, exported twice
            copy["Notes"] = "merged from the old list"
        elif way == 1 and "@" in copy["Email"]:  # another id, the same mailbox
            copy["Record ID"] = self.new_id()
            copy["Email"] = copy["Email"].replace("@", f"+{self.rng.choice(('work', 'inv'))}@")
            copy["First Name"] = copy["First Name"].upper()
        else:  # another id, the same phone and name
            copy["Record ID"] = self.new_id()
            copy["Email"] = ""
        copy["_purpose"] = "duplicate"
        return copy

    def household(self, row: Row) -> Row:
        """Somebody else at the same number."""
        other = self.row("solo_seat")
        names = ("Mobile Phone Number", "Country/Region", "State/Region", "Preferred language")
        return other | {name: row[name] for name in names} | {"_purpose": "household"}

    # -- how it is written down

    def churn(self, row: Row, days: int) -> None:
        row["Lifecycle Stage"] = self.rng.choice(("Churned", "churned", "Former customer"))
        row["Cancellation date"] = self.day(TODAY - timedelta(days=days))
        row["Last login"] = self.day(TODAY - timedelta(days=days + self.rng.randint(0, 30)))
        row["Last invoice"] = self.day(TODAY - timedelta(days=days + self.rng.randint(1, 28)))

    def untidy(self, row: Row) -> Row:
        """Fields get lost, names change case, spaces creep in."""
        if self.chance(0.05):
            row["Preferred language"] = ""
        if self.chance(0.04):
            row["First Name"] = row["First Name"].upper()
        if self.chance(0.05):
            row["Email"] = f" {row['Email'].upper()} "
        for name in ("Months on plan", "Last login", "Company name"):
            if self.chance(0.08):
                row[name] = ""
        return row

    def new_id(self) -> str:
        self.next_id += 1
        return str(self.next_id)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def truth(self, *, yes: bool) -> str:
        pair = self.rng.choice(TRUTHS)
        return pair[0] if yes else self.rng.choice((pair[1], pair[1], ""))

    def day(self, day: date) -> str:
        return day.strftime(self.rng.choice(DATE_FORMATS))


def _plain(text: str) -> str:
    table = str.maketrans(
        "äöüßéèêëàâîïôûçñáíóúąčęėįšųūžźżćłńś", "aousëeeeaaiioucnaiouaceeisuuzzzclns"
    )
    return text.translate(table).replace("ë", "e").encode("ascii", "ignore").decode()


def as_csv(rows: list[Row]) -> bytes:
    """The file: UTF-8, but for the rows that are broken: those hold bytes that are none."""
    lines = [_line(HEADER)]
    for row in rows:
        line = _line([row.get(name, "") for name in HEADER])
        if row["_purpose"] == "broken":
            line = line.replace(b",", b",\xff\xfe ", 3)
        lines.append(line)
    return b"".join(lines)


def _line(cells: list[str] | tuple[str, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(as_csv(Export(SEED).make()))
