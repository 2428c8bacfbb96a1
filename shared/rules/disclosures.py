"""Does a text say that an AI writes it? In the contact's language, in words people understand.

EU AI Act (Regulation 2024/1689), Art. 50(1): a person is told that they interact with an AI system.
"""

import re

_WORDS = {
    "en": r"\bAI\b|artificial intelligence",
    "de": r"\bKI\b|künstliche\w* Intelligenz",
    "fr": r"\bIA\b|intelligence artificielle",
    "es": r"\bIA\b|inteligencia artificial",
    "lt": r"\bDI\b|dirbtini\w+ intelekt\w+",
}
_PATTERNS = {language: re.compile(words) for language, words in _WORDS.items()}


def discloses_ai(text: str, language: str) -> bool:
    """Whether the text says it in this language. A language without known words never does."""
    pattern = _PATTERNS.get(language)
    return bool(pattern and pattern.search(text))
