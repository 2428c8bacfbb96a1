"""Nothing starts with rule data that is incomplete, contradicts itself or names nothing."""

import shutil
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from shared.rules.loading import load, rules_in_force
from shared.rules.reading import RuleDataError
from shared.rules.tables import HERE, TABLES

DATA = Path(__file__).parent / "data"


PARSED = cache(tomllib.loads)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the data to break. What is the same in every copy is parsed once."""
    monkeypatch.setattr(tomllib, "loads", PARSED)
    return Path(shutil.copytree(HERE, tmp_path / "data"))


def edit(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def row(folder, file, table, **changes):
    """Append a copy of a file's first row of a table with other cells."""
    path = folder / file
    text = path.read_text("utf-8")
    head = f"[[{table}]]\n"
    first = text.index(head)
    end = text.find("\n[[", first + 1)
    lines = text[first:end].splitlines() if end > 0 else text[first:].splitlines()
    for column, cell in changes.items():
        lines = [one for one in lines if not one.startswith(f"{column} =")]
        lines.append(f"{column} = {cell}")
    path.write_text(text + "\n" + "\n".join(lines) + "\n", "utf-8")


def test_the_data_of_the_package_is_in_order():
    rules = rules_in_force()
    assert rules.version == date(2026, 11, 22)
    for file, table, _ in TABLES:
        given = tomllib.loads((HERE / file).read_text("utf-8"))[table]
        assert given
    assert set(rules.windows["US"]) <= set(rules.rows.values())


BROKEN = [
    ("calling_hours.toml", 'id = "CH-US-FL"', 'id = ""', ["[[window]] number 7 has no id"]),
    ("calling_hours.toml", 'id = "CH-US-FL"', 'id = "CH-US-CT"', ["CH-US-CT", "choose another"]),
    ("calling_hours.toml", 'timezone = "recipient"\n', "", ["CH-FLOOR", "no timezone: add it"]),
    (
        "calling_hours.toml",
        'timezone = "recipient"',
        'timezone = "Mars/Olympus"',
        ["CH-FLOOR", "Mars"],
    ),
    (
        "calling_hours.toml",
        'kind = "policy"',
        'kind = "policy"\nkindness = 1',
        ["CH-FLOOR", "kindness"],
    ),
    (
        "calling_hours.toml",
        '"08:00-21:00"',
        '"21:00-08:00"',
        ["CH-FLOOR", "mon", "before it begins"],
    ),
    ("calling_hours.toml", '["08:00-21:00"]', '["8 to 9"]', ["CH-FLOOR", "mon", "HH:MM"]),
    ("calling_hours.toml", '["08:00-21:00"]', '["08:00-12:00", "11:00-13:00"]', ["overlap"]),
    ("calling_hours.toml", 'holiday_calendar = "US-LA"', 'holiday_calendar = "US-L"', ["CH-US-LA"]),
    ("calling_hours.toml", 'holiday_calendar = "US-LA"', 'holiday_calendar = ""', ["CH-US-LA"]),
    (
        "calling_hours.toml",
        'holiday = ["13:00-21:00"]',
        "holiday = []",
        ["CH-US-NE-PRE", "own_hours"],
    ),
    ("calling_hours.toml", '["express_consent"]', '["good_feeling"]', ["CH-US-NY", "good_feeling"]),
    ("calling_hours.toml", 'channels = ["voice"]', 'channels = ["pigeon"]', ["CH-FLOOR", "pigeon"]),
    ("calling_hours.toml", 'unit = "hours"', 'unit = "moons"', ["CAP-US-FL", "moons"]),
    ("calling_hours.toml", "max = 3", "max = 0", ["CAP-US-FL", "at least 1"]),
    ("calling_hours.toml", "max = 3", "max = 3.5", ["CAP-US-FL", "max is 3.5"]),
    (
        "calling_hours.toml",
        'jurisdiction = "US-FL"',
        'jurisdiction = "US-FX"',
        ["CH-US-FL", "US-FX"],
    ),
    ("calling_hours.toml", "verified = false", "verified = true", ["CH-FLOOR", "evidence"]),
    ("calling_hours.toml", "schema_version = 1", "schema_version = 2", ["schema_version = 1"]),
    ("calling_hours.toml", "[meta]", "[meta", ["no TOML"]),
    (
        "calling_hours.toml",
        "effective_from = 2023-10-01",
        "effective_from = 2023-10-01\neffective_to = 2022-01-01",
        ["CH-US-CT", "ends before it begins"],
    ),
    ("consent_rules.toml", 'any_of = ["pewc"]', 'any_of = ["luck"]', ["CR-US-VOICE-AUTO", "luck"]),
    ("consent_rules.toml", 'any_of = ["pewc"]', "any_of = []", ["CR-US-VOICE-AUTO", "no basis"]),
    ("consent_rules.toml", '["US-NDNC"]', '["US-DNDC"]', ["CR-US-VOICE-HUMAN", "US-DNDC"]),
    ("consent_rules.toml", '["us_a2p_registered"]', '["us_ready"]', ["CR-US-SMS", "us_ready"]),
    (
        "consent_rules.toml",
        "effective_to = 2026-08-10\n",
        "",
        ["CR-FR-VOICE-HUMAN", "give one an end"],
    ),
    (
        "consent_rules.toml",
        "effective_to = 2026-06-30",
        "effective_to = 2026-07-01",
        ["CR-NL-VOICE"],
    ),
    ("consent_rules.toml", 'id = "legit_interest"', 'id = "interest"', ["interest"]),
    (
        "consent_rules.toml",
        '"email", "voicemail"]\ncall_kinds = []',
        '"email"]\ncall_kinds = []',
        ["XX", "voicemail"],
    ),
    ("jurisdictions.toml", 'parent = "EU"', 'parent = "UE"', ["AT", "UE"]),
    ("jurisdictions.toml", 'parent = "*"', 'parent = "US-OH"', ["above itself"]),
    ("jurisdictions.toml", '"Europe/Vienna"', '"Europe/Wien"', ["AT", "Europe/Wien"]),
    ("jurisdictions.toml", 'combine = "override"', 'combine = "maybe"', ["AT", "maybe"]),
    (
        "jurisdictions.toml",
        'coverage = "parent_only"',
        'coverage = "own_rules"',
        ["US-AK", "has none"],
    ),
    ("jurisdictions.toml", 'code = "XX"', 'code = "YY"', ["XX"]),
    ("holidays.toml", "2026-11-08", "2026-11-03", ["US-ALL", "twice"]),
    ("holidays.toml", "date = 2026-11-08", "day = 2026-11-08", ["US-ALL", "dates"]),
    ("channel_policies.toml", 'scope = "US"', 'scope = "USA"', ["WA-US-MKT", "USA"]),
    ("product_rules.toml", 'id = "P-HOURS"', 'id = "P-OURS"', ["P-HOURS"]),
    ("product_rules.toml", 'id = "P-FR-36M"', 'id = "P-FR-37M"', ["P-FR-36M"]),
    ("pending_changes.toml", 'jurisdiction = "US-MI"', 'jurisdiction = "MI"', ["PEND-MI-SB351"]),
    ("reading/terms.toml", '"US-LA", "US-NY"', '"US-LA", "NY"', ["terms.toml", "NY"]),
    ("reading/terms.toml", "reply_hours = 24", "", ["terms.toml", "reply_hours"]),
    (
        "reading/bases.toml",
        'within = "contract_ended", days',
        'within = "spring", days',
        ["spring"],
    ),
    ("reading/bases.toml", "any = [{ wrote = true }]", "any = [{ sang = true }]", ["sang"]),
]


