"""However an answer of the service is bent, a call gives a value or an error of ours."""

import copy
import json
import random
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx
import pytest

from pixola_ext import PixolaError, Submission
from pixola_ext._api import operations
from pixola_ext._api.answers import Answer
from pixola_ext._api.operations import Call
from pixola_ext.sandbox import Sandbox

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MUTATED = 1000  # answers, so 80 or so of each call
MOST_BENDS = 3  # of one answer
ODD = [
    None, True, False, 0, -1, 1.5, float("nan"), 10**400, "", "?", "null", "2026-13-45T99:99:99Z", "9" * 400, "\ud800",
    [], [[]], [None], {}, {"": None}, {"$ref": "#"}, {"slug": 7}, [{"slug": None}], [1, "a", {}],
]  # fmt: skip


def answers() -> list[tuple[Call[Any], Any]]:
    """Every call with what the sandbox answers to it."""
    box = Sandbox(seed=1)
    headers = {"authorization": f"Bearer {box.api_key}"}
    found: list[tuple[Call[Any], Any]] = []

    with httpx.Client(transport=box.transport, base_url=box.base_url, headers=headers) as client:

        def ask(call: Call[Any]) -> Any:
            response = client.request(call.method, call.path, params=dict(call.params), json=call.body)
            assert response.status_code == 200
            found.append((call, response.json()))
            return response.json()

        batch_id = ask(operations.create_generation(Submission("A fox in the snow", model="flux-2", quality="hd")))[
            "batchId"
        ]
        client.post("/generate", json={"prompt": "A second fox"})
        image_id = ask(operations.get_batch(batch_id))["images"][0]["imageId"]
        for call in (
            operations.get_image(image_id),
            operations.list_batches(limit=1, cursor=None),
            operations.list_images(limit=1, cursor=None),
            operations.list_models(),
            operations.get_model("flux-2"),
            operations.list_styles(),
            operations.get_style("watercolor"),
            operations.list_shapes(),
            operations.get_shape("square"),
            operations.get_credits(),
        ):
            ask(call)
    return found


ANSWERS = answers()


def places(node: Any, path: tuple[Any, ...] = ()):
    """Every place in a body, from the outside in."""
    yield path
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, each in inside:
        yield from places(each, (*path, key))


def bent(body: Any, chance: random.Random) -> Any:
    """The body with one place changed: gone, odd, wrapped, doubled, renamed, or taken from elsewhere in it."""
    where = chance.choice([*places(body)])
    if not where:
        return copy.deepcopy(chance.choice([*ODD, [body], {"data": body}]))
    holder = body
    for key in where[:-1]:
        holder = holder[key]
    key, value = where[-1], holder[where[-1]]
    match chance.choice(["gone", "odd", "odd", "odd", "wrapped", "doubled", "renamed", "elsewhere"]):
        case "gone":
            del holder[key]
        case "odd":
            holder[key] = copy.deepcopy(chance.choice(ODD))
        case "wrapped":
            holder[key] = chance.choice([[value], {"value": value}, str(value)])
        case "doubled":
            holder[key] = [value, copy.deepcopy(value)]
        case "renamed" if isinstance(holder, dict):
            holder[chance.choice(["slug", "items", "additional_properties", "from_dict", key.upper()])] = holder.pop(
                key
            )
        case _:
            other = body
            for step in chance.choice([*places(body)]):
                other = other[step]
            holder[key] = copy.deepcopy(other)
    return body


def mutated(seed: int) -> tuple[Call[Any], bytes]:
    """A call and what comes back instead of its answer."""
    chance = random.Random(seed)  # noqa: S311  (a seed gives the same mutations every time)
    call, answer = ANSWERS[seed % len(ANSWERS)]
    body = copy.deepcopy(answer)
    for _ in range(chance.randint(1, MOST_BENDS)):
        body = bent(body, chance)
    content = json.dumps(body).encode()
    return call, content[: chance.randrange(len(content))] if chance.random() < 0.05 else content


def test_every_answer_is_read_as_it_is():
    """Before anything is bent, each of the twelve gives a value."""
    assert len(ANSWERS) == 12
    for call, body in ANSWERS:
        assert read(call, json.dumps(body).encode())


def read(call: Call[Any], content: bytes) -> Any:
    return call.read(Answer(call.method, call.path, 200, httpx.Headers(), content, NOW))


@pytest.mark.fuzz
@pytest.mark.parametrize("start", range(0, MUTATED, 100))
def test_a_mutated_answer_gives_a_value_or_an_error_of_ours(start, seed):
    """No parser's exception comes through, and what comes can be shown and compared."""
    first = seed * MUTATED + start
    for number in range(first, first + 100):
        call, content = mutated(number)
        try:
            value = read(call, content)
        except PixolaError as caught:
            assert str(caught)
        else:
            assert value is not None
            assert repr(value)
            for each in value if isinstance(value, list) else [value]:
                assert attrs.has(type(each))
                assert each == each  # noqa: PLR0124  (comparing is what is tested)


def test_the_mutations_leave_some_answers_readable_and_others_not():
    """Were they all refused, or none, nothing would be tested."""
    outcomes = []
    for seed in range(200):
        try:
            outcomes.append(bool(read(*mutated(seed))))
        except PixolaError:
            outcomes.append(None)
    assert 20 < outcomes.count(None) < 180
