"""Keeps secrets out of whatever is said: errors, notes, logs."""

import base64
import json
import logging
from urllib.parse import quote, quote_plus

from pipeline.errors import RefusedDelivery

_HTTP_LOGGER = "urllib3.connectionpool"


class Mask(logging.Filter):
    """Replaces every secret it was told of, as written and as encoded; as a filter it also masks log records."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: set[str] = set()

    def add(self, secret: str) -> None:
        encoded = base64.b64encode(secret.encode()).decode()
        forms = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], encoded}
        self._secrets |= {form for form in forms if form}

    def __call__(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def error(self, error: RefusedDelivery) -> RefusedDelivery:
        """The same error, of the same kind, without secrets."""
        said = (error.where, error.found, error.expected, error.action)
        where, found, expected, action = (self(part) for part in said)
        return type(error)(self(error.what), where=where, found=found, expected=expected, action=action)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self(record.getMessage()), None
        return True

    def watch(self) -> None:
        """Mask what the HTTP library logs of the addresses it asks."""
        logging.getLogger(_HTTP_LOGGER).addFilter(self)

    def unwatch(self) -> None:
        logging.getLogger(_HTTP_LOGGER).removeFilter(self)