@pytest.mark.parametrize(("file", "old", "new", "says"), BROKEN)
def test_a_fault_is_refused_with_file_and_row(folder, file, old, new, says):
    edit(folder, file, old, new)
    with pytest.raises(RuleDataError) as caught:
        load(folder)
    sentence = str(caught.value)
    assert Path(file).name in sentence
    assert [word for word in says if word not in sentence] == []
    assert sentence.endswith(".")


def test_a_file_that_is_not_there_is_named(folder):
    (folder / "holidays.toml").unlink()
    with pytest.raises(RuleDataError, match=r"holidays\.toml cannot be read"):
        load(folder)


def test_a_place_without_its_rows_is_refused(folder):
    edit(folder, "calling_hours.toml", 'jurisdiction = "US-SC"', 'jurisdiction = "US-TN"')
    with pytest.raises(RuleDataError, match=r"jurisdictions\.toml: row US-SC .* has none"):
        load(folder)


def test_rows_may_share_hours_since_only_their_common_part_is_open(folder):
    row(folder, "calling_hours.toml", "window", id='"CH-FLOOR-2"')
    assert len(load(folder).windows["*"]) == 2


def test_an_older_data_version_does_not_know_younger_rows(folder):
    row(folder, "calling_hours.toml", "window", id='"CH-NEW"', added="2027-01-15")
    newest = load(folder)
    assert newest.version == date(2027, 1, 15)
    assert "CH-NEW" in newest.rows
    older = load(folder, date(2027, 1, 14))
    assert older.version == date(2027, 1, 14)
    assert "CH-NEW" not in older.rows
    assert [its.id for its in older.windows["*"]] == ["CH-FLOOR"]
    assert "CH-NEW" in load(folder, date(2027, 1, 15)).rows


def test_the_table_of_states_and_the_rows_agree():
    states = tomllib.loads((DATA / "us_states.toml").read_text("utf-8"))["state"]
    rules = rules_in_force()
    assert {one["code"] for one in states} == set(rules.children("US"))
    for one in states:
        code = one["code"]
        assert [its.id for its in rules.windows.get(code, ())] == one["windows"]
        assert [its.id for its in rules.caps.get(code, ())] == one["caps"]
        assert one["recording"] == (rules.recording.get(code) or rules.recording["US"])[0].consent
        own = {its.id for its in rules.consent.get(code, ())}
        assert set(one["consent_rules"]) <= own
        assert set(one["disclosures"]) <= {its.id for its in rules.disclosures.get(code, ())}
