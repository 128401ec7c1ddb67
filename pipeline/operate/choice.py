"""Which languages a summary is written in."""

from pipeline.errors import ConfigurationError, UserError
from pipeline.report.render.words import languages


def chosen_languages(said: str) -> list[str]:
    """The languages of a summary: all there are, or the one said; raises ConfigurationError for one there is not."""
    known = languages()
    if said == "all":
        return known
    if said not in known:
        raise ConfigurationError(
            [
                UserError(
                    "there is no such language",
                    where="--language",
                    found=said,
                    expected=f"all or one of {', '.join(known)}",
                )
            ]
        )
    return [said]
