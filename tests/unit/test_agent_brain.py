"""Readings of single messages: intents, doubts, and what the context changes."""

from datetime import UTC, datetime, timedelta

import pytest

from services.agent.brain import EmbeddedBrain
from services.agent.languages import language_of
from services.agent.lookalikes import unmasked
from services.agent.reading import Context, Message
from shared.rules.optout import Asked
from shared.words import Channel, Intent, Suppression

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SLOTS = (NOW + timedelta(days=1, hours=1), NOW + timedelta(days=2, hours=6))
BRAIN = EmbeddedBrain()
SPOKEN = ("en", "de", "fr", "es", "lt")


def read(text, language="en", *, channel=Channel.WHATSAPP, automatic=False, **context):
    known = {"now": NOW, "zones": ("UTC",), "language": language, **context}
    return BRAIN.read(Message(text, channel, automatic), Context(**known))


MEANT = {
    Intent.INTERESTED: {
        "en": "Oh nice, we were thinking of adding two people",
        "de": "Klingt spannend, erzählen Sie mir mehr",
        "fr": "Avec plaisir, dites-moi en plus",
        "es": "Me interesa, ¿qué proponen?",
        "lt": "Taip, būtų įdomu sužinoti daugiau",
    },
    Intent.NOT_NOW: {
        "en": "In the middle of something, ping me tomorrow",
        "de": "Momentan viel los, melden Sie sich in zwei Wochen",
        "fr": "Je suis débordée cette semaine, rappelez-moi lundi",
        "es": "Estoy en una reunión, escríbame el jueves",
        "lt": "Dabar labai užsiėmęs, parašykit kitą savaitę",
    },
    Intent.NOT_INTERESTED: {
        "en": "Thanks, but it's not something we need",
        "de": "Danke, wir sind versorgt",
        "fr": "Merci mais ça ne nous intéresse pas",
        "es": "Gracias, pero no nos hace falta",
        "lt": "Ačiū, mums to nereikia",
    },
    Intent.QUESTION: {
        "en": "Does it cover two locations?",
        "de": "Was würde das kosten?",
        "fr": "Combien ça coûterait pour trois personnes ?",
        "es": "¿Funciona con mi calendario?",
        "lt": "Ar galima prijungti prie mūsų kalendoriaus?",
    },
    Intent.ARE_YOU_A_BOT: {
        "en": "Am I chatting with a machine here?",
        "de": "Schreibt da ein Mensch oder eine Maschine?",
        "fr": "C'est une IA qui m'écrit ?",
        "es": "¿Estoy hablando con una persona o con un robot?",
        "lt": "Jūs gyvas žmogus ar programa?",
    },
    Intent.WRONG_PERSON: {
        "en": "Think you've got the wrong guy",
        "de": "Da sind Sie bei mir falsch",
        "fr": "Je ne travaille plus là-bas",
        "es": "Ya no trabajo en esa empresa",
        "lt": "Aš čia nebedirbu",
    },
    Intent.HUMAN_HANDOFF: {
        "en": "Can someone from your team ring me instead?",
        "de": "Ich würde lieber mit einem Menschen reden",
        "fr": "Je préfère parler à quelqu'un",
        "es": "Prefiero hablar con una persona",
        "lt": "Noriu kalbėti su gyvu žmogumi",
    },
    Intent.BOOK_CALL: {
        "en": "Happy to chat, when are you around?",
        "de": "Gerne, wann hätten Sie Zeit für ein Telefonat?",
        "fr": "D'accord pour un appel, quand êtes-vous disponible ?",
        "es": "Vale, ¿cuándo podemos hablar?",
        "lt": "Gerai, kada galėtume susiskambinti?",
    },
    Intent.COMPLAINT: {
        "en": "This is ridiculous, nobody ever answers",
        "de": "Das ist eine Frechheit!",
        "fr": "C'est inadmissible, personne ne répond",
        "es": "Es una vergüenza su servicio",
        "lt": "Tai tiesiog įžūlu!",
    },
    Intent.CHURN_REASON: {
        "en": "We moved to another provider, it got too expensive",
        "de": "Wir haben gekündigt, es war zu teuer",
        "fr": "Nous sommes passés chez un autre prestataire, trop cher",
        "es": "Cerramos el negocio en verano",
        "lt": "Perėjome prie kitos sistemos, buvo per brangu",
    },
    Intent.ERASURE_REQUEST: {
        "en": "Delete everything you hold about me",
        "de": "Bitte löschen Sie alle meine Daten",
        "fr": "Supprimez toutes mes données",
        "es": "Borren todos mis datos",
        "lt": "Ištrinkite visus mano duomenis",
    },
    Intent.OPT_OUT: {
        "en": "Kindly never message me again",
        "de": "Bitte melden Sie sich nicht mehr bei mir",
        "fr": "Merci de ne plus me solliciter",
        "es": "Ya no quiero que me escriban",
        "lt": "Prašau manęs daugiau nebetrukdyti",
    },
}


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("intent", MEANT)
def test_an_intent_is_understood_in_the_languages_of_the_script(intent, language) -> None:
    reading = read(MEANT[intent][language], language)
    assert reading.intent is intent
    lasting = intent in (Intent.OPT_OUT, Intent.ERASURE_REQUEST)
    assert reading.suppression is (Suppression.SUPPRESS if lasting else Suppression.GO)
    assert reading.language == language


