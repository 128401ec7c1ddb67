"""Addresses: which of them may be contacted, which one credentials may go to, and how one is shown."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from pipeline.errors import RefusedDelivery
from pipeline.sources import is_loopback

_PORTS = {"https": 443, "http": 80}
Place = tuple[str, int]


def place_of(url: str) -> Place | None:
    """Host and port of an address that may be spoken to at all: https, or http on this machine. None otherwise."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    return (host, port) if host and is_safe and parts.username is None else None


def joined(base: str, path: str) -> str:
    """The address of a path below the base; a whole address stays itself."""
    return path if urlsplit(path).scheme else f"{base.rstrip('/')}/{path.lstrip('/')}"


def followed(url: str, link: str) -> str:
    """The address a link on the page at `url` leads to."""
    try:
        return urljoin(url, quote(link, safe="!#$%&'()*+,/:;=?@[]~"))
    except ValueError:
        return link


def shown(url: str) -> str:
    """An address without the values of its query, which may be secret, personal or long."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    names = "&".join(f"{name}=…" for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, names, ""))


def without_parameter(url: str, name: str) -> str:
    """The address without one parameter of its query."""
    parts = urlsplit(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return urlunsplit(parts._replace(query=urlencode(kept)))


@dataclass(frozen=True)
class Addresses:
    """The base address and the other hosts that are named; nothing else is contacted."""

    base: str
    hosts: tuple[str, ...] = ()

    def is_home(self, url: str) -> bool:
        """Whether credentials may be sent there: to scheme, host and port of the base address alone."""
        return place_of(url) is not None and place_of(url) == place_of(self.base) and _scheme(url) == _scheme(self.base)

    def is_named(self, url: str) -> bool:
        place = place_of(url)
        return place is not None and place in {place_of(self.base), *(_named(host) for host in self.hosts)}

    def check(self, url: str, before: str | None = None) -> None:
        """Raise RefusedDelivery unless the address may be contacted; `before` is the address that led there."""
        if self.is_named(url) and not (before and _scheme(before) == "https" and _scheme(url) != "https"):
            return
        raise RefusedDelivery(
            "the answer leads to an address that is not named" if before else "the address is not named",
            where=shown(before or url),
            found=shown(url),
            expected=f"https at {', '.join([urlsplit(self.base).netloc.rpartition('@')[2], *self.hosts])}",
            action="if it is right, name its host under http.hosts in the connector",
        )


def _scheme(url: str) -> str:
    return urlsplit(url).scheme


def _named(host: str) -> Place | None:
    return place_of(f"https://{host}")
