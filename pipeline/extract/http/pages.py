"""Walks through the pages of an endpoint and notices when they cannot be right.

A page repeated, a cursor that comes again, pages without end, an empty page that is not the last, a page that shrinks
while others follow, a total that is not reached: each ends in a refusal, for the records in between would be lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.endpoint import Paginate, Scalar
from pipeline.errors import RefusedDelivery
from pipeline.extract.http.body import MISSING, at_path


@dataclass(frozen=True)
class Page:
    """One page, looked into. `body` is MISSING where it is no JSON; then `records` only tells none from some."""

    number: int
    body: Any
    records: int
    digest: str
    last: Any = None
    link: str | None = None


@dataclass(frozen=True)
class Step:
    """How the next page is asked for: by parameters beside the others, or by a link in place of the address."""

    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    link: str | None = None


class Pager:
    """One walk: knows the pages seen and says how to ask for the next; raises RefusedDelivery."""

    def __init__(self, paginate: Paginate, where: str) -> None:
        self._said, self._where = paginate, where
        self._digests: set[str] = set()
        self._cursors: set[str] = set()
        self._records = self._number = self._first_size = 0
        self._total: int | None = None
        self._short_page: int | None = None

    def first(self) -> Step:
        counts = self._said.by in ("page", "offset")
        return self._step({str(self._said.parameter): self._said.first} if counts else {})

    def after(self, page: Page) -> Step | None:
        """How to ask for the page after this one; None when it was the last and all is well."""
        self._notice(page)
        following = self._following(page)
        if following is None:
            self._check_total()
            return None
        if page.records == 0 and self._said.by not in ("page", "offset"):
            raise self._wrong("a page is empty and still leads to another", f"page {page.number}", "records")
        if page.number >= self._said.max_pages:
            raise self._wrong("the pages have no end", f"more than {self._said.max_pages}", "fewer (max_pages)")
        return following

    def ended(self) -> None:
        """Nothing came where a page might have; raises RefusedDelivery when records are missing."""
        self._check_total()

    def _notice(self, page: Page) -> None:
        self._number, self._records = page.number, self._records + page.records
        if page.records:
            if page.digest in self._digests:
                raise self._wrong("a page came twice", f"page {page.number} holds what a page before it held", "others")
            self._digests.add(page.digest)
        self._notice_total(page)
        self._notice_short(page)

    def _notice_total(self, page: Page) -> None:
        if self._said.total is None:
            return
        told = at_path(page.body, self._said.total)
        if isinstance(told, str) and told.isdecimal():
            told = int(told)
        if told is MISSING and not self._records:
            told = 0
        if not isinstance(told, int) or isinstance(told, bool):
            raise self._wrong("the total is not told", repr(told)[:80], f"a number at {self._said.total}")
        if self._total is not None and told < self._total and self._said.by in ("page", "offset"):
            raise self._wrong(
                "records vanished while pages were asked for", f"{told} in all after {self._total}", "the same number"
            )
        self._total = told

    def _notice_short(self, page: Page) -> None:
        """Every page but the last holds as many records as the first, or those after it have moved up unseen."""
        said = self._said
        if said.by not in ("page", "offset") or said.total or said.more or said.done or page.body is MISSING:
            return
        self._first_size = self._first_size or page.records
        if self._short_page is not None and page.records:
            raise self._wrong(
                "a page shrank while others follow",
                f"page {self._short_page} is shorter than the first",
                f"{self._first_size} records",
            )
        if page.records < self._first_size:
            self._short_page = page.number

    def _following(self, page: Page) -> Step | None:
        if not self._goes_on(page):
            return None
        by = self._said.by
        if by == "page":
            return self._step({str(self._said.parameter): self._said.first + page.number})
        if by == "offset":
            return self._step({str(self._said.parameter): self._said.first + self._records})
        link = page.link if by == "link_header" else self._cursor(page)
        if link is None and self._flag(page) is not None:
            raise self._wrong("more pages follow and none is named", f"page {page.number}", "the way to the next")
        if link is None:
            return None
        self._remember(str(link))
        return Step(link=str(link)) if by != "cursor" else self._step({str(self._said.parameter): link})

    def _goes_on(self, page: Page) -> bool:
        """Whether there can be another page, by what the body says, else by what it holds."""
        flag = self._flag(page)
        if flag is not None:
            if flag and page.records == 0:
                raise self._wrong("a page is empty and still leads to another", f"page {page.number}", "records")
            return flag
        if self._said.by in ("page", "offset"):
            is_reached = self._total is not None and self._records >= self._total
            return page.records > 0 and not is_reached
        return not (self._said.last and page.records == 0)

    def _flag(self, page: Page) -> bool | None:
        """What the flag `more` or `done` says; None where none is named."""
        path = self._said.more or self._said.done
        if path is None:
            return None
        told = at_path(page.body, path)
        words = {"true": True, "false": False, 1: True, 0: False}
        told = words.get(told.lower() if isinstance(told, str) else told) if isinstance(told, str | int) else None
        if told is None:
            raise self._wrong(
                "the flag that ends the pages is not told", f"page {page.number}", f"true or false at {path}"
            )
        return told if self._said.more else not told

    def _cursor(self, page: Page) -> Scalar | None:
        """The next cursor or link of the body; None where there is none."""
        if self._said.last is not None:
            told = at_path(page.last, self._said.last)
            if told is MISSING or told is None:
                raise self._wrong(
                    "the last record has no cursor", f"page {page.number}", f"a value at {self._said.last}"
                )
        else:
            told = at_path(page.body, str(self._said.cursor))
        if isinstance(told, dict | list):
            raise self._wrong("the cursor is no value", type(told).__name__, f"a text at {self._said.cursor}")
        if told is MISSING or told in (None, "", False):
            return None
        return told if isinstance(told, int | str) else str(told)

    def _remember(self, cursor: str) -> None:
        if cursor in self._cursors:
            raise self._wrong("a cursor came twice", f"after page {self._number}", "another one for every page")
        self._cursors.add(cursor)

    def _check_total(self) -> None:
        if self._total is not None and self._records != self._total:
            raise self._wrong(
                "the total disagrees with the records",
                f"{self._records} records",
                f"{self._total} at {self._said.total}",
            )

    def _step(self, parameters: dict[str, Scalar]) -> Step:
        size = {str(self._said.size_parameter): self._said.size} if self._said.size is not None else {}
        return Step(parameters | size)

    def _wrong(self, what: str, found: str, expected: str) -> RefusedDelivery:
        return RefusedDelivery(
            what,
            where=self._where,
            found=found,
            expected=expected,
            action="nothing of it was landed; the next run asks again; if it stays, correct request.paginate",
        )
