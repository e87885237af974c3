"""What a rule about the value of an argument is, and what Keras says where it is broken."""

from __future__ import annotations

from collections.abc import Mapping

from lstmlint.classes import dataclass
from lstmlint.keras.value_tests import Test
from lstmlint.keras.versions import Version


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one version: the exception (None: nothing is raised) and the message.

    In it stand `{value}`, `{cls}` and `{argument}`.
    """

    exception: str | None
    message: str


@dataclass(frozen=True, slots=True)
class ValueRule:
    """One argument of some classes whose value may be wrong: `words` has the versions that mind.

    `classes` None are all that have the argument.
    """

    argument: str
    classes: frozenset[str] | None
    is_wrong: Test
    words: Mapping[Version, Words]


#: Python's words for a comparison of a number with something that is none.
NOT_LESS = "'<=' not supported between instances of {kind} and 'int'"


def error(message: str, *versions: Version, exception: str = "ValueError") -> dict[Version, Words]:
    return {version: Words(exception, message) for version in versions}
