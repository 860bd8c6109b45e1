"""FastMCP: the tools made from the document that the sandbox serves, called by an MCP client."""

import asyncio
import os
from typing import Any

import httpx2
from fastmcp import Client, FastMCP
from fastmcp.exceptions import ToolError

URL = os.environ["PIXOLA_BASE_URL"]


async def stay(request: httpx2.Request) -> None:
    """No request of a tool leaves the sandbox."""
    assert str(request.url).startswith(f"{URL}/"), request.url


async def main() -> None:
    """Fail with an assertion if anything is not as the document says."""
    document = httpx2.get(f"{URL}/openapi.json").json()
    server = document["servers"][0]["url"]
    assert server == URL
    key = {"authorization": f"Bearer {os.environ['PIXOLA_API_KEY']}"}
    async with (
        httpx2.AsyncClient(base_url=server, headers=key, event_hooks={"request": [stay]}) as http,
        Client(FastMCP.from_openapi(document, client=http)) as mcp,
    ):

        async def call(tool: str, **arguments: Any) -> Any:
            return (await mcp.call_tool(tool, arguments)).structured_content

        operations = {each["operationId"] for item in document["paths"].values() for each in item.values()}
        assert {tool.name for tool in await mcp.list_tools()} == operations
        assert (await call("list_models"))["models"]
        batch_id = (await call("create_generation", prompt="A lighthouse", quality="hd"))["batchId"]
        while (batch := await call("get_batch", batchId=batch_id))["status"] == "processing":  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert batch["status"] == "complete"
        image = await call("get_image", imageId=batch["images"][0]["imageId"])
        assert image["batchId"] == batch_id
        assert httpx2.get(image["url"]).content.startswith(b"\x89PNG")
        assert len((await call("list_images", limit=1))["images"]) == 1
        try:
            await call("get_model", model="none")
        except ToolError as error:
            assert "not_found" in str(error)
            return
    raise AssertionError("an unknown model is no error")


asyncio.run(main())
