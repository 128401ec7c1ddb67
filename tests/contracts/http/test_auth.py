"""Who asks: every way of being let in, tokens that expire, and secrets that show nowhere."""

import base64
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from pipeline.errors import RefusedDelivery
from tests.servers.endpoints import SECRETS, Endpoint, rows
from tests.servers.fault_server import FaultServer, Reply, Seen

GOOD = Reply({"data": rows(1, 2)})
TOKEN = SECRETS["API_TOKEN"]
BASIC = base64.b64encode(f"{SECRETS['API_USER']}:{SECRETS['API_PASSWORD']}".encode()).decode()
KEYS = {"token": "API_TOKEN", "user": "API_USER", "password": "API_PASSWORD"}

PLAIN: dict[str, tuple[dict[str, str], str, str]] = {
    "bearer": ({"kind": "bearer", "token": "token"}, "Authorization", f"Bearer {TOKEN}"),
    "basic": ({"kind": "basic", "username": "user", "password": "password"}, "Authorization", f"Basic {BASIC}"),
    "a user alone": (
        {"kind": "basic", "username": "token"},
        "Authorization",
        f"Basic {base64.b64encode(f'{TOKEN}:'.encode()).decode()}",
    ),
    "a header": ({"kind": "header", "name": "X-Api-Key", "value": "token", "prefix": "Key "}, "X-Api-Key", f"Key {TOKEN}"),
}  # fmt: skip


@pytest.mark.parametrize("case", PLAIN)
def test_credentials_are_sent_where_they_belong(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    auth, header, value = PLAIN[case]
    server.on("/api/orders", GOOD)
    assert endpoint.land(http={"auth": auth}, credentials=KEYS).refused == []
    assert server.seen[0].headers[header] == value


def test_a_key_in_the_query_goes_with_every_page_and_is_kept_nowhere(server: FaultServer, endpoint: Endpoint) -> None:
    def answer(seen: Seen) -> Reply:
        assert seen.query["key"] == TOKEN
        if "p" in seen.query:
            return Reply("not yet", 500)
        link = f"/api/orders?p=2&key={seen.query['key'].replace('+', '%2B').replace('/', '%2F').replace('=', '%3D')}"
        return Reply({"data": rows(1, 2)}, headers={"Link": f'<{link}>; rel="next"'})

    server.on("/api/orders", answer)
    http = {"auth": {"kind": "query", "name": "key", "value": "token"}}
    result = endpoint.land({"paginate": {"by": "link_header"}}, http=http, credentials=KEYS)
    assert "500" in str(result.refused[0].error)
    assert endpoint.spooled() == ["page-00001.json"]
    assert TOKEN not in endpoint.everything_written()
    assert "%2Btoken" not in endpoint.everything_written()


class TokenPlace:
    """Gives out tokens t1, t2, …; the orders are open to the newest alone."""

    def __init__(self, server: FaultServer, **more: Any) -> None:
        self.server, self.more, self.given = server, more, 0
        server.on("/token", self.give)
        server.on("/api/orders", self.orders)

    def give(self, seen: Seen) -> Reply:
        self.given += 1
        return Reply({"access_token": f"tok3n-{self.given}", "token_type": "Bearer", **self.more})

    def orders(self, seen: Seen) -> Reply:
        is_good = seen.headers.get("Authorization") == f"Bearer tok3n-{self.given}"
        page = int(seen.query.get("page", 1))
        return Reply({"data": rows(page, page) if page < 4 else []}) if is_good else Reply("expired", 401)


def oauth(server: FaultServer, **more: Any) -> dict[str, Any]:
    said = {
        "kind": "oauth2_client",
        "token_url": f"{server.url}/token",
        "client_id": "user",
        "client_secret": "password",
    }
    return {"auth": said | more}


PAGES = {"paginate": {"by": "page", "parameter": "page"}}


def test_a_token_is_fetched_once(server: FaultServer, endpoint: Endpoint) -> None:
    TokenPlace(server, expires_in=3600)
    result = endpoint.land(PAGES, http=oauth(server, scope="read", parameters={"audience": "api"}), credentials=KEYS)
    assert endpoint.ids(result) == ["1", "2", "3"]
    (token,) = server.asked("/token")
    assert token.form == {
        "grant_type": "client_credentials", "client_id": SECRETS["API_USER"], "client_secret": SECRETS["API_PASSWORD"],
        "scope": "read", "audience": "api",
    }  # fmt: skip


def test_client_and_secret_may_go_in_the_header(server: FaultServer, endpoint: Endpoint) -> None:
    TokenPlace(server)
    endpoint.land(PAGES, http=oauth(server, client_auth="basic"), credentials=KEYS)
    (token,) = server.asked("/token")
    assert (token.headers["Authorization"], token.form) == (f"Basic {BASIC}", {"grant_type": "client_credentials"})


def test_a_token_is_renewed_before_it_expires(server: FaultServer, endpoint: Endpoint) -> None:
    place = TokenPlace(server, expires_in="90")
    client = endpoint.client(oauth(server) | {"requests_per_second": 0.02}, KEYS)
    assert endpoint.ids(endpoint.land(PAGES, client=client)) == ["1", "2", "3"]
    client.close()
    assert place.given == 3
    sent = [one.headers["Authorization"] for one in server.asked("/api/orders")]
    assert sent == [f"Bearer tok3n-{number}" for number in (1, 2, 2, 3)]


def test_a_token_that_is_refused_is_renewed_once(server: FaultServer, endpoint: Endpoint) -> None:
    place = TokenPlace(server)

    def orders(seen: Seen) -> Reply:
        return Reply("revoked", 401) if place.given == 1 else place.orders(seen)

    server.on("/api/orders", orders)
    assert endpoint.ids(endpoint.land(PAGES, http=oauth(server), credentials=KEYS)) == ["1", "2", "3"]
    server.on("/api/orders", Reply("no", 401))
    before = place.given
    result = endpoint.land(PAGES, http=oauth(server), credentials=KEYS)
    assert "401 Unauthorized: no" in str(result.refused[0].error)
    assert place.given == before + 2


def test_a_refresh_token_that_changes_is_used_and_told(server: FaultServer, endpoint: Endpoint) -> None:
    fresh = iter(["r0tated-1", "r0tated-2"])
    place = TokenPlace(server, expires_in=90)
    server.on("/token", lambda seen: Reply(place.give(seen).body | {"refresh_token": next(fresh)}), place.give)
    auth = {"kind": "oauth2_refresh", "token_url": f"{server.url}/token", "refresh_token": "token", "client_id": "user"}
    result = endpoint.land(PAGES, http={"auth": auth, "requests_per_second": 0.02}, credentials=KEYS)
    assert endpoint.ids(result) == ["1", "2", "3"]
    asked = [one.form["refresh_token"] for one in server.asked("/token")]
    assert asked == [TOKEN, "r0tated-1", "r0tated-1"]
    assert "the server gave a new refresh token for the credential token" in result.notes[0]
    assert "r0tated" not in " ".join(result.notes) + endpoint.everything_written()


NO_TOKEN: dict[str, tuple[Reply, str]] = {
    "refused": (Reply({"error": "invalid_client"}, 401), '/token: the server does not let us in; found 401 Unauthorized: {"error"'),
    "a bad request": (Reply({"error": "invalid_grant"}, 400), "no token: the server refuses the request; found 400"),
    "no JSON": (Reply("<html>"), "the answer holds no token; found no JSON object"),
    "no token": (Reply({"token": "x"}), "the answer holds no token; found token"),
    "a redirect": (Reply(status=307, headers={"Location": "/else"}), "a request that carries a body is redirected"),
    "down": (Reply("oh", 500), "500 Internal Server Error: oh"),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_TOKEN)
def test_without_a_token_nothing_is_asked(server: FaultServer, endpoint: Endpoint, case: str) -> None:
    reply, reason = NO_TOKEN[case]
    server.on("/token", reply)
    server.on("/api/orders", GOOD)
    result = endpoint.land(http=oauth(server), credentials=KEYS)
    assert reason in str(result.refused[0].error)
    assert server.asked("/api/orders") == []


@pytest.mark.parametrize(
    ("secrets", "reason"),
    [
        ({}, "sources.yml, sources.shop.credentials: the environment variable of a credential is not set; found API_TOKEN"),
        ({"API_TOKEN": "s3cr3t\nX-Evil: 1"}, "found line breaks or control characters in the environment variable API_TOKEN"),
        ({"API_TOKEN": "s3cr3t–"}, "found characters that are not ASCII in the environment variable API_TOKEN"),
    ],
)  # fmt: skip
def test_a_credential_that_cannot_be_used_is_named_and_not_shown(
    endpoint: Endpoint, secrets: Mapping[str, str], reason: str
) -> None:
    endpoint.secrets = secrets
    with pytest.raises(RefusedDelivery) as caught:
        endpoint.client({"auth": {"kind": "bearer", "token": "token"}}, KEYS)
    assert reason in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 429, 500, 200])
