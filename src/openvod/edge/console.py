"""The console page: static files only. It is a client like any other: it signs its calls and uses the same API."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FILES = {
    "": ("console.html", "text/html; charset=utf-8"),
    "console.css": ("console.css", "text/css; charset=utf-8"),
    "console.js": ("console.js", "text/javascript; charset=utf-8"),
    "wire.js": ("wire.js", "text/javascript; charset=utf-8"),
}


def routes(public_url: str) -> list[Route]:
    """`/console` and the files it needs; signed links may live under another address than the page."""
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
            f"connect-src 'self' {public_url}; media-src 'self' {public_url}; img-src 'self' {public_url} data:"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }

    async def serve(request: Request) -> Response:
        name = request.path_params.get("name", "")
        if name not in FILES:
            return Response("not found\n", 404, headers, "text/plain")
        file, content_type = FILES[name]
        body = files(__package__).joinpath("static", file).read_bytes()
        return Response(body, headers={**headers, "Content-Type": content_type})

    return [Route("/console", serve), Route("/console/{name}", serve)]
