"""Answers whose envelope the API reference leaves open, brought to the one form that openapi.json describes.

The reference does not say how the three catalog lists and the credit balance are wrapped. Whatever the wrapping (a
bare array, an object, groups by category as objects or as a map), the entries inside are told by their `slug`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pixola_client.errors import UnreadableError

_WRAPPERS = frozenset({"models", "styles", "shapes", "categories", "items", "data", "results"})
_BALANCES = ("balance", "credits", "remaining", "available")  # members that may hold the number of credits
_PLANS = ("plan", "subscription", "subscriptionPlan", "currentPlan")


def catalog(body: Any, *, key: str) -> Any:
    """`{key: [entries]}`, which is what the normalised document says."""
    entries = list(_entries(body, key, None))
    if not entries and not _is_empty_list(body):
        raise UnreadableError(f"there are no {key} in it")
    return {key: entries}


def _entries(node: Any, key: str, category: str | None) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, list):
        for each in node:
            yield from _entries(each, key, category)
    elif isinstance(node, dict):
        if "slug" in node and key not in node and "items" not in node:
            yield {"category": category, **node} if category is not None else node
            return
        own = next((node[name] for name in ("category", "name") if isinstance(node.get(name), str)), category)
        for name, inside in node.items():
            if isinstance(inside, list | dict):
                yield from _entries(inside, key, own if name in _WRAPPERS else name)


def _is_empty_list(body: Any) -> bool:
    return body == [] or (isinstance(body, dict) and any(inside in ([], {}) for inside in body.values()))


def credit_balance(body: Any) -> Any:
    """`{"balance": number, "plan": text, ...}` from a flat or a nested answer."""
    if not isinstance(body, dict) or ("balance" in body and isinstance(body.get("plan"), str | None)):
        return body
    members = dict(body)
    for name in ("data", "credits"):
        inside = members.get(name)
        if isinstance(inside, dict):
            members = {**members, **inside}
    balance = next((members[name] for name in _BALANCES if isinstance(members.get(name), int | float)), None)
    plan = next((members[name] for name in _PLANS if members.get(name)), None)
    if isinstance(plan, dict):
        plan = next((plan[name] for name in ("name", "plan", "slug", "id") if isinstance(plan.get(name), str)), None)
    return {**members, "balance": balance, "plan": plan}
