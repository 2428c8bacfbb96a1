"""What holds for every list of records, however messy."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from services.triage.claims import EVERYTHING, NOTHING, claim_of
from services.triage.judging import NOT_SUPPRESSED, Suppressed, judge
from services.triage.offline import judge_all
from services.triage.reasons import MEANINGS, Code
from services.triage.standings import Standing, standings
from shared.events import Account, Consent, Facts, OptOut
from shared.ids import named
from shared.words import Basis, Channel, LineType, Oddity, Openness, Reason, Status, Verdict
from tests.triage_records import SET_UP, ABox, ANumber, ARecord

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)

some_channels = st.sets(st.sampled_from(Channel)).map(lambda its: tuple(sorted(its)))
winter = st.integers(0, 90 * 24 * 2).map(lambda n: NOW + timedelta(minutes=30 * n))
moments = winter | winter.map(lambda moment: moment + timedelta(days=120))
days = st.none() | st.integers(-1000, 200).map(lambda n: TODAY + timedelta(days=n))
counts = st.none() | st.integers(0, 20)
answers = st.none() | st.booleans()
opt_outs = st.none() | st.builds(OptOut, channels=some_channels)
accounts = st.builds(
    Account,
    status=st.none() | st.sampled_from(Status),
    ever_paid=answers,
    seats=counts,
    team_logins=counts,
    integrations=counts,
    modules_owned=counts,
    modules_available=counts,
    logins_before=st.none() | st.floats(0, 40),
    logins_now=st.none() | st.floats(0, 40),
    annual=answers,
    renews_on=days,
    churned_on=days,
    spoke_by_phone=answers,
)
consents = st.builds(
    Consent,
    basis=st.sampled_from(Basis),
    channels=some_channels,
    given_on=st.none() | st.just(date(2026, 3, 2)),
    proof=st.booleans(),
)
countries = st.sampled_from(["", "LT", "DE", "US", "CA", "GB", "PL", "BR"])
zones = st.lists(
    st.sampled_from(["Europe/Vilnius", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
    max_size=2,
    unique=True,
).map(tuple)
all_facts = st.builds(
    Facts,
    country=countries,
    language=st.sampled_from(["", "lt", "en"]),
    zones=zones,
    name_hash=st.sampled_from(["", "ann", "ben", "a"]),
    short_names=st.sampled_from([(), ("a",), ("a", "ann")]),
    other_numbers=st.sampled_from([(), (), ("n1",), ("n3",)]),
    other_boxes=st.sampled_from([(), (), ("b1",), ("b2", "b3")]),
    oddities=st.sampled_from([(), (), (Oddity.ROLE_MAILBOX,), (Oddity.DISPOSABLE_MAILBOX,)]),
    account=accounts,
    consents=st.lists(consents, max_size=3).map(tuple),
    opt_out=opt_outs,
    conflicts=st.sampled_from([(), (), ("status",)]),
    unreadable=st.sampled_from(["", "", "", "A cell has invalid bytes."]),
)
numbers = st.builds(
    ANumber,
    hash=st.sampled_from(["n1", "n2", "n3"]),
    region=countries.filter(bool),
    line=st.sampled_from(LineType),
    whatsapp=st.booleans(),
)
boxes = st.sampled_from(["b1", "b2", "b3"]).map(lambda its: ABox(hash=its, alias_hash=its))


@st.composite
def files(draw, max_size=6):
    """The rows of a file, some of which are the same person."""
    size = draw(st.integers(1, max_size))
    return [
        ARecord(
            row=n,
            contact_id=named("contact", n),
            record_id=named("record", draw(st.sampled_from([f"own{n}", "c1", "c2"]))),
            facts=draw(all_facts),
            phone=draw(st.none() | numbers),
            mailbox=draw(st.none() | boxes),
        )
        for n in range(size)
    ]


def judged(rows, now=NOW):
    return {row.contact_id: its for row, its in judge_all(rows, SET_UP, now)}


def may_use(judgement) -> set[Channel]:
    return {
        channel
        for channel, its in judgement.channels.items()
        if its.openness is not Openness.CLOSED
    }


def is_worked(judgement) -> bool:
    """Could enter a pool."""
    return judgement.verdict is Verdict.ADMITTED and judgement.segment is not None


def holders(found):
    """Who holds each record's person; who is only probably somebody else holds itself."""
    return {
        who: who if Reason.PROBABLE_DUPLICATE in its.reasons else its.duplicate_of or who
        for who, its in found.items()
    }


