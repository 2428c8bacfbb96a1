"""The sentences: what each verdict says to a founder, and what would bring the contact back."""

from dataclasses import dataclass
from enum import StrEnum

from shared.words import Reason, Verdict


@dataclass(frozen=True, slots=True)
class Meaning:
    """`remedy`: what would bring the contact back."""

    verdict: Verdict
    sentence: str
    remedy: str


MEANINGS: dict[Reason, Meaning] = {
    Reason.UNREADABLE: Meaning(
        Verdict.EXCLUDED,
        "The row cannot be read, or is a total or a remark below the customers.",
        "A row that is a customer: repair it in the file and import it again.",
    ),
    Reason.OPTED_OUT: Meaning(
        Verdict.EXCLUDED,
        "The person asked not to be contacted, on this record or on another of theirs.",
        "Nothing: only the person can ask to be contacted again.",
    ),
    Reason.SUPPRESSED: Meaning(
        Verdict.EXCLUDED,
        "The contact, or every address of it, is on the suppression list.",
        "Nothing: only the person can ask to be contacted again.",
    ),
    Reason.TEST_DATA: Meaning(
        Verdict.EXCLUDED,
        "The record was made up to try something out: its name or its mailbox says so.",
        "The customer's own name and address, if there is a customer.",
    ),
    Reason.NEVER_PAID: Meaning(
        Verdict.EXCLUDED,
        "The account never paid: a trial belongs in a separate follow-up.",
        "A payment on record.",
    ),
    Reason.CHURNED_LONG_AGO: Meaning(
        Verdict.EXCLUDED,
        "The customer left more than 18 months ago, and no phone contact is on record.",
        "A phone contact on record, or a corrected date of leaving.",
    ),
    Reason.NO_VALID_ADDRESS: Meaning(
        Verdict.EXCLUDED,
        "The record has neither a valid phone number nor a valid e-mail address.",
        "A valid number or e-mail address in the file.",
    ),
    Reason.NO_LAWFUL_CHANNEL: Meaning(
        Verdict.EXCLUDED,
        "No channel is open: each one says why.",
        "What its channels ask for, such as a consent with proof.",
    ),
    Reason.DUPLICATE: Meaning(
        Verdict.DUPLICATE,
        "Another record is the same person: the same CRM id, the same mailbox, or an address and "
        "the name.",
        "Different data, if they are two people.",
    ),
    Reason.PROBABLE_DUPLICATE: Meaning(
        Verdict.HELD,
        "Another record is probably the same person: an address is the same, and the name may be.",
        "Both records merged in the CRM, or both names in full, if they are two people.",
    ),
    Reason.OUT_OF_WINDOW: Meaning(
        Verdict.HELD,
        "The customer left outside the window of 30 to 180 days, or nobody knows when.",
        "The date of leaving, or an operator who includes the contact and says why.",
    ),
    Reason.CONFLICTING_FACTS: Meaning(
        Verdict.HELD,
        "The record contradicts itself.",
        "One true value for each field that is named as contradictory.",
    ),
    Reason.REVIEW_NEEDED: Meaning(
        Verdict.HELD,
        "The only address is a mailbox that many may read, such as info@…",
        "A phone number, or an address of the person's own.",
    ),
    Reason.LANGUAGE_NOT_IN_SCRIPT: Meaning(
        Verdict.HELD,
        "The script has no signed line in the contact's language, or the language is unknown.",
        "Signed lines in this language, or the contact's language in the file.",
    ),
}


class Code(StrEnum):
    """Why a channel is open, deferred or closed, in one word; the rules' ids stand beside it."""

    PERMITTED = "permitted"
    QUIET_HOURS = "quiet_hours"
    CHANNEL_NOT_INSTALLED = "channel_not_installed"
    NO_NUMBER = "no_number"
    NO_MAILBOX = "no_mailbox"
    OPTED_OUT = "opted_out"
    NUMBER_OPTED_OUT = "number_opted_out"
    MAILBOX_OPTED_OUT = "mailbox_opted_out"
    SUPPRESSED = "suppressed"
    DISPOSABLE_MAILBOX = "disposable_mailbox"
    FICTIONAL_NUMBER = "fictional_number"
    NOT_A_MOBILE = "not_a_mobile"
    NOT_ON_WHATSAPP = "not_on_whatsapp"
    COUNTRY_UNKNOWN = "country_unknown"
    ZONE_UNKNOWN = "zone_unknown"
    NO_CUSTOMER = "no_customer"
    ENDED_LONG_AGO = "ended_long_ago"
    CHANNEL_POLICY = "channel_policy"
    NO_PROOF = "no_proof"
    NO_BASIS = "no_basis"
    NOT_SET_UP = "not_set_up"
    REGISTER_NOT_ASKED = "register_not_asked"
    REGISTER_LISTED = "register_listed"
    NEEDS_REVIEW = "needs_review"
    NO_COMMON_HOUR = "no_common_hour"


SENTENCES: dict[Code, str] = {
    Code.PERMITTED: "A basis that the contact rules accept is on record; nothing is against it.",
    Code.QUIET_HOURS: "It is a quiet hour or a quiet day where the contact is.",
    Code.CHANNEL_NOT_INSTALLED: "This channel is not installed.",
    Code.NO_NUMBER: "The record has no valid phone number.",
    Code.NO_MAILBOX: "The record has no valid e-mail address.",
    Code.OPTED_OUT: "The person asked not to be contacted on this channel.",
    Code.NUMBER_OPTED_OUT: "Somebody else with this number asked not to be contacted on it.",
    Code.MAILBOX_OPTED_OUT: "Somebody else with this mailbox asked not to be contacted there.",
    Code.DISPOSABLE_MAILBOX: "The mailbox is one to throw away: nobody reads it for long.",
    Code.FICTIONAL_NUMBER: "The number is one that is kept for films and examples.",
    Code.SUPPRESSED: "The suppression list closes this channel.",
    Code.NOT_A_MOBILE: "The number is not known to be a mobile one.",
    Code.NOT_ON_WHATSAPP: "The number is not known to be on WhatsApp.",
    Code.COUNTRY_UNKNOWN: "The contact's country is unknown, and so are its rules.",
    Code.ZONE_UNKNOWN: "The contact's time zone is unknown, and so are its quiet hours.",
    Code.NO_CUSTOMER: "No paid relation is on record, past or present.",
    Code.ENDED_LONG_AGO: "The customer left long ago, and no later phone contact is on record.",
    Code.CHANNEL_POLICY: "The channel's own terms forbid it there, or ask for an opt-in.",
    Code.NO_PROOF: "The consent on record has no day or no proof.",
    Code.NO_BASIS: "No consent or relation that would open this channel is on record.",
    Code.NOT_SET_UP: "Something that the sender has to set up first is missing.",
    Code.REGISTER_NOT_ASKED: "A do-not-call register has to be asked first, or again.",
    Code.REGISTER_LISTED: "The number is on a do-not-call register.",
    Code.NEEDS_REVIEW: "The rules there are in doubt: a person has to decide.",
    Code.NO_COMMON_HOUR: "Where the contact may be, no hour is open everywhere.",
}
