"""How people of a few countries are called, and how they write their numbers. All invented."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """How people of one country are called, and how they write their numbers."""

    code: str
    names: tuple[str, ...]  # of the country, as people type them
    languages: tuple[str, ...]  # as people type them
    first: tuple[str, ...]
    last: tuple[str, ...]
    phone: Callable[[random.Random], tuple[str, ...]]  # one number, in several spellings
    domains: tuple[str, ...]
    states: tuple[str, ...] = ("",)


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _us(rng: random.Random) -> tuple[str, ...]:
    area = rng.choice(("212", "312", "415", "617", "512", "206", "303", "404", "305", "602"))
    office, line = rng.choice("23456789") + _digits(rng, 2), _digits(rng, 4)
    if office.endswith("11") or office == "555":
        office = "467"
    return (f"({area}) {office}-{line}", f"{area}.{office}.{line}", f"+1 {area} {office} {line}",
            f"1-{area}-{office}-{line}", f"{area}{office}{line}")  # fmt: skip


def _gb(rng: random.Random) -> tuple[str, ...]:
    tail = _digits(rng, 6)
    return (f"07400 {tail}", f"+44 7400 {tail}", f"0044 7400 {tail}", f"+44 (0)7400 {tail}")


def _de(rng: random.Random) -> tuple[str, ...]:
    prefix, tail = rng.choice(("151", "160", "170", "171", "175")), _digits(rng, 7)
    tail = tail if prefix != "151" else tail + _digits(rng, 1)
    return (f"0{prefix} {tail}", f"+49 {prefix} {tail}", f"0049{prefix}{tail}", f"0{prefix}/{tail}")


def _fr(rng: random.Random) -> tuple[str, ...]:
    pairs = [_digits(rng, 2) for _ in range(4)]
    return ("06 " + " ".join(pairs), "06." + ".".join(pairs), "+33 6 " + " ".join(pairs),
            "0033 6 " + "".join(pairs))  # fmt: skip


def _es(rng: random.Random) -> tuple[str, ...]:
    head, tail = "6" + rng.choice("0123456789") + _digits(rng, 1), _digits(rng, 6)
    return (f"{head} {tail[:3]} {tail[3:]}", f"+34 {head} {tail}", f"0034{head}{tail}", head + tail)


def _lt(rng: random.Random) -> tuple[str, ...]:
    tail = _digits(rng, 5)
    head = rng.choice(("612", "614", "650", "682", "698"))
    return (f"8 {head} {tail}", f"+370 {head} {tail}", f"+370{head}{tail}", f"370 {head} {tail}")


def _pl(rng: random.Random) -> tuple[str, ...]:
    number = rng.choice(("501", "602", "693", "781")) + _digits(rng, 6)
    return (f"+48 {number}", number)


COUNTRIES = {
    "US": Country("US", ("United States", "USA", "US", "U.S."), ("en", "English", "en-US", "en-US"),
        ("James", "Olivia", "Noah", "Emma", "Liam", "Ava", "Mason", "Sophia", "Ethan", "Grace",
         "Dylan", "Chloe", "Wyatt", "Naomi"),
        ("Carter", "Brooks", "Hayes", "Foster", "Bennett", "Coleman", "Reed", "Sullivan", "Ward",
         "Parker", "Griffin", "Hughes"),
        _us, ("oakstudio.example", "brightroom.example", "northlight.example", "gmail.com"),
        ("NY", "California", "TX", "Illinois", "WA", "Massachusetts", "", "CO")),
    "GB": Country("GB", ("United Kingdom", "UK", "GB", "Great Britain"), ("en", "English", "en-GB"),
        ("Harry", "Amelia", "George", "Isla", "Oscar", "Freya", "Callum", "Poppy", "Rhys"),
        ("Whitfield", "Ashworth", "Kendall", "Thornton", "Barlow", "Hargreaves", "Pritchard"),
        _gb, ("yardstudio.example", "lockkeep.example", "gmail.com")),
    "DE": Country("DE", ("Germany", "Deutschland", "DE"), ("de", "Deutsch", "German", "de-DE"),
        ("Lukas", "Anna", "Jonas", "Lea", "Felix", "Clara", "Moritz", "Greta", "Jürgen", "Sabine"),
        ("Vogt", "Krämer", "Lindner", "Böhm", "Seidel", "Hartmann", "Schuster", "Groß"),
        _de, ("werkraum.example", "tonstudio.example", "web.example")),
    "FR": Country("FR", ("France", "FR"), ("fr", "French", "Français", "fr-FR"),
        ("Camille", "Louis", "Chloé", "Hugo", "Manon", "Théo", "Inès", "Élodie", "Benoît"),
        ("Moreau", "Girard", "Lefèvre", "Rousseau", "Chevalier", "Perrin", "Garnier"),
        _fr, ("atelier-bleu.example", "lecadre.example", "courriel.example")),
    "ES": Country("ES", ("Spain", "España", "ES"), ("es", "Spanish", "Español", "es-ES"),
        ("Lucía", "Mateo", "Carmen", "Pablo", "Inés", "Diego", "Nuria", "Álvaro", "Rocío"),
        ("Navarro", "Ortega", "Vidal", "Cano", "Serrano", "Molina", "Peña"),
        _es, ("estudio-luz.example", "taller.example", "correo.example")),
    "LT": Country("LT", ("Lithuania", "Lietuva", "LT"), ("lt", "Lithuanian", "Lietuvių", "lt-LT"),
        ("Rūta", "Tomas", "Eglė", "Mantas", "Austėja", "Lukas", "Gintarė", "Jonas", "Živilė"),
        ("Kazlauskas", "Petrauskienė", "Jankauskas", "Stankevičiūtė", "Žukauskas", "Butkus"),
        _lt, ("studija.example", "kadras.example", "pastas.example")),
    "PL": Country("PL", ("Poland", "Polska", "PL"), ("pl", "Polish", "Polski"),
        ("Zofia", "Jakub", "Hanna", "Szymon", "Maja"), ("Wójcik", "Mazur", "Krawczyk", "Zając"),
        _pl, ("pracownia.example", "poczta.example")),
}  # fmt: skip