def test_a_server_that_repeats_secrets_is_not_quoted(
    server: FaultServer, endpoint: Endpoint, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    def answer(seen: Seen) -> Reply:
        said = f"no: {seen.headers['Authorization']} {seen.query['key']} {TOKEN} {BASIC}"
        return Reply({"error": said}, status, {"Retry-After": "100000", "ETag": "x"})

    server.on("/api/orders", answer)
    caplog.set_level(logging.DEBUG)
    http = {"auth": {"kind": "basic", "username": "user", "password": "password"}}
    client = endpoint.client(http, KEYS)
    client.mask.add(TOKEN)
    result = endpoint.land({"parameters": {"key": TOKEN}}, client=client)
    client.close()
    told = " ".join([str(result.refused[0].error), *result.notes, *endpoint.waits, caplog.text])
    shown = [secret for secret in (TOKEN, BASIC, SECRETS["API_PASSWORD"]) if secret in told]
    assert shown == []
    assert "***" in told
    assert "key=…" in str(result.refused[0].error) or status == 200


def test_the_machines_netrc_is_not_used(
    server: FaultServer, endpoint: Endpoint, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password n3trc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.on("/api/orders", GOOD)
    endpoint.land()
    assert "Authorization" not in server.seen[0].headers


def test_a_token_lives_as_long_as_its_client(server: FaultServer, endpoint: Endpoint) -> None:
    place = TokenPlace(server, expires_in=36000)
    client = endpoint.client(oauth(server), KEYS)
    endpoint.land(PAGES, client=client)
    endpoint.time.now += timedelta(hours=1)
    endpoint.land(PAGES | {"parameters": {"other": 1}}, client=client)
    client.close()
    assert place.given == 1
