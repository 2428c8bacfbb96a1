"""The sandbox's customers: what they can say, that they repeat themselves, and when they answer."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sandbox.personas import (
    DEFAULT_MIX,
    Customer,
    Memory,
    Persona,
    Situation,
    Stage,
    draw_customer,
    respond,
)
from sandbox.phrases import LANGUAGES, PutOff, phrasebook
from sandbox.reading import Slot, offered_slots

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
OPENER = "Hello, this is the AI assistant of the studio software. May I tell you what is new?"
OFFER = {
    "en": "Could you do Tue 24 Nov, 15:00, Wed 25 Nov, 10:30 or Thu 26 Nov, 09:00?",
    "de": "Passt Di 24. Nov., 15:00, Mi 25. Nov., 10:30 oder Do 26. Nov., 09:00?",
    "fr": "Que diriez-vous de mar. 24 nov., 15:00, mer. 25 nov., 10:30 ou jeu. 26 nov., 09:00 ?",
    "es": "¿Le va bien mar 24 nov, 15:00, mié 25 nov, 10:30 o jue 26 nov, 09:00?",
    "lt": "Ar tiktų antr., lapkričio 24 d., 15:00, treč., lapkričio 25 d., 10:30 "
    "arba ketv., lapkričio 26 d., 09:00?",
}
OFFERED = (Slot(1, 15 * 60, "15:00"), Slot(2, 10 * 60 + 30, "10:30"), Slot(3, 9 * 60, "09:00"))
PLACEHOLDERS = {
    Situation.PICK_SLOT: {"weekday", "time", "ordinal"},
    Situation.BUSY: {"weekday", "date"},
    Situation.OUT_OF_OFFICE: {"return_date"},
}


def customer(persona=Persona.INTERESTED, n=0, language="en", zone="Europe/Vilnius", silent=()):
    return Customer(f"c{n}", persona, language, zone, 7, frozenset(silent))


def crowd(persona, count=300, **fields):
    return [customer(persona, n, **fields) for n in range(count)]


def opened(persona, count=300, channel="sms", **fields):
    """What a crowd answers to the opener: (customer, memory, answers) each."""
    return [
        (one, *respond(one, Memory(), OPENER, channel, MONDAY))
        for one in crowd(persona, count, **fields)
    ]


# What they can say.


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", Situation)
def test_every_situation_has_eight_phrasings_in_every_language(language, situation):
    assert len(phrasebook(language).phrasings[situation]) >= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrasing_of_a_language_stands_twice(language):
    texts = [text for texts in phrasebook(language).phrasings.values() for text in texts]
    assert [text for text, count in Counter(map(str.casefold, texts)).items() if count > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phrasing_has_only_placeholders_that_its_situation_fills(language):
    for situation, texts in phrasebook(language).phrasings.items():
        for text in texts:
            named = set(re.findall(r"\{(\w+)\}", text))
            assert named <= PLACEHOLDERS.get(situation, set()), text
            assert "{" not in text.format(**dict.fromkeys(named, "x")), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_needs_a_placeholder_has_one(language):
    book = phrasebook(language)
    filled = (
        *book.phrasings[Situation.PICK_SLOT],
        *book.phrasings[Situation.OUT_OF_OFFICE],
        *book.busy[PutOff.WEEKDAY],
        *book.busy[PutOff.DATE],
    )
    assert [text for text in filled if "{" not in text] == []
    assert set(book.busy) == set(PutOff)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_written_weekday_can_be_read_again(language):
    book = phrasebook(language)
    for day, written in enumerate(book.weekdays):
        assert [at for at, forms in enumerate(book.weekday_forms) if written.lower() in forms] == [
            day
        ]
    assert len(book.months) == 12


def test_a_date_is_written_as_the_language_has_it():
    written = [phrasebook(language).written(date(2026, 12, 5)) for language in LANGUAGES]
    assert written == ["5 December", "5. Dezember", "5 décembre", "5 de diciembre", "gruodžio 5 d."]


def test_an_unknown_language_is_named_with_those_that_exist():
    with pytest.raises(ValueError, match="'xx'; choose one of en, de"):
        phrasebook("xx")


# How they find the times in a message.


@pytest.mark.parametrize("language", LANGUAGES)
def test_offered_slots_are_read_from_localised_text(language):
    assert offered_slots(OFFER[language], phrasebook(language)) == OFFERED


@pytest.mark.parametrize(
    ("language", "text", "slots"),
    [
        ("en", "1) Tuesday, November 24 at 3:00 pm 2) Fri, Nov 27, 11 am", [(1, 900), (4, 660)]),
        ("en", "Booked: Tue 24 Nov, 15:00-15:30 (UTC+01:00). We call you.", [(1, 900)]),
        ("en", "Tue 24 Nov, 10:00 or 15:00", [(1, 600), (1, 900)]),
        ("en", "Sat 28 Nov, 12 pm or 12:15 a.m.", [(5, 720), (5, 15)]),
        ("en", "24/11 15:00", [(None, 900)]),
        ("de", "So passt es: Mo 23.11., 15:00 Uhr", [(0, 900)]),
        ("de", "Am Dienstag, den 24. November um 15:00 Uhr", [(1, 900)]),
        ("fr", "mardi 3 mars à 15h00 ou lun. 9 mars, 9h30", [(1, 900), (0, 570)]),
        ("fr", "Dites-le-moi : je propose 15:00", [(None, 900)]),
        ("es", "lun 2 mar, 10:00 o mar 3 mar, 11:00", [(0, 600), (1, 660)]),
        ("lt", "antradienį, gruodžio 1 d., 15:00 val.", [(1, 900)]),
        ("en", "It is 25:00 euro, 10:75 or http://localhost:8025", []),
        ("en", OPENER, []),
    ],
)  # fmt: skip
def test_slots_are_read_as_a_person_would(language, text, slots):
    read = offered_slots(text, phrasebook(language))
    assert [(slot.weekday, slot.minute) for slot in read] == slots


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picked_slot_is_named_so_that_it_can_be_no_other(language):
    book = phrasebook(language)
    ways = Counter()
    for one in crowd(Persona.INTERESTED, language=language):
        memory, [answer] = respond(one, Memory(), OFFER[language], "sms", MONDAY)
        if answer.situation is Situation.NO_SLOT:
            assert (memory.stage, memory.picked) == (Stage.WARM, None)
            ways["none"] += 1
            continue
        at = OFFERED.index(memory.picked)
        ordinal, weekday = book.ordinals[at], book.weekdays[memory.picked.weekday]
        ways["ordinal" if ordinal in answer.text else "time"] += 1
        assert ordinal in answer.text or memory.picked.written in answer.text
        others = set(OFFERED) - {memory.picked}
        assert not any(other.written in answer.text for other in others)
        assert not any(book.weekdays[other.weekday] in answer.text for other in others)
        ways[weekday] += weekday in answer.text
    assert min(ways[way] for way in ("none", "ordinal", "time", *book.weekdays[1:4])) > 10


def test_an_ambiguous_weekday_or_time_is_not_used():
    offer = "Tue 24 Nov, 15:00, Tue 1 Dec, 15:00"
    for one in crowd(Persona.INTERESTED, 80):
        memory, [answer] = respond(one, Memory(), offer, "sms", MONDAY)
        # Both read alike to this customer, so that one slot remains and no list to count in.
        assert answer.situation is Situation.NO_SLOT or "15:00" in answer.text
        assert memory.picked in (None, Slot(1, 900, "15:00"))
    offer = "Tue 24 Nov, 15:00, Wed 25 Nov, 15:00"
    for one in crowd(Persona.INTERESTED, 80):
        memory, [answer] = respond(one, Memory(), offer, "sms", MONDAY)
        if memory.picked:
            names = phrasebook("en").weekdays[memory.picked.weekday]
            assert names in answer.text or re.search("first|second", answer.text)


def test_a_slot_that_is_gone_is_not_picked_again():
    for one in crowd(Persona.INTERESTED, 80):
        picked = Memory(Stage.PICKED, 1, 1, OFFERED[0])
        gone = "Sorry, Tue 24 Nov, 15:00 is taken. Free: Wed 25 Nov, 10:30 or Fri 27 Nov, 9:00"
        memory, [answer] = respond(one, picked, gone, "sms", MONDAY)
        assert "15:00" not in answer.text
        assert not re.search("first|second|third", answer.text)
        assert memory.stage is Stage.WARM or memory.picked != OFFERED[0]


# That they repeat themselves.


def test_the_same_seed_and_key_give_the_same_customer_and_answers():
    drawn = [draw_customer(3, f"k{n}", "en", "UTC", DEFAULT_MIX) for n in range(200)]
    again = [
        draw_customer(3, f"k{n}", "en", "UTC", dict(reversed(DEFAULT_MIX.items())))
        for n in range(200)
    ]
    assert drawn == again
    told = [respond(one, Memory(), OPENER, "email", MONDAY) for one in drawn]
    assert told == [respond(one, Memory(), OPENER, "email", MONDAY) for one in drawn]


def test_another_seed_key_or_message_number_is_drawn_anew():
    def texts(seed, key, heard):
        one = replace(customer(), key=key, seed=seed)
        asked = Memory(Stage.WARM, heard, 1)
        return respond(one, asked, OFFER["en"], "sms", MONDAY)[1]

    told = [texts(*at) for at in ((1, "a", 0), (2, "a", 0), (1, "b", 0), (1, "a", 1))]
    assert len({answer.after for [answer] in told}) == 4


def test_the_mix_is_kept_and_all_personas_occur():
    drawn = Counter(
        draw_customer(1, f"k{n}", "en", "UTC", DEFAULT_MIX).persona for n in range(4000)
    )
    assert sum(DEFAULT_MIX.values()) == pytest.approx(1)
    for persona in Persona:
        assert drawn[persona] / 4000 == pytest.approx(DEFAULT_MIX[persona], abs=0.025)
    assert min(drawn.values()) > 60
    only = draw_customer(1, "k", "en", "UTC", {Persona.ANGRY: 2.0})
    assert only.persona is Persona.ANGRY


def test_some_people_answer_on_some_channels_only():
    drawn = [draw_customer(1, f"k{n}", "en", "UTC", DEFAULT_MIX) for n in range(1000)]
    habits = Counter(one.channel_silent for one in drawn)
    assert habits[frozenset()] > 400
    assert min(habits.values()) > 50
    absent = [one for one in drawn if one.persona is Persona.OUT_OF_OFFICE]
    assert absent
    assert not any("email" in one.channel_silent for one in absent)


# When they answer.


def test_answers_come_within_a_day_and_a_night_and_in_waking_hours():
    zones = ("America/Los_Angeles", "Europe/Vilnius", "Asia/Kolkata", "Pacific/Auckland")
    pauses = []
    for n in range(2000):
        zone = zones[n % 4]
        now = MONDAY + timedelta(hours=n % 24, minutes=n % 60)
        one = customer(Persona.INTERESTED, n, zone=zone)
        _, [answer] = respond(one, Memory(), OPENER, ("sms", "whatsapp", "email")[n % 3], now)
        there = (now + answer.after).astimezone(ZoneInfo(zone))
        assert 8 <= there.hour < 21
        assert timedelta(minutes=1) <= answer.after <= timedelta(hours=20 + 11 + 1.5)
        pauses.append(answer.after)
    pauses.sort()
    assert pauses[200] < timedelta(minutes=30)
    assert pauses[1000] < timedelta(hours=5)
    assert pauses[1900] > timedelta(hours=10)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_morning_is_the_local_one_when_the_clocks_change(day):
    night = datetime.combine(day, time(), UTC)
    zone = ZoneInfo("Europe/Berlin")
    mornings = 0
    for one in crowd(Persona.NOT_INTERESTED, zone="Europe/Berlin"):
        _, [answer] = respond(one, Memory(), OPENER, "sms", night)
        there = (night + answer.after).astimezone(zone)
        assert there.date() == day
        assert 8 <= there.hour < 21
        mornings += there.hour * 60 + there.minute < 9 * 60 + 30
    assert mornings > 200


# What each persona does.


def test_the_silent_never_answer():
    for one in crowd(Persona.SILENT, 50):
        memory = Memory()
        for text in (OPENER, OFFER["en"], OPENER):
            memory, answers = respond(one, memory, text, "email", MONDAY)
            assert answers == []


def test_nobody_reads_a_channel_that_they_never_answer_on():
    for persona in Persona:
        one = customer(persona, silent={"sms"})
        assert respond(one, Memory(), OPENER, "sms", MONDAY) == (Memory(), [])
    assert respond(customer(silent={"sms"}), Memory(), OPENER, "email", MONDAY)[1]


def test_who_opts_out_does_so_at_the_first_or_second_message_and_is_silent_after():
    at = Counter()
    for one in crowd(Persona.OPTING_OUT):
        memory, answers = respond(one, Memory(), OPENER, "sms", MONDAY)
        if not answers:
            memory, answers = respond(one, memory, OPENER, "email", MONDAY)
        at[memory.heard] += 1
        assert [answer.opts_out for answer in answers] == [True]
        assert answers[0].text in phrasebook("en").phrasings[Situation.OPT_OUT]
        assert respond(one, memory, OFFER["en"], "sms", MONDAY)[1] == []
    assert at[1] > at[2] > 50


def test_only_a_wish_for_silence_counts_as_an_opt_out():
    for persona in set(Persona) - {Persona.OPTING_OUT}:
        for _, _, answers in opened(persona, 50):
            assert not any(answer.opts_out for answer in answers)


def test_the_angry_complain_and_some_opt_out_when_written_to_again():
    ends = Counter()
    for one, complained, [answer] in opened(Persona.ANGRY):
        assert answer.situation is Situation.ANGRY
        memory, answers = respond(one, complained, "We are sorry.", "sms", MONDAY)
        ends[tuple(answer.situation for answer in answers)] += 1
        assert respond(one, memory, "Once more: sorry.", "sms", MONDAY)[1] == []
    assert set(ends) == {(), (Situation.OPT_OUT,)}
    assert min(ends.values()) > 100


@pytest.mark.parametrize(
    ("persona", "situation"),
    [
        (Persona.NOT_INTERESTED, Situation.NOT_INTERESTED),
        (Persona.WRONG_PERSON, Situation.WRONG_PERSON),
    ],
)
def test_who_declines_or_is_another_says_so_once(persona, situation):
    for one, memory, [answer] in opened(persona, 50):
        assert answer.situation is situation
        assert respond(one, memory, OFFER["en"], "sms", MONDAY)[1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_busy_name_a_day_and_are_glad_to_be_asked_from_it_on(language):
    zone = ZoneInfo("Europe/Vilnius")
    texts = set()
    for one, memory, [answer] in opened(Persona.BUSY, language=language):
        written = (MONDAY + answer.after).astimezone(zone)
        ready = memory.ready_from.astimezone(zone)
        assert answer.situation is Situation.BUSY
        assert "{" not in answer.text
        assert 1 <= (ready.date() - written.date()).days <= 12
        texts.add(answer.text)
        early = respond(one, memory, OPENER, "sms", memory.ready_from - timedelta(minutes=1))
        assert early[1] == []
        _, [late] = respond(one, early[0], OPENER, "sms", memory.ready_from + timedelta(hours=9))
        assert late.situation is Situation.INTERESTED
    assert len(texts) > 15


def test_a_named_day_is_the_day_that_the_customer_means():
    book, zone = phrasebook("en"), ZoneInfo("Europe/Vilnius")
    seen = Counter()
    for _, memory, [answer] in opened(Persona.BUSY):
        ready = memory.ready_from.astimezone(zone)
        if "next month" in answer.text.lower():
            assert (ready.month, ready.day) == (12, 1)
            seen["month"] += 1
        if "next week" in answer.text.lower():
            assert ready.date() == date(2026, 11, 30)
            seen["week"] += 1
        if any(day in answer.text for day in book.weekdays):
            assert book.weekdays[ready.weekday()] in answer.text
            assert ready.weekday() < 5
            seen["weekday"] += 1
        if any(month in answer.text for month in book.months):
            assert book.written(ready.date()) in answer.text
            seen["date"] += 1
    assert min(seen[kind] for kind in ("month", "week", "weekday", "date")) > 20


def test_a_mailbox_on_leave_answers_at_once_and_once_and_only_by_mail():
    back = Counter()
    for one in crowd(Persona.OUT_OF_OFFICE):
        memory, answers = respond(one, Memory(), OPENER, "sms", MONDAY)
        assert answers == []
        night = MONDAY + timedelta(hours=14)
        memory, [answer] = respond(one, memory, OPENER, "email", night)
        assert answer.situation is Situation.OUT_OF_OFFICE
        assert answer.after < timedelta(minutes=1)
        returns = memory.ready_from.astimezone(ZoneInfo(one.zone))
        assert phrasebook("en").written(returns.date()) in answer.text
        memory, answers = respond(one, memory, OPENER, "email", night + timedelta(hours=1))
        assert answers == []
        later = respond(one, memory, OPENER, "email", memory.ready_from + timedelta(hours=9))[1]
        back[tuple(answer.situation for answer in later)] += 1
    assert set(back) == {(), (Situation.INTERESTED,)}
    assert min(back.values()) > 60


def after_answer(persona):
    """The first and second situations of a crowd that asks and gets an answer without times."""
    told = Counter()
    for one, memory, [asked] in opened(persona, 400):
        _, answers = respond(one, memory, "Here is your answer.", "sms", MONDAY)
        told[asked.situation] += 1
        told.update(answer.situation for answer in answers)
        told["nothing"] += not answers
    return told


def test_who_asks_a_question_decides_after_the_answer():
    told = after_answer(Persona.ASKING)
    assert told[Situation.ANSWER_AFTER_QUESTION] > told[Situation.NOT_INTERESTED] > 60
    assert min(told[s] for s in Situation if s.startswith("question")) > 100


def test_who_asks_for_a_bot_trusts_it_or_wants_a_human_or_leaves():
    told = after_answer(Persona.ASKING_BOT)
    assert told[Situation.BOT] == 400
    assert min(told[s] for s in (Situation.ANSWER_AFTER_BOT, Situation.HUMAN, "nothing")) > 40


def test_a_confirmed_call_brings_thanks_or_nothing_or_rarely_a_change_of_mind():
    told = Counter()
    confirmation = "Booked: Tuesday 24 November at 15:00. We look forward to it."
    for one in crowd(Persona.INTERESTED, 600):
        picked = Memory(Stage.PICKED, 2, 2, OFFERED[0])
        memory, answers = respond(one, picked, confirmation, "sms", MONDAY)
        told.update([answer.situation for answer in answers] or [memory.stage])
        reminded, silence = respond(one, memory, confirmation, "sms", MONDAY)
        assert silence == []
        if memory.stage is Stage.CANCELLED:
            _, new = respond(one, reminded, OFFER["en"], "sms", MONDAY)
            told["again"] += bool(new)
    assert told[Stage.BOOKED] > told[Situation.THANKS] > 150
    assert 20 < told[Situation.CANCEL_BOOKING] < 90
    assert 0 < told["again"] < told[Situation.CANCEL_BOOKING]


def test_a_conversation_ends_however_often_one_is_written_to():
    for one in crowd(Persona.INTERESTED, 30):
        memory, said = Memory(), 0
        for _ in range(20):
            memory, answers = respond(one, memory, OPENER, "sms", MONDAY)
            said += len(answers)
        assert said == memory.said <= 5
        assert memory.heard == 20


def test_every_situation_is_said_by_someone():
    said = set()
    talk = (OPENER, "An answer.", OFFER["en"], "Booked: Tue 24 Nov, 15:00.", OPENER)
    for persona in Persona:
        for one in crowd(persona, 120):
            memory = Memory()
            for day, text in enumerate(talk):
                at = MONDAY + timedelta(days=day)
                memory, answers = respond(one, memory, text, "email", at)
                said.update(answer.situation for answer in answers)
    assert said == set(Situation)
