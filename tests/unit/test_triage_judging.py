"""The verdict: every reason that applies, the decisive one first; and who is whose duplicate."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.triage.claims import EVERYTHING, NOTHING, claim_of
from services.triage.judging import NOT_SUPPRESSED, Judgement, Suppressed, judge
from services.triage.offline import judge_all
from services.triage.reasons import MEANINGS, Code
from services.triage.standings import ALONE, Standing, standings
from shared.events import Account, OptOut
from shared.ids import NOBODY, named
from shared.words import Channel, Goal, Oddity, Openness, Reason, Segment, Status, Verdict
from tests.triage_records import SET_UP, ABox, ANumber, ARecord, a_record, facts

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
OTHER = named("contact", 2)
CHURNED = Status.CHURNED


def verdict(record=None, *, standing=ALONE, listed=NOT_SUPPRESSED, languages=None, **changes):
    record = record or a_record(**changes)
    return judge(record, standing, listed, languages, SET_UP, NOW)


def left(days: int, **changes) -> Account:
    return Account(
        **{"status": CHURNED, "ever_paid": True, "churned_on": TODAY - timedelta(days)} | changes
    )


def test_a_customer_whom_nothing_keeps_out_is_admitted():
    its = verdict()
    assert (its.verdict, its.reasons, its.segment, its.goal) == (Verdict.ADMITTED, (), None, None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"unreadable": "A cell is too long."}, (Reason.UNREADABLE,)),
        ({"opt_out": OptOut()}, (Reason.OPTED_OUT, Reason.NO_LAWFUL_CHANNEL)),
        ({"account": Account(status=Status.TRIAL)}, (Reason.NEVER_PAID, Reason.NO_LAWFUL_CHANNEL)),
        (
            {"account": left(900)},
            (Reason.CHURNED_LONG_AGO, Reason.NO_LAWFUL_CHANNEL, Reason.OUT_OF_WINDOW),
        ),
        ({"account": left(900, spoke_by_phone=True)}, (Reason.OUT_OF_WINDOW,)),
        (
            {"phone": None, "mailbox": None},
            (Reason.NO_VALID_ADDRESS, Reason.NO_LAWFUL_CHANNEL),
        ),
        ({"consents": ()}, (Reason.NO_LAWFUL_CHANNEL,)),
        ({"country": ""}, (Reason.NO_LAWFUL_CHANNEL,)),
        ({"account": left(29)}, (Reason.OUT_OF_WINDOW,)),
        ({"conflicts": ("status",)}, (Reason.CONFLICTING_FACTS,)),
    ],
)
def test_each_fact_has_its_reason(changes, expected):
    its = verdict(**changes)
    assert its.reasons == expected
    assert its.verdict is MEANINGS[expected[0]].verdict


def test_all_reasons_are_given_and_the_first_decides():
    its = verdict(
        standing=Standing(duplicate_of=OTHER),
        listed=Suppressed(everything=True, channels=EVERYTHING),
        languages={"en"},
        phone=None,
        mailbox=None,
        unreadable="no",
        account=left(900, ever_paid=False),
        conflicts=("status",),
        oddities=(Oddity.TEST_DATA, Oddity.ROLE_MAILBOX),
    )
    exclusive = Reason.PROBABLE_DUPLICATE  # with being a duplicate for sure
    assert its.reasons == tuple(reason for reason in Reason if reason is not exclusive)
    assert its.verdict is Verdict.EXCLUDED
    assert its.duplicate_of == OTHER


def test_the_order_of_verdicts_is_excluded_then_duplicate_then_held():
    verdicts = [MEANINGS[reason].verdict for reason in Reason]
    assert verdicts == [Verdict.EXCLUDED] * 8 + [Verdict.DUPLICATE] + [Verdict.HELD] * 5
    assert all(its.sentence and its.remedy for its in MEANINGS.values())


def test_a_duplicate_that_is_also_held_is_a_duplicate():
    its = verdict(standing=Standing(duplicate_of=OTHER), conflicts=("status",))
    assert (its.verdict, its.reasons[0]) == (Verdict.DUPLICATE, Reason.DUPLICATE)


def test_an_opt_out_of_some_channels_closes_those():
    its = verdict(opt_out=OptOut(channels=(Channel.SMS,)))
    assert its.verdict is Verdict.ADMITTED
    assert its.channels[Channel.SMS].code == Code.OPTED_OUT
    assert its.channels[Channel.EMAIL].openness is Openness.OPEN


def test_an_opt_out_of_every_channel_is_one_of_everything():
    assert verdict(opt_out=OptOut(channels=tuple(Channel))).reasons[0] is Reason.OPTED_OUT


def test_what_the_person_refused_elsewhere_is_refused_here():
    its = verdict(standing=Standing(refused=EVERYTHING))
    assert its.reasons[0] is Reason.OPTED_OUT
    assert {one.code for one in its.channels.values()} == {
        Code.OPTED_OUT,
        Code.CHANNEL_NOT_INSTALLED,
    }


def test_what_somebody_refused_on_the_number_is_refused_on_it():
    its = verdict(standing=Standing(address_refused=frozenset({Channel.SMS, Channel.WHATSAPP})))
    assert its.verdict is Verdict.ADMITTED
    assert its.channels[Channel.SMS].code == Code.NUMBER_OPTED_OUT
    assert its.channels[Channel.EMAIL].openness is Openness.OPEN


def test_the_suppression_list_excludes_or_closes():
    assert verdict(listed=Suppressed(everything=True)).reasons[0] is Reason.OPTED_OUT
    assert verdict(listed=Suppressed(channels=EVERYTHING)).reasons[0] is Reason.SUPPRESSED
    its = verdict(listed=Suppressed(channels=frozenset({Channel.EMAIL})))
    assert its.verdict is Verdict.ADMITTED
    assert its.channels[Channel.EMAIL].code == Code.SUPPRESSED


def test_no_language_is_held_before_there_is_a_script():
    assert verdict(language="").verdict is Verdict.ADMITTED
    for languages, reasons in [
        ({"lt", "en"}, ()),
        ({"en"}, (Reason.LANGUAGE_NOT_IN_SCRIPT,)),
        (set(), (Reason.LANGUAGE_NOT_IN_SCRIPT,)),
    ]:
        assert verdict(languages=languages).reasons == reasons
    assert verdict(languages={"lt"}, language="").reasons == (Reason.LANGUAGE_NOT_IN_SCRIPT,)


def test_the_segment_of_the_highest_priority_gives_the_goal():
    account = Account(
        status=Status.ACTIVE, ever_paid=True, seats=1, team_logins=3, annual=True,
        renews_on=TODAY + timedelta(days=45),
    )  # fmt: skip
    its = verdict(account=account)
    assert its.segments == (Segment.RENEWAL_DUE, Segment.SOLO_SEAT)
    assert (its.segment, its.goal) == (Segment.RENEWAL_DUE, Goal.RENEWAL)


def test_days_are_counted_where_the_contact_is():
    evening = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # already the 24th in Vilnius
    for zones, expected in [
        (("Europe/Vilnius",), ()),
        (("Europe/London",), (Reason.OUT_OF_WINDOW,)),
    ]:
        record = a_record(account=left(29), zones=zones)
        its = judge(record, ALONE, NOT_SUPPRESSED, None, SET_UP, evening)
        assert its.reasons == expected


def test_the_text_of_a_judgement_knows_no_hour():
    night = NOW - timedelta(hours=8)
    quiet = judge(a_record(), ALONE, NOT_SUPPRESSED, None, SET_UP, night)
    assert quiet.channels[Channel.SMS].openness is Openness.DEFERRED
    assert str(quiet) == str(verdict())
    assert str(verdict(consents=())) != str(verdict())
    assert str(verdict(standing=Standing(duplicate_of=OTHER))) != str(verdict())


# -- who is who


def row(n, *, box="", number="", name="", crm="", **changes) -> ARecord:
    """Row `n`, alone in its file but for what is given."""
    return ARecord(
        row=n,
        contact_id=named("contact", n),
        record_id=named("record", crm or n),
        facts=facts(**{"name_hash": name} | changes),
        phone=ANumber(hash=number) if number else None,
        mailbox=ABox(hash=box, alias_hash=box) if box else None,
    )


def standing_of(*rows, since=NOW):
    found = standings(claim_of(its, its.contact_id, since, its.row, NOBODY) for its in rows)
    return [found[its.contact_id] for its in rows]


def duplicates(*rows) -> list[int | None]:
    by_id = {its.contact_id: its.row for its in rows}
    return [by_id.get(its.duplicate_of) for its in standing_of(*rows)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"crm": "c"}, {"crm": "c"}),
        ({"box": "b"}, {"box": "b"}),
        ({"number": "n", "name": "ann"}, {"number": "n", "name": "ann"}),
    ],
)
def test_the_same_id_mailbox_or_number_and_name_is_the_same_person(one, other):
    assert duplicates(row(1, **one), row(2, **other)) == [None, 1]
    assert duplicates(row(2, **one), row(1, **other)) == [1, None]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"number": "n", "name": "ann"}, {"number": "n", "name": "ben"}),
        ({"number": "n", "name": "ann"}, {"number": "n"}),
        ({"number": "n"}, {"number": "n"}),
        ({"name": "ann"}, {"name": "ann"}),
        ({"number": "m", "name": "ann"}, {"number": "n", "name": "ann"}),
        ({}, {}),
    ],
)
def test_a_name_or_a_number_alone_is_not(one, other):
    assert duplicates(row(1, **one), row(2, **other)) == [None, None]


def test_links_reach_through_other_records():
    chain = [
        row(4, box="a"),
        row(3, box="a", number="n", name="ann"),
        row(2, number="n", name="ann", crm="c"),
        row(1, crm="c"),
    ]
    assert duplicates(*chain) == [1, 1, 1, None]


def test_whoever_is_known_longest_holds():
    early, late = row(9, box="b"), row(1, box="b")
    claims = [
        claim_of(early, early.contact_id, NOW - timedelta(days=1), 9, NOBODY),
        claim_of(late, late.contact_id, NOW, 1, NOBODY),
    ]
    found = standings(claims)
    assert found[early.contact_id].duplicate_of is None
    assert found[late.contact_id].duplicate_of == early.contact_id


def test_a_refusal_binds_the_person_and_closes_the_number_for_the_others():
    ann = row(1, box="b", opt_out=OptOut(channels=(Channel.SMS, Channel.EMAIL)))
    hers = row(2, box="b", number="n", name="ann")
    ben = row(3, number="n", name="ben")
    mine, second, other = standing_of(ann, hers, ben)
    both = frozenset({Channel.SMS, Channel.EMAIL})
    assert (mine.refused, second.refused, other.refused) == (both, both, NOTHING)
    assert other.address_refused == frozenset({Channel.SMS})
    assert mine.address_refused == frozenset({Channel.EMAIL})
    assert other.duplicate_of is None


def test_a_standing_names_the_events_that_say_so():
    ann, ben = row(1, box="b", opt_out=OptOut()), row(2, box="b")
    heard = {1: named("event", 1), 2: named("event", 2)}
    found = standings(
        claim_of(its, its.contact_id, NOW, its.row, heard[its.row]) for its in (ann, ben)
    )
    assert found[ben.contact_id].because == (heard[1],)
    assert found[ann.contact_id].because == ()


def test_a_standing_names_the_records_that_link_it_to_another():
    chain = [
        row(1, crm="c"),
        row(2, crm="c", number="n", name="ann"),
        row(3, number="n", name="ann"),
        row(4, crm="c"),
    ]
    claims = [claim_of(its, its.contact_id, NOW, its.row, named("event", its.row)) for its in chain]
    found = standings(claims)
    links = tuple(sorted(named("event", n) for n in (1, 2)))
    assert found[chain[2].contact_id].because == links
    assert found[chain[3].contact_id].because == (named("event", 1),)


def test_few_of_many_that_refuse_are_named():
    rows = [row(n, box="b", opt_out=OptOut()) for n in range(1, 30)]
    found = standings(
        claim_of(its, its.contact_id, NOW, its.row, named("event", its.row)) for its in rows
    )
    assert found[rows[-1].contact_id].because == (named("event", 1),)


def test_a_row_that_cannot_be_read_links_nobody():
    assert duplicates(row(1, crm="c", unreadable="no"), row(2, crm="c")) == [None, None]


# -- a file in memory


def test_a_file_is_judged_in_its_order_with_its_duplicates():
    rows = [row(1, box="a"), row(2, box="b"), row(3, box="a"), row(4, box="b", opt_out=OptOut())]
    found = list(judge_all(rows, SET_UP, NOW))
    assert [its for its, _ in found] == rows
    judgements: list[Judgement] = [judgement for _, judgement in found]
    assert [its.verdict for its in judgements] == [
        Verdict.ADMITTED, Verdict.EXCLUDED, Verdict.DUPLICATE, Verdict.EXCLUDED,
    ]  # fmt: skip
    assert judgements[3].duplicate_of == rows[1].contact_id
    assert judgements[1].reasons[0] is Reason.OPTED_OUT


def test_an_empty_file_has_no_verdicts():
    assert list(judge_all([], SET_UP, NOW)) == []
