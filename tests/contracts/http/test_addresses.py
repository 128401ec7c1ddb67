"""Only named hosts are contacted, credentials go to one of them, and redirects change neither."""

from typing import Any

import pytest

from tests.servers.endpoints import Endpoint, rows
from tests.servers.fault_server import FaultServer, Reply

GOOD = Reply({"data": rows(1, 2)})
AUTH = {"auth": {"kind": "bearer", "token": "token"}}
KEYS = {"token": "API_TOKEN"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_is_followed(server: FaultServer, endpoint: Endpoint, status: int) -> None:
    server.on("/api/orders", Reply(status=status, headers={"Location": "/v2/orders?a=b%20c"}))
    server.on("/v2/orders", GOOD)
    assert endpoint.ids(endpoint.land({"parameters": {"a": "x"}}, http=AUTH, credentials=KEYS)) == ["1", "2"]
    assert server.queries("/v2/orders") == [{"a": "b c"}]
    assert server.asked("/v2/orders")[0].headers["Authorization"].startswith("Bearer")


def test_credentials_do_not_follow_to_another_named_host(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply(status=302, headers={"Location": f"{server.elsewhere}/file"}))
    server.on("/file", GOOD)
    result = endpoint.land(http=AUTH | {"hosts": [f"localhost:{server.port}"]}, credentials=KEYS)
    assert endpoint.ids(result) == ["1", "2"]
    assert "Authorization" not in server.asked("/file")[0].headers


LEADING_ASTRAY = {
    "another host": "http://localhost:{port}/file",
    "without a scheme": "//localhost:{port}/file",
    "a name before the host": "http://127.0.0.1:{port}@evil.example/file",
    "a name and a password": "http://a:b@127.0.0.1:{port}/file",
    "a backslash": "http://127.0.0.1:{port}\\@evil.example/file",
    "another port": "http://127.0.0.1:1/file",
    "https there": "https://evil.example/file",
    "plain http elsewhere": "http://evil.example/file",
    "a file": "file:///etc/passwd",
    "no address": "http://[",
}


@pytest.mark.parametrize("case", LEADING_ASTRAY)
@pytest.mark.parametrize("way", ["redirect", "link header", "next link", "download"])
def test_nothing_leads_to_a_host_that_is_not_named(
    server: FaultServer, endpoint: Endpoint, case: str, way: str
) -> None:
    address = LEADING_ASTRAY[case].format(port=server.port)
    replies = {
        "redirect": Reply(status=302, headers={"Location": address}),
        "link header": Reply({"data": rows(1, 2)}, headers={"Link": f'<{address}>; rel="next"'}),
        "next link": Reply({"data": rows(1, 2), "next": address}),
        "download": Reply({"url": address}),
    }
    requests: dict[str, dict[str, Any]] = {
        "link header": {"paginate": {"by": "link_header"}},
        "next link": {"paginate": {"by": "next_link", "cursor": "next"}},
        "download": {"download": "url"},
    }
    server.on("/api/orders", replies[way])
    server.on("/file", GOOD)
    result = endpoint.land(requests.get(way, {}), http=AUTH, credentials=KEYS)
    assert "not named" in str(result.refused[0].error)
    assert "evil.example\n" not in str(result.refused[0].error)
    assert (server.asked("/file"), result.deliveries) == ([], [])


def test_redirects_have_an_end(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/api/orders", Reply(status=302, headers={"Location": "/api/orders"}))
    assert "the address leads on and on" in str(endpoint.land().refused[0].error)
    assert len(server.seen) == 6


@pytest.mark.parametrize(("status", "lands"), [(301, False), (302, False), (303, True), (307, True), (308, True)])
def test_a_body_is_never_lost_on_the_way(server: FaultServer, endpoint: Endpoint, status: int, lands: bool) -> None:
    server.on("/api/orders", Reply(status=status, headers={"Location": "/v2"}))
    server.on("/v2", GOOD)
    result = endpoint.land({"method": "POST", "body": {"ask": "all"}})
    assert bool(result.deliveries) is lands
    if lands:
        seen = server.asked("/v2")[0]
        assert (seen.method, seen.body) == (("GET", b"") if status == 303 else ("POST", b'{"ask": "all"}'))


def test_a_401_of_another_host_says_that_no_credentials_were_sent(server: FaultServer, endpoint: Endpoint) -> None:
    server.on("/file", Reply("who", 401))
    http = AUTH | {"hosts": [f"localhost:{server.port}"]}
    result = endpoint.land({"path": f"{server.elsewhere}/file"}, http=http, credentials=KEYS)
    assert "credentials go to the host of http.url alone" in str(result.refused[0].error)
    assert "Authorization" not in server.seen[0].headers


def test_a_proxy_is_taken_from_the_environment(
    server: FaultServer, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    server.on("/api/orders", GOOD)
    assert "cannot be reached; found ProxyError" in str(endpoint.land().refused[0].error)
    assert server.seen == []
