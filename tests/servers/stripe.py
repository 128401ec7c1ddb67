"""Stripe's list endpoints as documented: the newest first, starting_after, limit, has_more, created[…], expand[], a bearer key."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.servers.fault_server import FaultServer, Reply, Seen

KEY = "sk_live_s3cr3t"


def serve_lists(server: FaultServer, lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Each resource's objects at /v1/<resource>; balance transactions are what `expand[]` puts in the place of their ids."""
    known = {one["id"]: one for one in lists.get("balance_transactions", ())}
    for resource, objects in lists.items():
        newest_first = sorted(objects, key=lambda one: int(one["created"]), reverse=True)
        server.on(f"/v1/{resource}", _answering(newest_first, known))


def _answering(objects: Sequence[Mapping[str, Any]], known: Mapping[str, Any]) -> Callable[[Seen], Reply]:
    def answer(seen: Seen) -> Reply:
        if seen.headers.get("Authorization") != f"Bearer {KEY}" or "Stripe-Version" not in seen.headers:
            return Reply({"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}, 401)
        found = [one for one in objects if _is_asked_for(one, seen.query)]
        ids = [one["id"] for one in found]
        begin = ids.index(seen.query["starting_after"]) + 1 if "starting_after" in seen.query else 0
        end = begin + int(seen.query.get("limit", 10))
        page = [_expanded(one, seen.query.get("expand[]"), known) for one in found[begin:end]]
        return Reply({"object": "list", "url": seen.path, "has_more": end < len(found), "data": page})

    return answer


def _is_asked_for(one: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    since, until = int(query.get("created[gte]", 0)), int(query.get("created[lt]", 2**40))
    if not since <= int(one["created"]) < until:
        return False
    return one["object"] != "subscription" or one["status"] != "canceled" or query.get("status") == "all"


def _expanded(one: Mapping[str, Any], field: str | None, known: Mapping[str, Any]) -> dict[str, Any]:
    name = (field or "").removeprefix("data.")
    return dict(one) | ({name: known.get(one[name])} if name in one else {})
