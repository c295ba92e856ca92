"""Who works there: invented people, a bot, and one who has left."""

from __future__ import annotations

from dataclasses import dataclass

from ddd.demo.organisation.randomness import phid


@dataclass(frozen=True)
class Person:
    """A user account.

    Attributes:
        username: Its name in addresses and mentions.
        real_name: The name shown; some hold what careless pages stumble over.
        phid: Its PHID.
        is_bot: Whether it is a program.
        is_admin: Whether it administers the installation.
        has_left: Whether it was disabled in the middle of the history.
    """

    username: str
    real_name: str
    phid: str
    is_bot: bool = False
    is_admin: bool = False
    has_left: bool = False


HERALD = Person("Herald", "Herald", "PHID-APPS-PhabricatorHeraldApplication", is_bot=True)
"""Rules of the installation act as an application: an author need not be a user."""

_NAMES = (
    ("admin", "Admina Wirth"),
    ("abena", "Abena Owusu"),
    ("bjorn", "Björn Åkesson"),
    ("chiara", "Chiara Ricci"),
    ("dalia", "داليا منصور"),
    ("emeka", "Emeka <b>Eze</b>"),
    ("farid", "Farid Haddad"),
    ("greta", 'Greta "GG" Lindqvist'),
    ("hina", "佐藤 陽菜"),
    ("ivan", "Иван Петров"),
    ("jolene", "Jolene O'Brien"),
    ("kofi", "Kofi Mensah 🚲"),
    ("lucia", "Lucía Fernández"),
    ("marek", "Marek Novák"),
    ("noor", "Noor de Vries"),
)


def make_people(seed: int) -> dict[str, Person]:
    """Everybody, by username."""
    people = {
        name: Person(name, real_name, phid("USER", seed, name), is_admin=name == "admin")
        for name, real_name in _NAMES
    }
    people["oskar"] = Person("oskar", "Oskar Left", phid("USER", seed, "oskar"), has_left=True)
    people["release-bot"] = Person(
        "release-bot", "Release Bot", phid("USER", seed, "release-bot"), is_bot=True
    )
    people["data-reader"] = Person(
        "data-reader", "Reads everything for Data³", phid("USER", seed, "data-reader"), is_bot=True
    )
    return people
