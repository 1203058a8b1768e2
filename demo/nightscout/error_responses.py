"""Build the error responses of Nightscout."""

import html

from aiohttp import web


def unauthorized() -> web.Response:
    """Answer 401: no secret or token, a wrong one, or one without the right."""
    return web.json_response(
        {"status": 401, "message": "Unauthorized", "description": "Invalid/Missing"},
        status=401,
    )


def mongo_error(description: str) -> web.Response:
    """Answer 500: the database did not do it."""
    return web.json_response(
        {"status": 500, "message": "Mongo Error", "description": description},
        status=500,
    )


def unknown(request: web.Request) -> web.Response:
    """Answer 404: nothing is served there."""
    return failure(404, f"Cannot {request.method} {request.path}")


def failure(status: int, words: str) -> web.Response:
    """Answer with the page of the web server itself."""
    page = f"<!DOCTYPE html><html><body><pre>{html.escape(words)}</pre></body></html>"
    return web.Response(status=status, text=page, content_type="text/html")
