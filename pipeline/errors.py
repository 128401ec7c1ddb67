"""The errors a user sees: each names the place, what was found, what was expected and what to do."""

from collections.abc import Iterable


class UserError(Exception):
    """One mistake of a user, told in one paragraph and without a traceback.

    `what` is the mistake in a few words, `where` the file, row or key it is in.
    """

    def __init__(self, what: str, *, where: str, found: str = "", expected: str = "", action: str = "") -> None:
        self.what, self.where, self.found, self.expected, self.action = what, where, found, expected, action
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}"]
        parts += [f"{label} {text}" for label, text in self._details() if text]
        return "; ".join(parts)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.what, self.where, self.found, self.expected, self.action)

    def _details(self) -> list[tuple[str, str]]:
        return [("found", self.found), ("expected", self.expected), ("to do:", self.action)]


def _rebuild(what: str, where: str, found: str, expected: str, action: str) -> "UserError":
    return UserError(what, where=where, found=found, expected=expected, action=action)


class ConfigurationError(UserError):
    """Wrong configuration (exit code 2), carrying every mistake found, not only the first."""

    def __init__(self, mistakes: Iterable[UserError]) -> None:
        self.mistakes = list(mistakes)
        first = self.mistakes[0]
        super().__init__(first.what, where=first.where, found=first.found, expected=first.expected, action=first.action)

    def __str__(self) -> str:
        mistakes = getattr(self, "mistakes", None)
        return "\n".join(str(mistake) for mistake in mistakes) if mistakes else super().__str__()

    def __reduce__(self) -> tuple[object, ...]:
        return ConfigurationError, (self.mistakes,)


class RefusedDelivery(UserError):
    """A delivery that cannot be loaded; the last good data stands (exit code 3)."""

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_refused, (self.what, self.where, self.found, self.expected, self.action)


def _rebuild_refused(what: str, where: str, found: str, expected: str, action: str) -> "RefusedDelivery":
    return RefusedDelivery(what, where=where, found=found, expected=expected, action=action)
