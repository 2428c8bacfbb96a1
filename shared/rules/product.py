"""The product's own rules by name, as `product_rules.toml` words them."""


class P:
    """The rules that the engine itself carries out; the loader wants a row for each."""

    FAIL_CLOSED = "P-FAIL-CLOSED"
    SUPPRESS_ALL = "P-SUPPRESS-ALL"
    SUPPRESS_CHANNEL = "P-SUPPRESS-CHANNEL"
    NO_REOPTIN_ASK = "P-NO-REOPTIN-ASK"
    NEWER_CONSENT = "P-NEWER-CONSENT"
    PERIMETER = "P-PERIMETER"
    ENDED = "P-CHURN-18M"
    SCRIPT_SIGNED = "P-SCRIPT-SIGNED"
    DISCLOSE_FIRST = "P-DISCLOSE-FIRST"
    MINOR = "P-MINOR"
    EMERGENCY = "P-EMERGENCY"
    REASSIGNED = "P-REASSIGNED"
    SERVICE_MIX = "P-SERVICE-MIX"
    LOC_CONFLICT = "P-LOC-CONFLICT"
    TZ_UNKNOWN = "P-TZ-UNKNOWN"
    STATE_UNKNOWN = "P-STATE-UNKNOWN"
    ON_A_MACHINE = "P-VOICEMAIL"
    NO_PROOF = "P-NO-PROOF"
    PURCHASED = "P-CONSENT-PURCHASED"
    BASIS = "P-BASIS"
    REVIEW = "P-REVIEW"
    PRECONDITION = "P-PRECONDITION"
    REGISTRY_STALE = "P-REGISTRY-STALE"
    REGISTRY_LISTED = "P-REGISTRY-LISTED"
    HOURS = "P-HOURS"
    CAP = "P-CAP"
    INBOUND_REPLY = "P-INBOUND-REPLY"
    CALLBACK_REQUEST = "P-CALLBACK-REQUEST"
    SEQUENCE = "P-SEQUENCE"
    NOT_NOW = "P-NOT-NOW"


CARRIED_OUT = tuple(its for name, its in vars(P).items() if name.isupper())
CONTEXT = frozenset(
    {
        P.SERVICE_MIX,
        P.LOC_CONFLICT,
        P.TZ_UNKNOWN,
        P.STATE_UNKNOWN,
        P.NEWER_CONSENT,
        P.INBOUND_REPLY,
        P.CALLBACK_REQUEST,
    }
)  # they choose what binds, and weigh nothing themselves
FINDING = tuple(its for its in CARRIED_OUT if its not in CONTEXT)
