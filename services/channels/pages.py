"""The one page of channels: whoever follows the link in a mail confirms with a button."""

from html import escape

# question, button, afterwards
WORDS = {
    "en": ("Do you want no more messages from us?", "No more messages", "Done."),
    "de": ("Möchten Sie keine Nachrichten mehr von uns?", "Keine Nachrichten mehr", "Erledigt."),
    "fr": ("Ne plus recevoir de messages de notre part ?", "Plus de messages", "C'est fait."),
    "es": ("¿No quiere recibir más mensajes nuestros?", "No más mensajes", "Hecho."),
    "lt": ("Ar nebenorite gauti mūsų žinučių?", "Daugiau nerašykite", "Padaryta."),
}


def page(language: str, *, done: bool) -> str:
    """The page in this language, English where we do not speak it."""
    spoken = language if language in WORDS else "en"
    question, button, afterwards = map(escape, WORDS[spoken])
    form = (
        f'<form method="post"><p>{question}</p>'
        '<input type="hidden" name="List-Unsubscribe" value="One-Click">'
        f"<button>{button}</button></form>"
    )
    body = f"<p>{afterwards}</p>" if done else form
    return (
        f'<!doctype html><html lang="{spoken}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{question}</title><main>{body}</main></html>"
    )
