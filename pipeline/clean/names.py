"""What a person meant who wrote a column's name that is not there, or left out the quotes it needs."""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from itertools import groupby

from pipeline.clean.sql import ident

_PLAIN = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_WORDS = re.compile(r"[^\W\d]\w*(?: +\w+)+")
# Words that stand beside others in an expression without being a name
_SQL_WORDS = frozenset({
    "and", "as", "between", "case", "cast", "collate", "date", "distinct", "else", "end", "escape", "false", "from", "ilike",
    "in", "interval", "is", "like", "not", "null", "or", "similar", "then", "time", "timestamp", "to", "true", "try_cast", "when",
})  # fmt: skip
BARE_NAME = re.compile(r"[\w .-]+")


def nearest(name: str, columns: Iterable[str], alike: float = 0.6) -> str | None:
    """The column whose name is most like this one, in any case; None where none is `alike`, 1 being the same."""
    known = {folded(one): one for one in columns}
    found = get_close_matches(folded(name), known, n=1, cutoff=alike)
    return known[found[0]] if found else None


def missing(name: str, columns: Iterable[str]) -> str:
    """That an expression needs a column that is not there, and which one may be meant."""
    near = nearest(name, columns)
    return f"needs the column {name!r}" + (f", and {near!r} is the nearest there is" if near else "")


def quotes_left_out(sql: str, columns: Iterable[str], is_sql: Callable[[str], bool]) -> str | None:
    """How the one name of a column is written that, put into double quotes, makes an expression of this; else None."""
    parts = _QUOTED.split(sql)
    for name in sorted(columns, key=len, reverse=True):
        found = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
        if any(found.search(part) for part in parts) and is_sql(_outside_quotes(sql, found, ident(name))):
            return ident(name)
    return None


def names_of_words(sql: str, is_sql: Callable[[str], bool]) -> list[str]:
    """What may be the name of a column in several words without quotes, where they make an expression of this."""
    runs = [words.split(" ") for part in _QUOTED.split(sql) for words in _WORDS.findall(part)]
    split = [list(two) for one in runs for is_sql_word, two in groupby(one, _is_sql_word) if not is_sql_word]
    names = [" ".join(one) for one in split if len(one) > 1]
    quoted = sql
    for one in names:
        quoted = _outside_quotes(quoted, re.compile(rf"(?<!\w){re.escape(one)}(?!\w)"), ident(one))
    return names if names and is_sql(quoted) else []


def is_plain(name: str) -> bool:
    """Whether a name is one word, which needs no quotes unless SQL keeps it for itself."""
    return _PLAIN.fullmatch(name) is not None


def is_written_bare(name: str) -> bool:
    """Whether a column's name may be a whole right side as it is."""
    return BARE_NAME.fullmatch(name) is not None


def _is_sql_word(word: str) -> bool:
    return word.lower() in _SQL_WORDS


def _outside_quotes(sql: str, found: re.Pattern[str], written: str) -> str:
    """The SQL with what was found replaced, where it is not part of a text or a quoted name."""
    pieces, at = [], 0
    for quoted in _QUOTED.finditer(sql):
        pieces += [found.sub(lambda _: written, sql[at : quoted.start()]), quoted[0]]
        at = quoted.end()
    return "".join([*pieces, found.sub(lambda _: written, sql[at:])])


def folded(name: str) -> str:
    """A name without the case and the signs between its words in which names differ from system to system."""
    return re.sub(r"[\W_]+", " ", name).strip().casefold()
