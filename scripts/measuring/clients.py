"""The clients that are compared, each set up as its documentation says: how to import it, and its nearest call.

The call of each is a GET of one job by its id, with a typed result; `answers` has what its service would say. Nothing
is imported before it is asked for: this file is run with each client alone in a process of its own.
"""
# pyright: reportMissingImports=false
# The rivals are installed in a virtual environment of their own, not where the types are checked.

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

Call = Callable[[], Any]
AsyncCall = Callable[[], Awaitable[Any]]

_KEY: Final = "key_0123456789abcdef"
_DATE: Final = "2026-03-01T12:00:00.123Z"


class Client(NamedTuple):
    """One client: what imports its class, the path and body of its service's answer, and its call in both ways."""

    imports: str
    path: str
    answer: Any
    call: Callable[[str], Call]
    async_call: Callable[[str], AsyncCall]


# -- by hand, and ours ---------------------------------------------------------------------------------------------

_BATCH: Final = {
    "batchId": "bt_1",
    "status": "complete",
    "images": [
        {
            "imageId": "im_1",
            "url": "https://cdn.example/im_1.png",
            "model": "flux-2",
            "status": "complete",
            "creditsCharged": 12,
        }
    ],
}


def _by_hand(origin: str) -> Call:
    import httpx

    client = httpx.Client(base_url=f"{origin}/api/v1", headers={"Authorization": f"Bearer {_KEY}"}, timeout=30)

    def call() -> Any:
        return client.get("/batches/bt_1").raise_for_status().json()

    return call


def _by_hand_async(origin: str) -> AsyncCall:
    import httpx

    client = httpx.AsyncClient(base_url=f"{origin}/api/v1", headers={"Authorization": f"Bearer {_KEY}"}, timeout=30)

    async def call() -> Any:
        return (await client.get("/batches/bt_1")).raise_for_status().json()

    return call


def _pixola(origin: str) -> Call:
    from pixola_ext import Pixola

    px = Pixola(_KEY, f"{origin}/api/v1", budget=False)  # 30 a minute would measure nothing
    return lambda: px.batches.get("bt_1")


def _pixola_async(origin: str) -> AsyncCall:
    from pixola_ext import AsyncPixola

    px = AsyncPixola(_KEY, f"{origin}/api/v1", budget=False)  # 30 a minute would measure nothing
    return lambda: px.batches.get("bt_1")


# -- the rivals ----------------------------------------------------------------------------------------------------

_VIDEO: Final = {
    "id": "video_1",
    "object": "video",
    "created_at": 1772366400,
    "completed_at": 1772366460,
    "model": "sora-2",
    "progress": 100,
    "prompt": "a lighthouse",
    "seconds": "4",
    "size": "1280x720",
    "status": "completed",
}


def _openai(origin: str) -> Call:
    from openai import OpenAI

    client = OpenAI(api_key=_KEY, base_url=f"{origin}/v1")
    return lambda: client.videos.retrieve("video_1")


def _openai_async(origin: str) -> AsyncCall:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(api_key=_KEY, base_url=f"{origin}/v1")
    return lambda: client.videos.retrieve("video_1")


_MESSAGE_BATCH: Final = {
    "id": "msgbatch_1",
    "type": "message_batch",
    "processing_status": "ended",
    "request_counts": {"processing": 0, "succeeded": 1, "errored": 0, "canceled": 0, "expired": 0},
    "created_at": _DATE,
    "ended_at": _DATE,
    "expires_at": _DATE,
    "archived_at": None,
    "cancel_initiated_at": None,
    "results_url": "https://cdn.example/results.jsonl",
}


def _anthropic(origin: str) -> Call:
    from anthropic import Anthropic

    client = Anthropic(api_key=_KEY, base_url=origin)
    return lambda: client.messages.batches.retrieve("msgbatch_1")


def _anthropic_async(origin: str) -> AsyncCall:
    from anthropic import AsyncAnthropic

    client = AsyncAnthropic(api_key=_KEY, base_url=origin)
    return lambda: client.messages.batches.retrieve("msgbatch_1")


_PREDICTION: Final = {
    "id": "pr_1",
    "model": "black-forest-labs/flux-2",
    "version": "hidden",
    "status": "succeeded",
    "input": {"prompt": "a lighthouse"},
    "output": ["https://cdn.example/pr_1.png"],
    "logs": "",
    "error": None,
    "metrics": {"predict_time": 3.1},
    "created_at": _DATE,
    "started_at": _DATE,
    "completed_at": _DATE,
    "urls": {"get": "https://api.example/pr_1", "cancel": "https://api.example/pr_1/cancel"},
}


def _replicate(origin: str) -> Call:
    from replicate import Client as Replicate

    client = Replicate(api_token=_KEY, base_url=origin)
    return lambda: client.predictions.get("pr_1")


def _replicate_async(origin: str) -> AsyncCall:
    from replicate import Client as Replicate

    client = Replicate(api_token=_KEY, base_url=origin)
    return lambda: client.predictions.async_get("pr_1")


_FAL_APP: Final = "fal-ai/flux"


def _fal_to(origin: str) -> Any:
    from fal_client import client

    client.QUEUE_URL_FORMAT = f"{origin}/"  # its environment variable takes a host for https only
    return client


def _fal(origin: str) -> Call:
    client = _fal_to(origin).SyncClient(key=_KEY)
    return lambda: client.status(_FAL_APP, "rq_1")


def _fal_async(origin: str) -> AsyncCall:
    client = _fal_to(origin).AsyncClient(key=_KEY)
    return lambda: client.status(_FAL_APP, "rq_1")


def _runwayml(origin: str) -> Call:
    from runwayml import RunwayML

    client = RunwayML(api_key=_KEY, base_url=origin)
    return lambda: client.tasks.retrieve("tk_1")


def _runwayml_async(origin: str) -> AsyncCall:
    from runwayml import AsyncRunwayML

    client = AsyncRunwayML(api_key=_KEY, base_url=origin)
    return lambda: client.tasks.retrieve("tk_1")


_TASK: Final = {
    "id": "tk_1",
    "status": "SUCCEEDED",
    "createdAt": _DATE,
    "output": ["https://cdn.example/tk_1.png"],
    "cost": {"credits": 5},
}
_QUEUE: Final = {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 3.1}}

CLIENTS: Final = {
    "httpx": Client("import httpx", "/api/v1/batches/bt_1", _BATCH, _by_hand, _by_hand_async),
    "pixola_ext": Client("from pixola_ext import Pixola", "/api/v1/batches/bt_1", _BATCH, _pixola, _pixola_async),
    "openai": Client("from openai import OpenAI", "/v1/videos/video_1", _VIDEO, _openai, _openai_async),
    "anthropic": Client(
        "from anthropic import Anthropic",
        "/v1/messages/batches/msgbatch_1",
        _MESSAGE_BATCH,
        _anthropic,
        _anthropic_async,
    ),
    "replicate": Client(
        "from replicate import Client", "/v1/predictions/pr_1", _PREDICTION, _replicate, _replicate_async
    ),
    "fal-client": Client(
        "from fal_client import SyncClient", f"/{_FAL_APP}/requests/rq_1/status", _QUEUE, _fal, _fal_async
    ),
    "runwayml": Client("from runwayml import RunwayML", "/v1/tasks/tk_1", _TASK, _runwayml, _runwayml_async),
}
