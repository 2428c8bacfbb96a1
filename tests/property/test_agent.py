"""What holds for every message, whatever its words."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.agent.brain import EmbeddedBrain
from services.agent.known import Contact, Quote
from services.agent.reading import Context, Message
from services.agent.rulebook import LANGUAGES, rulebook
from services.agent.summary import LINE_LENGTH_MAX, quoted, three_lines
from services.agent.times import lexicon
from services.agent.when import AHEAD_DAYS_MAX
from shared.events import Person
from shared.rules.optout import Asked, Wish, known_words, wishes
from shared.rules.wording import plain, words
from shared.words import Channel, Intent, Suppression

BRAIN = EmbeddedBrain()
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TOPICS = frozenset({"price", "product", "how"})

letters = st.text(max_size=120)
known = st.sampled_from(
    sorted({word for one in LANGUAGES for word in rulebook(one).vocabulary})
    + sorted({" ".join(one) for its in LANGUAGES for one in lexicon(its).phrases})
)
figures = st.integers(0, 99).map(str) | st.sampled_from(
    ["14:30", "31.2.", "2026-13-99", "5pm", "3️⃣"]
)
marks = st.sampled_from(["?", "!", ".", ",", "\n", "👍", "🛑", "\u2019", "(", "%"])
sentence = st.lists(known | figures | marks, max_size=25).map(" ".join)
texts = letters | sentence | st.tuples(sentence, letters).map(" ".join)
zones = st.sampled_from(["Europe/Vilnius", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
slots = st.lists(st.integers(1, 400), max_size=3, unique=True).map(
    lambda hours: tuple(NOW + timedelta(hours=hour) for hour in sorted(hours))
)
contexts = st.builds(
    Context,
    now=st.integers(0, 24 * 400).map(lambda hour: NOW + timedelta(hours=hour)),
    zones=st.lists(zones, max_size=2).map(tuple),
    country=st.sampled_from(["", "US", "DE"]),
    language=st.sampled_from([*LANGUAGES, "", "xx"]),
    asked=st.sampled_from(Asked),
    slots=slots,
    answers=st.sampled_from([TOPICS, frozenset()]),
)
messages = st.builds(Message, text=texts, channel=st.sampled_from(Channel), automatic=st.booleans())


@settings(max_examples=400)
@given(messages, contexts)
def test_a_reading_is_always_possible_and_within_its_limits(message, context) -> None:
    reading = BRAIN.read(message, context)
    assert reading == BRAIN.read(message, context)
    assert 0 <= reading.confidence <= 1
    assert reading.intent not in reading.also
    assert reading.slot is None or reading.slot in context.slots
    assert reading.answer == "" or reading.answer in context.answers
    assert reading.language in (*LANGUAGES, context.language)
    if reading.when:
        limit = context.now + timedelta(days=AHEAD_DAYS_MAX + 1)
        assert context.now <= reading.when.start <= limit
        assert reading.when.start <= reading.when.end


@settings(max_examples=200)
@given(messages, contexts)
def test_no_opt_out_goes_on_and_no_machine_opts_out(message, context) -> None:
    reading = BRAIN.read(message, context)
    lasting = {Intent.OPT_OUT, Intent.ERASURE_REQUEST} & {reading.intent, *reading.also}
    assert not (lasting and reading.suppression is Suppression.GO)
    assert not (message.automatic and reading.suppression is not Suppression.GO)


@settings(max_examples=200)
@given(messages, contexts)
def test_what_the_lists_call_an_opt_out_the_brain_suppresses(message, context) -> None:
    languages = (context.language, "en")
    wish = wishes(message.text, message.channel, languages, context.asked)
    if wish in (Wish.STOP, Wish.FORGET) and not message.automatic:
        assert BRAIN.read(message, context).suppression is Suppression.SUPPRESS


@settings(max_examples=200)
@given(texts, contexts, st.text(max_size=200), st.text(max_size=200))
def test_summaries_are_three_short_lines(text, context, name, company) -> None:
    reading = BRAIN.read(Message(text, Channel.SMS), context)
    quote = quoted(Quote(), text, Channel.SMS, reading)
    person = Person(first_name=name, company=company)
    lines = three_lines(person, Contact(zones=context.zones), quote, reading)
    assert all(len(line) <= LINE_LENGTH_MAX for line in lines)


@given(letters)
def test_plain_text_is_plain(text) -> None:
    assert plain(plain(text)) == plain(text)
    assert words(plain(text)) == words(text)


# All that may stand around a word without being one; a "™" would be one.
signs = st.characters(categories=["P", "S", "Z", "Cf", "Mn"]).filter(lambda sign: not words(sign))
decoration = st.text(signs, max_size=8)
courtesies = sorted(word for word in known_words().polite if len(word) > 1)
polite = st.lists(st.sampled_from(courtesies), max_size=3).map(" ".join)
stops = st.sampled_from(
    ["stop", "STOP", "Stop", "sToP", "S T O P", "\uff33\uff34\uff2f\uff30", "stop stop"]
)


@settings(max_examples=400)
@given(decoration, polite, stops, polite, decoration, st.sampled_from(Channel), contexts)
def test_a_bare_stop_suppresses_whatever_decorates_it(
    before, please, stop, thanks, after, channel, context
) -> None:
    text = f"{before} {please} {stop} {thanks} {after}"
    assert wishes(text, channel, (context.language,), context.asked) is Wish.STOP
    reading = BRAIN.read(Message(text, channel), context)
    assert reading.suppression is Suppression.SUPPRESS


@given(st.sampled_from(sorted(known_words().carrier)), decoration, st.sampled_from(Asked))
def test_on_sms_a_decorated_carrier_keyword_suppresses_always(word, after, asked) -> None:
    assert wishes(f"{word} {after}", Channel.SMS, (), asked) is Wish.STOP