@pytest.mark.parametrize("intent", MEANT)
def test_an_intent_is_understood_though_the_conversation_was_in_english(intent) -> None:
    assert read(MEANT[intent]["de"], "en").intent is intent


OPT_OUTS = [
    ("en", "Get my number out of your database."),
    ("en", "I revoke any consent I gave"),
    ("en", "no. off your list. now."),
    ("en", "Please have the decency to stop writing"),
    ("en", "st0p txting me"),
    ("en", "Sure. Whatever. Stop."),
    ("de", "Streichen Sie mich aus Ihrer Kartei"),
    ("de", "Ich will von Ihnen nichts mehr hören!"),
    ("de", "Schluss jetzt mit diesen SMS"),
    ("de", "Hiermit untersage ich Ihnen jede weitere Werbung"),
    ("fr", "Fichez-moi la paix"),
    ("fr", "J'en ai marre de vos relances"),
    ("fr", "Je m'oppose à toute prospection"),
    ("fr", "Retirez mes coordonnées de votre base"),
    ("es", "Dejen de molestar"),
    ("es", "Sáquenme de esa lista ya"),
    ("es", "no deseo recibir comunicaciones"),
    ("es", "Quiero que me den de baja"),
    ("lt", "Liaukitės siuntinėję tas žinutes"),
    ("lt", "Nebenoriu gauti jūsų žinučių"),
    ("lt", "Palikit mane ramybėj"),
    ("lt", "Pašalinkite mano numerį iš savo sąrašų"),
    ("it", "Smettetela di scrivermi"),
    ("pt", "Não me enviem mais nada"),
    ("nl", "Haal me van jullie lijst"),
    ("ru", "Перестаньте мне звонить"),
    ("pl", "Przestańcie do mnie dzwonić"),
]


@pytest.mark.parametrize(("language", "text"), OPT_OUTS)
@pytest.mark.parametrize("asked", Asked)
def test_an_opt_out_in_the_customers_own_words_suppresses(language, text, asked) -> None:
    reading = read(text, language, asked=asked, slots=SLOTS)
    assert reading.suppression is Suppression.SUPPRESS
    assert reading.intent in (Intent.OPT_OUT, Intent.ERASURE_REQUEST)
    assert reading.slot is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "My solicitor will be in touch about this"),
        ("en", "never again"),
        ("de", "Werbung, ernsthaft?"),
        ("de", "Wenn noch eine SMS kommt, melde ich das"),
        ("fr", "encore de la pub"),
        ("es", "qué molestia"),
        ("lt", "Kiek dar tų žinučių bus"),
    ],
)
def test_what_may_be_an_opt_out_is_held(language, text) -> None:
    assert read(text, language).suppression is Suppression.HOLD


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "No thanks, we're happy with what we have"),
        ("en", "Not for us right now"),
        ("en", "nah"),
        ("en", "I can't stop using it, love it"),
        ("en", "Let's meet at the bus stop"),
        ("en", "How do I unsubscribe patients from reminders?"),
        ("de", "Nein, das brauchen wir nicht"),
        ("de", "Kein Interesse"),
        ("fr", "Non merci, pas besoin"),
        ("fr", "Nous avons arrêté car c'était trop cher"),
        ("es", "No, estamos contentos con lo que tenemos"),
        ("lt", "Ne, ačiū, neįdomu"),
    ],
)
def test_an_ordinary_no_is_no_opt_out(language, text) -> None:
    assert read(text, language).suppression is Suppression.GO


def test_a_wish_about_when_to_call_is_none_about_whether() -> None:
    reading = read("Please don't call before ten, tomorrow is fine")
    assert (reading.intent, reading.suppression) == (Intent.NOT_NOW, Suppression.GO)
    assert reading.when is not None
    assert reading.when.start == datetime(2026, 11, 25, 10, tzinfo=UTC)


