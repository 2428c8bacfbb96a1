"""What holds of every verdict of the contact rules, whatever the facts."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from shared.rules.facts import Attempt, Check, Consent, Facts, Inbound, Suppression
from shared.rules.judging import judge
from shared.rules.loading import index, load, rules_in_force
from shared.rules.months import add_months
from shared.rules.opening import Hours, cap_opens, first_moment
from shared.rules.rows import Window
from shared.rules.tables import HERE, read
from shared.rules.timing import caps_of, hours_of, waits_of
from shared.rules.touch import Touch, within
from shared.rules.verdict import Weight

A_MINUTE = timedelta(minutes=1)
CHANNELS = ("voice", "voicemail", "sms", "whatsapp", "email")
KINDS = ("pewc", "pec", "explicit_optin", "call_optin", "automated_call_optin", "wa_optin")
NEEDED = (
    "country",
    "party",
    "channel",
    "purpose",
    "customer_state",
    "ever_paid",
    "script_signed",
    "disclosure_first",
)
PLACES = (
    {"country": "US", "region": "OH", "tz": ("America/New_York",)},
    {"country": "US", "region": "FL"},
    {"country": "US", "region": "LA", "tz": ("America/Chicago",)},
    {"country": "US", "region": "NJ", "area_code_region": "CT", "tz": ("America/New_York",)},
    {"country": "US"},
    {"country": "US", "region": "NE", "tz": ("America/Denver",)},
    {"country": "GB", "tz": ("Europe/London",)},
    {"country": "FR", "tz": ("Europe/Paris",)},
    {"country": "IT", "tz": ("Europe/Rome",)},
    {"country": "PT"},
    {"country": "DE", "also_country": ("AT",), "tz": ("Europe/Berlin",)},
    {"country": "CA"},
    {"country": "AU", "tz": ("Australia/Sydney",)},
    {"country": "NP", "tz": ("Asia/Kathmandu",)},
    {"country": "WS", "tz": ("Pacific/Apia",)},
    {"country": "EU", "tz": ("Europe/Brussels",)},
    {"country": "*"},
    {"country": "XX", "also_country": ("US",)},
)
# Days on which clocks jump, holidays, and an ordinary week.
DAYS = (
    date(2026, 12, 7),
    date(2026, 12, 24),
    date(2027, 1, 1),
    date(2027, 2, 8),
    date(2027, 3, 13),
    date(2027, 3, 26),
    date(2027, 3, 27),
    date(2027, 4, 3),
    date(2027, 10, 30),
    date(2027, 11, 6),
)
UNHURRIED = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
flags = st.booleans()
days = st.dates(date(2025, 1, 1), date(2027, 12, 1))
moments = st.builds(
    lambda day, minute: datetime.combine(day, time(), UTC) + minute * A_MINUTE,
    st.sampled_from(DAYS),
    st.integers(0, 3 * 24 * 60),
)


def some(values):
    return st.lists(values, max_size=3).map(tuple)


channel_lists = st.sets(st.sampled_from(CHANNELS), min_size=1).map(tuple)
consents = st.builds(
    Consent,
    kind=st.sampled_from(KINDS),
    channels=channel_lists,
    given=st.dates(date(2025, 6, 1), date(2026, 12, 1)),
    proof=st.sampled_from((True, True, True, False)),
    other_seller=st.sampled_from((False, False, True)),
    by_person=flags,
)
suppressions = st.builds(
    Suppression,
    scope=st.sampled_from(("all", "channel")),
    channel=st.sampled_from(CHANNELS),
    at=st.one_of(st.none(), days),
)


@st.composite
def touches(draw):
    """Facts that are complete, and the moment to judge."""
    at = draw(moments)
    ago = st.integers(0, 40 * 24 * 60).map(lambda minutes: at - minutes * A_MINUTE)
    facts = Facts(
        **draw(st.sampled_from(PLACES)),
        channel=draw(st.sampled_from(CHANNELS)),
        call_kind=draw(st.sampled_from(("ai_voice", "prerecorded", "human"))),
        party=draw(st.sampled_from(("consumer", "sole_trader", "business"))),
        line_type=draw(st.sampled_from(("mobile", "landline"))),
        purpose=draw(st.sampled_from(("marketing", "service"))),
        customer_state=draw(st.sampled_from(("active", "lapsed"))),
        offer_relation="similar",
        ever_paid=True,
        script_signed=True,
        disclosure_first=True,
        last_transaction=draw(st.one_of(st.none(), days)),
        consents=draw(some(consents)),
        suppressions=draw(st.one_of(st.just(()), some(suppressions))),
        soft_optin=draw(
            st.sampled_from(
                (
                    frozenset(),
                    frozenset(
                        {
                            "details_from_sale",
                            "optout_offered_at_collection",
                            "optout_in_every_message",
                        }
                    ),
                )
            )
        ),
        lia_done=draw(flags),
        attempts=draw(some(st.builds(Attempt, channel=st.sampled_from(CHANNELS), at=ago))),
        last_inbound=draw(
            st.one_of(
                st.none(),
                st.builds(Inbound, channel=st.sampled_from(CHANNELS), at=ago, same_matter=flags),
            )
        ),
        callback_request=draw(st.one_of(st.none(), ago, ago.map(lambda one: at + (at - one)))),
        not_before=draw(st.one_of(st.none(), st.dates(at.date(), at.date() + timedelta(days=9)))),
        preconditions=frozenset(
            {
                "us_a2p_registered",
                "email_postal_address",
                "email_unsubscribe",
                "casl_identity_and_unsubscribe",
                "es_number_range",
            }
        ),
        registries=tuple(
            Check(id=name, listed=draw(flags), checked=at.date())
            for name in ("US-NDNC", "GB-TPS", "IT-RPO", "CA-DNCL", "AU-DNCR")
        ),
    )
    return facts, at


@st.composite
def waiting(draw):
    """Service to a current customer: nothing but hours, caps and waits stands in its way."""
    facts, at = draw(touches())
    channel = draw(st.sampled_from(("voice", "sms", "whatsapp", "email")))
    consent = Consent(kind="pewc", channels=CHANNELS, given=date(2026, 3, 2), proof=True)
    service = replace(
        facts,
        channel=channel,
        purpose="service",
        customer_state="active",
        consents=(consent,) if draw(flags) else (),
        suppressions=(),
    )
    return service, at


def heavier_or_same(one, other):
    return other.verdict.rank >= one.verdict.rank


@UNHURRIED
@given(touches())
def test_a_verdict_depends_on_its_arguments_alone(touch):
    """Neither on what was judged before, nor on what was remembered of it."""
    facts, at = touch
    rules = rules_in_force()
    first = judge(facts, at, rules)
    judge(replace(facts, channel="email"), at + timedelta(days=1), rules)
    assert judge(facts, at, rules) == first
    rules.memo.clear()
    assert judge(facts, at, rules) == first


@UNHURRIED
@given(touches(), suppressions)
def test_one_more_opt_out_never_makes_it_lighter(touch, suppression):
    facts, at = touch
    more = replace(facts, suppressions=(*facts.suppressions, suppression))
    rules = rules_in_force()
    assert heavier_or_same(judge(facts, at, rules), judge(more, at, rules))


@UNHURRIED
@given(touches(), st.integers(0, 2))
def test_one_consent_less_never_makes_it_lighter(touch, number):
    facts, at = touch
    assume(facts.consents)
    number %= len(facts.consents)
    rest = facts.consents[:number] + facts.consents[number + 1 :]
    rules = rules_in_force()
    less = judge(replace(facts, consents=rest), at, rules)
    assert heavier_or_same(judge(facts, at, rules), less)


DATA, VERSION = read(HERE)


@settings(UNHURRIED, max_examples=30)
@given(touches(), st.integers(0, 10), st.integers(0, 12 * 60), flags)
def test_a_narrower_window_never_makes_it_lighter(touch, number, minutes, at_night):
    facts, at = touch
    windows = Touch.of(facts, at, rules_in_force()).case.windows
    assume(windows)
    row = windows[number % len(windows)]
    narrow = replace(
        row,
        **{
            name: tuple(
                (first if at_night else first + minutes, last - minutes if at_night else last)
                for first, last in getattr(row, name)
                if last - first > minutes
            )
            for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")
        },
    )
    rows = [narrow if its.row is row or its.row.id == row.id else its.row for its in DATA.found]
    narrower = judge(facts, at, index(rows, DATA, VERSION))
    wider = judge(facts, at, rules_in_force())
    assert heavier_or_same(wider, narrower)
    if wider.next_allowed and narrower.next_allowed:
        assert narrower.next_allowed >= wider.next_allowed


@UNHURRIED
@given(touches(), st.sampled_from(NEEDED))
def test_a_needed_fact_that_is_not_known_never_allows(touch, name):
    facts, at = touch
    verdict = judge(replace(facts, **{name: None}), at, rules_in_force())
    assert verdict.verdict is Weight.BLOCK
    assert verdict.missing


@UNHURRIED
@given(touches(), st.data())
def test_facts_that_are_taken_away_never_open_what_was_closed_for_want_of_them(touch, data):
    """Whatever is forgotten of what a basis needs, an allowed touch does not become one by it."""
    facts, at = touch
    rules = rules_in_force()
    before = judge(facts, at, rules)
    name = data.draw(
        st.sampled_from(
            ("soft_optin", "lia_done", "registries", "preconditions", "offer_relation", "tz")
        )
    )
    default = next(its.default for its in fields(Facts) if its.name == name)
    assert heavier_or_same(before, judge(replace(facts, **{name: default}), at, rules))


def is_open(touch, moment):
    """Whether hours and caps are open, or do not apply, and nothing has to be waited for."""
    if any(wait > moment for _, wait in waits_of(touch)):
        return False
    if any(within(span, moment) for span in touch.free):
        return True
    full = (cap_opens(cap, counted, moment) > moment for cap, counted in caps_of(touch))
    return not hours_of(touch).closed(moment) and not any(full)


@settings(UNHURRIED, max_examples=120)
@given(waiting())
def test_the_next_moment_is_open_and_no_earlier_minute_is(touch):
    facts, at = touch
    verdict = judge(facts, at, rules_in_force())
    assume(verdict.verdict is Weight.DEFER)
    seen, opens_at = Touch.of(facts, at, rules_in_force()), verdict.next_allowed.astimezone(UTC)
    assert opens_at > at
    assert is_open(seen, opens_at)
    nearest = max(at, opens_at - timedelta(days=2))
    minutes = int((opens_at - nearest) / A_MINUTE)
    assert not any(is_open(seen, opens_at - number * A_MINUTE) for number in range(1, minutes))
    assert not is_open(seen, at)


@UNHURRIED
@given(waiting())
def test_what_is_deferred_is_allowed_when_its_moment_comes(touch):
    """Unless the day changes what the law says, or a basis has run out by then."""
    facts, at = touch
    rules = rules_in_force()
    verdict = judge(facts, at, rules)
    assume(verdict.verdict is Weight.DEFER)
    later = judge(facts, verdict.next_allowed, rules)
    assert not {"P-HOURS", "P-CAP", "P-SEQUENCE", "P-NOT-NOW"} & set(later.rules)


spans = st.lists(st.integers(0, 24 * 60), min_size=2, max_size=4, unique=True).map(
    lambda edges: tuple(zip(*[iter(sorted(edges)[: len(edges) // 2 * 2])] * 2, strict=True))
)
ZONES = {
    "Europe/Berlin": (date(2027, 3, 27), date(2027, 10, 30)),
    "America/New_York": (date(2027, 3, 13), date(2027, 11, 6)),
    "Asia/Beirut": (date(2027, 3, 27), date(2027, 10, 30)),
    "Australia/Lord_Howe": (date(2027, 4, 3), date(2027, 10, 2)),
    "Pacific/Apia": (date(2011, 12, 29), date(2011, 12, 29)),
    "Asia/Kathmandu": (date(2027, 1, 1), date(2027, 1, 1)),
}


@settings(UNHURRIED, max_examples=120)
@given(st.sampled_from(sorted(ZONES)), flags, spans, spans, st.integers(0, 2 * 24 * 60))
@example("Europe/Berlin", False, ((150, 160),), ((150, 160),), 0)
@example("Europe/Berlin", True, ((150, 160),), ((150, 160),), 1485)
def test_hours_open_at_the_first_minute_that_a_clock_on_the_wall_shows_open(
    zone, autumn, odd, even, minutes
):
    """Against a walk minute by minute, on days on which clocks jump and one that was skipped."""
    place = ZoneInfo(zone)
    week = dict.fromkeys(("mon", "wed", "fri", "sun"), odd)
    week |= dict.fromkeys(("tue", "thu", "sat"), even)
    row = replace(rules_in_force().rows["CH-FLOOR"], **week)
    assert isinstance(row, Window)
    start = datetime.combine(ZONES[zone][autumn], time(), UTC) + minutes * A_MINUTE
    moment = start
    while not shows_open(row, moment.astimezone(place)):
        moment += A_MINUTE
    assert Hours.of([row], [place], {}).opens(start) == moment


def shows_open(row, local):
    minute = local.hour * 60 + local.minute
    return any(first <= minute < last for first, last in row.week[local.weekday()])


def test_hours_that_never_meet_never_open():
    rules = rules_in_force()
    zones = [ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/New_York")]
    hours = Hours.of([rules.rows["CH-XX-POLICY"]], zones, rules.holidays)
    assert first_moment(datetime(2026, 12, 8, tzinfo=UTC), hours, (), ()) is None
    facts = Facts(
        country="NP",
        tz=("Asia/Kathmandu", "America/New_York"),
        channel="sms",
        party="consumer",
        purpose="service",
        customer_state="active",
        ever_paid=True,
        script_signed=True,
        disclosure_first=True,
    )
    verdict = judge(facts, datetime(2026, 12, 8, tzinfo=UTC), rules)
    assert (verdict.verdict, verdict.next_allowed) == (Weight.BLOCK, None)
    assert {"CH-XX-POLICY", "P-HOURS", "P-FAIL-CLOSED"} <= set(verdict.rules)


@UNHURRIED
@given(days, st.integers(-60, 60))
def test_months_keep_the_day_or_take_the_last_one(day, months):
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved + timedelta(days=1)).day == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_older_data_version_judges_as_it_did(channel):
    facts = Facts(country="US", region="OH", channel=channel, party="consumer")
    at = datetime(2026, 12, 8, 16, tzinfo=UTC)
    assert judge(facts, at, load(version=VERSION)) == judge(facts, at, rules_in_force())


WORDS = st.one_of(
    st.none(), st.text(max_size=4), st.sampled_from(("US", "EU", "*", "XX", "voice", "email", "FL"))
)


@UNHURRIED
@given(
    st.fixed_dictionaries(
        dict.fromkeys(
            (
                "country",
                "region",
                "area_code_region",
                "party",
                "line_type",
                "channel",
                "call_kind",
                "purpose",
                "customer_state",
                "offer_relation",
                "wa_template_category",
            ),
            WORDS,
        )
    ),
    st.lists(st.text(max_size=6), max_size=2).map(tuple),
    moments,
)
def test_there_is_a_verdict_whatever_is_written(words, zones, at):
    """And nothing that nobody knows ever allows."""
    facts = Facts(**words, tz=zones, ever_paid=True, script_signed=True, disclosure_first=True)
    verdict = judge(facts, at, rules_in_force())
    known = rules_in_force().terms
    if facts.party not in known.values.parties or facts.channel not in known.channels.names:
        assert verdict.verdict is Weight.BLOCK