def with_facts(row, **changes):
    return replace(row, facts=row.facts.model_copy(update=changes))


@given(files(), moments)
def test_every_record_has_exactly_one_verdict_and_it_follows_from_its_reasons(rows, now):
    found = list(judge_all(rows, SET_UP, now))
    assert [row for row, _ in found] == rows
    order = list(Reason)
    for _, its in found:
        assert list(its.reasons) == sorted(set(its.reasons), key=order.index)
        decisive = MEANINGS[its.reasons[0]].verdict if its.reasons else Verdict.ADMITTED
        assert its.verdict is decisive
        assert set(its.channels) == set(Channel)
        if its.verdict is Verdict.ADMITTED:
            assert may_use(its)
            assert its.duplicate_of is None
        if its.verdict is Verdict.DUPLICATE:
            assert its.duplicate_of is not None


@given(files(), moments)
def test_the_same_records_have_the_same_verdicts(rows, now):
    assert judged(rows, now) == judged(rows, now)


@given(files(), st.randoms(use_true_random=False))
def test_the_order_in_which_records_come_decides_nothing(rows, random):
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert judged(shuffled) == judged(rows)


@given(files())
def test_one_record_of_a_person_holds_and_the_others_name_it(rows):
    found = judged(rows)
    for its in found.values():
        if its.verdict is Verdict.DUPLICATE:
            held = Reason.PROBABLE_DUPLICATE in found[its.duplicate_of].reasons
            assert held or found[its.duplicate_of].duplicate_of is None
    holder = holders(found)
    readable = [row for row in rows if not row.facts.unreadable]
    for one in readable:
        for other in readable:
            if one.record_id == other.record_id or (
                one.mailbox
                and other.mailbox
                and one.mailbox == other.mailbox
                and not any(Oddity.ROLE_MAILBOX in row.facts.oddities for row in (one, other))
            ):
                assert holder[one.contact_id] == holder[other.contact_id]


@given(files(), st.data(), some_channels)
def test_adding_an_opt_out_never_opens_a_channel_or_admits_anybody(rows, data, channels):
    n = data.draw(st.integers(0, len(rows) - 1))
    before = judged(rows)
    old = rows[n].facts.opt_out
    if old is not None:
        channels = () if not channels or not old.channels else (*old.channels, *channels)
    rows[n] = with_facts(rows[n], opt_out=OptOut(channels=channels))
    for who, its in judged(rows).items():
        assert may_use(its) <= may_use(before[who])
        assert is_worked(its) <= is_worked(before[who])


@given(files(), st.data())
def test_an_opt_out_binds_every_record_of_its_person(rows, data):
    n = data.draw(st.integers(0, len(rows) - 1))
    rows[n] = with_facts(rows[n], opt_out=OptOut(), unreadable="")
    found = judged(rows)
    holder = holders(found)
    person = holder[rows[n].contact_id]
    for row in rows:
        its, hers = found[row.contact_id], holder[row.contact_id]
        probably = found[hers].duplicate_of == person or found[person].duplicate_of == hers
        if hers == person or probably:
            assert Reason.OPTED_OUT in its.reasons
            assert its.verdict is Verdict.EXCLUDED
        elif row.phone and rows[n].phone and row.phone.hash == rows[n].phone.hash:
            for channel in (Channel.SMS, Channel.WHATSAPP):
                assert its.channels[channel].code in (Code.OPTED_OUT, Code.NUMBER_OPTED_OUT)