def test_a_machine_never_opts_out_and_says_when_somebody_is_back() -> None:
    reading = read("Out of office until 7 December. Reply STOP to end.", automatic=True)
    assert (reading.intent, reading.suppression) == (Intent.AUTO_REPLY, Suppression.GO)
    assert reading.when is not None
    assert reading.when.start == datetime(2026, 12, 7, 9, tzinfo=UTC)


def test_whatever_a_machine_writes_is_an_automatic_reply() -> None:
    reading = read("STOP. Do not contact me again, delete my data.", automatic=True)
    assert (reading.intent, reading.also) == (Intent.AUTO_REPLY, ())
    assert reading.suppression is Suppression.GO


def test_a_copy_of_our_own_words_says_nothing() -> None:
    reading = read("Liked “Reply STOP to end”", channel=Channel.SMS)
    assert (reading.intent, reading.suppression) == (Intent.OTHER, Suppression.GO)


def test_letters_of_another_alphabet_do_not_hide_a_stop() -> None:
    assert unmasked("\u0455top Привет") == "stop Привет"
    assert read("\u0455top m\u0435ssaging m\u0435").suppression is Suppression.SUPPRESS


def test_an_offered_slot_is_chosen_and_no_other_time_is_told_beside_it() -> None:
    reading = read("the second one please", asked=Asked.SLOTS, slots=SLOTS)
    assert (reading.intent, reading.slot, reading.when) == (Intent.BOOK_CALL, SLOTS[1], None)


def test_another_time_than_those_offered_is_a_wish_for_other_slots() -> None:
    reading = read("none of those, Monday at 4pm?", asked=Asked.SLOTS, slots=SLOTS)
    assert (reading.intent, reading.slot) == (Intent.BOOK_CALL, None)
    assert reading.when is not None
    assert reading.when.start == datetime(2026, 11, 30, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("Yes, works for me", "en", Intent.CONFIRM_YES),
        ("no problem", "en", Intent.CONFIRM_YES),
        ("can't make it", "en", Intent.CONFIRM_NO),
        ("Ja, passt", "de", Intent.CONFIRM_YES),
        ("Leider nicht", "de", Intent.CONFIRM_NO),
        ("Sí, confirmo", "es", Intent.CONFIRM_YES),
        ("Taip, tinka", "lt", Intent.CONFIRM_YES),
        ("Deja, negaliu", "lt", Intent.CONFIRM_NO),
    ],
)
def test_a_question_for_a_yes_gets_a_yes_or_a_no(text, language, intent) -> None:
    reading = read(text, language, asked=Asked.CONFIRM, slots=SLOTS[:1])
    assert reading.intent is intent
    assert reading.slot == (SLOTS[0] if intent is Intent.CONFIRM_YES else None)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Great, see you tomorrow", Intent.CONFIRM_YES),
        ("sorry, I need to cancel our call", Intent.CONFIRM_NO),
        ("CANCEL", Intent.CONFIRM_NO),
        ("something came up, can we move to Friday?", Intent.BOOK_CALL),
    ],
)
def test_a_booked_call_is_confirmed_given_up_or_moved(text, intent) -> None:
    reading = read(text, asked=Asked.BOOKED)
    assert (reading.intent, reading.suppression) == (intent, Suppression.GO)


def test_a_bare_time_asks_to_be_contacted_then() -> None:
    reading = read("Thursday afternoon")
    assert reading.intent is Intent.NOT_NOW
    assert reading.when is not None


@pytest.mark.parametrize(
    ("text", "answers", "answer"),
    [
        ("How much is it per month?", {"price", "product"}, "price"),
        ("Does it work with Outlook?", {"price", "product"}, "product"),
        ("Does it work with Outlook?", {"integrations", "product"}, "integrations"),
        ("How much is it per month?", {"product"}, ""),
        ("Where are your servers?", {"price"}, ""),
    ],
)
def test_an_answer_is_named_only_where_one_is_signed(text, answers, answer) -> None:
    assert read(text, answers=frozenset(answers)).answer == answer


def test_what_is_not_understood_is_a_guess() -> None:
    reading = read("Lorem ipsum dolor sit amet")
    assert (reading.intent, reading.suppression) == (Intent.OTHER, Suppression.GO)
    assert reading.confidence < read("How much is it?").confidence


def test_the_language_is_the_conversations_until_the_words_say_otherwise() -> None:
    assert language_of("ok", "lt") == "lt"
    assert language_of("Wir haben keine Zeit dafür", "lt") == "de"
    assert language_of("", "") == "en"
