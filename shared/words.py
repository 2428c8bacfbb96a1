"""The words of the domain: closed sets that code, topics, screens and documents share."""

from enum import StrEnum


class Channel(StrEnum):
    """How a contact is reached."""

    WHATSAPP = "whatsapp"
    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"


class Verdict(StrEnum):
    """What triage says of a contact; every contact has exactly one."""

    ADMITTED = "admitted"
    HELD = "held"
    EXCLUDED = "excluded"
    DUPLICATE = "duplicate"


class Reason(StrEnum):
    """Why a contact is not admitted. The order is the one in which a reason decides."""

    UNREADABLE = "unreadable"
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"
    TEST_DATA = "test_data"
    NEVER_PAID = "never_paid"
    CHURNED_LONG_AGO = "churned_long_ago"
    NO_VALID_ADDRESS = "no_valid_address"
    NO_LAWFUL_CHANNEL = "no_lawful_channel"
    DUPLICATE = "duplicate"
    PROBABLE_DUPLICATE = "probable_duplicate"
    OUT_OF_WINDOW = "out_of_window"
    CONFLICTING_FACTS = "conflicting_facts"
    REVIEW_NEEDED = "review_needed"
    LANGUAGE_NOT_IN_SCRIPT = "language_not_in_script"


class Oddity(StrEnum):
    """What is odd about a record."""

    TEST_DATA = "test_data"
    ROLE_MAILBOX = "role_mailbox"
    DISPOSABLE_MAILBOX = "disposable_mailbox"
    FICTIONAL_NUMBER = "fictional_number"
    NUMBER_ELSEWHERE = "number_elsewhere"


class Openness(StrEnum):
    """May a channel be used for a contact: now, later, or not at all."""

    OPEN = "open"
    DEFERRED = "deferred"
    CLOSED = "closed"


class Segment(StrEnum):
    """Why this contact. The order is the priority when several match."""

    SINGLE_MODULE = "single_module"
    RENEWAL_DUE = "renewal_due"
    SOLO_SEAT = "solo_seat"
    DORMANT_PAID = "dormant_paid"
    RECENTLY_CHURNED = "recently_churned"


class Goal(StrEnum):
    """What a conversation is about."""

    UPSELL = "upsell"
    CROSS_SELL = "cross_sell"
    RETENTION_CHECK_IN = "retention_check_in"
    WIN_BACK = "win_back"
    RENEWAL = "renewal"


class Basis(StrEnum):
    """On what a contact may be reached, from the strongest proof to the weakest."""

    WRITTEN_CONSENT = "written_consent"
    EXPRESS_CONSENT = "express_consent"
    SOFT_OPT_IN = "soft_opt_in"
    CUSTOMER = "customer"


class Status(StrEnum):
    """Where the contact's account stands."""

    ACTIVE = "active"
    CHURNED = "churned"
    TRIAL = "trial"


class Party(StrEnum):
    """Who the contact is to the law."""

    CONSUMER = "consumer"
    SOLE_TRADER = "sole_trader"
    BUSINESS = "business"


class LineType(StrEnum):
    """What answers at a phone number."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    UNKNOWN = "unknown"


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SIGNED = "signed"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"


class Purpose(StrEnum):
    """What a line of the script is for."""

    OPENER = "opener"
    CALLBACK = "callback"
    OFFER_SLOTS = "offer_slots"
    ANSWER = "answer"
    BOT_ANSWER = "bot_answer"
    HANDOFF = "handoff"  # known to released schemas; nothing here asks for it
    ASK_WHEN = "ask_when"
    LATER = "later"
    CONFIRM_BOOKING = "confirm_booking"
    CONFIRM_CANCELLED = "confirm_cancelled"
    CONFIRM_OPT_OUT = "confirm_opt_out"


# What may still leave after an outcome: it serves the contact and sells nothing.
SERVICE_PURPOSES = frozenset(
    {Purpose.CONFIRM_BOOKING, Purpose.CONFIRM_CANCELLED, Purpose.CONFIRM_OPT_OUT}
)


class Result(StrEnum):
    """What became of one provider call."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Refusal(StrEnum):
    """Why a gateway did not send."""

    SUPPRESSED = "suppressed"
    NEWER_REPLY = "newer_reply"
    ADDRESS_BUSY = "address_busy"
    NOT_PERMITTED = "not_permitted"
    NOT_SIGNED = "not_signed"
    UNKNOWN_CONTACT = "unknown_contact"
    LATE = "late"
    OVERDUE = "overdue"
    STALE_VIEW = "stale_view"
    PAUSED = "paused"
    WINDOW_CLOSED = "window_closed"
    PROVIDER_REFUSED = "provider_refused"


class Delivery(StrEnum):
    """What the provider says of an accepted message."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Intent(StrEnum):
    """What a reply means."""

    OPT_OUT = "opt_out"
    ERASURE_REQUEST = "erasure_request"
    NOT_INTERESTED = "not_interested"
    NOT_NOW = "not_now"
    INTERESTED = "interested"
    BOOK_CALL = "book_call"
    QUESTION = "question"
    WRONG_PERSON = "wrong_person"
    CHURN_REASON = "churn_reason"
    COMPLAINT = "complaint"
    HUMAN_HANDOFF = "human_handoff"
    ARE_YOU_A_BOT = "are_you_a_bot"
    AUTO_REPLY = "auto_reply"
    CONFIRM_YES = "confirm_yes"
    CONFIRM_NO = "confirm_no"
    OTHER = "other"


class Suppression(StrEnum):
    """What a reply asks of the suppression list; `hold` stops sending until a person decides."""

    SUPPRESS = "suppress"
    HOLD = "hold"
    GO = "go"


class BookingState(StrEnum):
    """What became of a slot asked for."""

    CONFIRMED = "confirmed"
    TAKEN = "taken"
    MOVED = "moved"
    CANCELLED = "cancelled"