@given(files(max_size=9))
def test_the_records_that_a_standing_names_come_to_the_same_one_again(rows):
    heard = {named("event", row.row): row for row in rows}
    by_id = {row.contact_id: id_ for id_, row in heard.items()}

    def standings_of(ids):
        return standings(
            claim_of(its, its.contact_id, NOW, its.row, id_)
            for id_, its in heard.items()
            if id_ in ids
        )

    for contact, standing in standings_of(heard).items():
        again = standings_of({by_id[contact], *standing.because})[contact]
        assert (again, again.because) == (standing, standing.because)


UNKNOWN = {
    "country": "", "language": "", "zones": (), "consents": (), "account": Account(),
}  # fmt: skip
UNKNOWN_OF_ACCOUNT = sorted(set(Account.model_fields) - {"ever_paid"})


@given(files(max_size=1), st.sampled_from(sorted(UNKNOWN)), st.sampled_from([None, {"lt"}]))
def test_a_missing_fact_never_opens(rows, fact, languages):
    [row] = rows
    missing = with_facts(row, **{fact: UNKNOWN[fact]})
    never_opens(row, missing, languages)


@given(files(max_size=1), st.sampled_from(UNKNOWN_OF_ACCOUNT))
def test_a_missing_fact_about_the_account_never_opens(rows, fact):
    [row] = rows
    blank = Account.model_fields[fact].get_default()
    account = row.facts.account.model_copy(update={fact: blank})
    never_opens(row, with_facts(row, account=account), None)


@given(files(max_size=1))
def test_what_is_not_proven_never_opens(rows):
    [row] = rows
    unproven = tuple(its.model_copy(update={"proof": False}) for its in row.facts.consents)
    never_opens(row, with_facts(row, consents=unproven), None)
    bases = {Basis.CUSTOMER} if row.facts.country in ("US", "CA") else set()
    codes = {
        its.code
        for its in judged([with_facts(row, consents=unproven)])[row.contact_id].channels.values()
    }
    assert not codes & set(Basis) - bases
    if row.phone:
        never_opens(row, replace(row, phone=replace(row.phone, whatsapp=False)), None)
        if row.phone.region not in ("US", "CA"):  # there nobody can tell
            unknown = replace(row.phone, line=LineType.UNKNOWN)
            never_opens(row, replace(row, phone=unknown), None)


def never_opens(row, missing, languages):
    before, after = (
        judge(its, Standing(), NOT_SUPPRESSED, languages, SET_UP, NOW) for its in (row, missing)
    )
    assert may_use(after) <= may_use(before)
    if row.facts.account.ever_paid is not False:
        assert is_worked(after) <= is_worked(before)


closings = st.builds(
    Suppressed, everything=st.booleans(), channels=some_channels.map(frozenset)
) | st.just(NOT_SUPPRESSED)


@given(files(max_size=1), closings, some_channels.map(frozenset), some_channels.map(frozenset))
def test_whoever_is_suppressed_or_refused_is_not_reached_there(rows, listed, refused, on_number):
    standing = Standing(refused=refused, address_refused=on_number)
    its = judge(rows[0], standing, listed, None, SET_UP, NOW)
    assert not may_use(its) & (listed.channels | refused | on_number)
    if listed.everything or EVERYTHING in (refused, listed.channels):
        assert may_use(its) == NOTHING
        assert its.verdict is Verdict.EXCLUDED


@given(files(max_size=1), winter, winter)
@example([ARecord()], NOW, NOW + timedelta(hours=12))
def test_the_hour_only_defers(rows, one, other):
    """What is closed by day is closed by night, as long as the clocks do not change."""
    early, late = (
        judge(rows[0], Standing(), NOT_SUPPRESSED, None, SET_UP, at) for at in (one, other)
    )
    for channel in Channel:
        closed = {its.channels[channel].openness is Openness.CLOSED for its in (early, late)}
        assert len(closed) == 1
