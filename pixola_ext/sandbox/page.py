"""The web page at `/`, which shows the state of the sandbox live. It loads nothing but pictures from other origins."""

import base64
import hashlib
import re
from functools import cache
from importlib import resources

from .messages import Answer, RefusalError, Request


@cache
def _document() -> tuple[bytes, str, str]:
    """The page, and the hashes of its script and of its style for the content security policy."""
    text = resources.files("pixola_ext.sandbox").joinpath("page.html").read_text("utf-8")  # also from a zip file
    script, style = (_hash(_between(text, tag)) for tag in ("script", "style"))
    return text.encode(), script, style


def _between(text: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return found.group(1) if found else ""


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def page_answer(request: Request, pictures_origin: str) -> Answer:
    """The answer with the page; its content security policy allows images of `pictures_origin` only."""
    if request.method not in ("GET", "HEAD"):
        return RefusalError(405, "bad_request", "method: use GET", allow="GET").answer()
    body, script, style = _document()
    policy = {
        "default-src": "'none'",
        "script-src": script,
        "style-src": style,
        "img-src": f"{pictures_origin} data:",  # data: its icon
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }
    return Answer(200, body, "text/html; charset=utf-8", headers)
