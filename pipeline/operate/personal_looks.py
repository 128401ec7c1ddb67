"""Whether a value looks like a telephone number, or the number of an identity card, a bank account or a payment card.

Only for what is shown of columns nobody has described: it hides too much rather than too little, and decides nothing else.
"""

import re

# Digits in these shapes are rather a day, a fraction or an amount
_PLAIN = (
    r"(19|20)[0-9]{2}([-/. ]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12][0-9]|3[01])",
    r"[0-9]{1,2}([-/. ])[0-9]{1,2}\1(19|20)?[0-9]{2}",
    r"[0-9]+[.,][0-9]+",
    r"[0-9]{1,3}([., ][0-9]{3})+([.,][0-9]{1,2})?",
)
_PERSONAL = (
    # Telephone numbers: with their country, within a text too; without, with and without marks between the digits
    r"(.*\D)?(\+|00)[1-9][0-9 ()./-]{5,}[0-9].*",
    r"\(?[0-9][0-9 ()./-]{5,16}[0-9]",
    # Payment cards and identity cards
    r"[0-9]{13,19}",
    r"[0-9]{4}([ -][0-9]{4}){2,3}([ -][0-9]{1,4})?",
    r"[0-9]{17}X",
    r"[0-9]{7,9}-?[A-Z]",
    r"[A-Z]{1,3} ?[0-9]{6,9} ?(\([0-9A]\)|[A-Z])?",
    r"[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]",
    # Bank accounts
    r"[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?",
)


def looks_personal(value: str) -> bool:
    """Whether the value may be the number of a person, a card or an account."""
    return not _has_form(value, _PLAIN) and _has_form(value, _PERSONAL)


def _has_form(value: str, forms: tuple[str, ...]) -> bool:
    return any(re.fullmatch(one, value.strip(), re.IGNORECASE | re.DOTALL) for one in forms)
