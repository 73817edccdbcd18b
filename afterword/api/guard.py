"""What stands before the whole server: whose requests are answered, and under which names.

A browser lets any page of the web send forms and open WebSockets to ``localhost``, and a host name
can be made to point at this machine after its page was loaded (DNS rebinding). So the server
answers under the names that it knows, and takes what changes or opens something only from its own
pages and from programs, which send neither ``Origin`` nor ``Sec-Fetch-Site``.

>>> place_of_host("LocalHost:8501")
Place(host='localhost', port=8501)
>>> place_of_host("localhost@example.org") is None
True
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.responses import JSONResponse, PlainTextResponse
from uvicorn import Config

from afterword.api.wording import FAILED, FOREIGN, MALFORMED, UNKNOWN_HOST
from afterword.errors import place_of
from afterword.logs import RateLimitedLog
from afterword.settings import Settings, get_settings, unprotected

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)
refused = RateLimitedLog(log, "Requests that were refused")

HEALTH: Final = "/healthz"
"""Answers under any name: what asks for it often knows an address only."""


HEADERS: Final = (
    # Not ``no-referrer``: a form of the own pages would then come from the origin "null".
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)
FRAMES: Final = (b"content-security-policy", b"frame-ancestors 'self'")

_BEGINS: Final = frozenset(
    {"http.response.start", "websocket.http.response.start", "websocket.accept"}
)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES: Final = frozenset({"same-origin", "none"})
_PORTS: Final = {"http": 80, "https": 443}
_WILD: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104
_PLACE: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9_](?:[a-zA-Z0-9._-]*))(?::(\d{1,5}))?")
_ORIGIN: Final = re.compile(r"(https?)://([^/?#@\s]+)/?")


class Place(NamedTuple):
    """A host name in lower case, an IPv6 address without brackets; and a port if it was said."""

    host: str
    port: int | None


def place_of_host(value: str) -> Place | None:
    """Read a Host header; None if it is malformed."""
    found = _PLACE.fullmatch(value)
    if not found:
        return None
    host, port = found[1].lower(), int(found[2]) if found[2] else None
    if port is not None and not 0 < port < 65_536:
        return None
    host = host.removesuffix(".")
    if host.startswith("["):
        try:
            host = str(ip_address(host[1:-1]))
        except ValueError:
            return None
    return None if ".." in host or not host or host.endswith(".") else Place(host, port)


def place_of_origin(value: str) -> Place | None:
    """Read an Origin header, or the address of the pages; None if it is no http or https one.

    >>> place_of_origin("https://afterword.example.org")
    Place(host='afterword.example.org', port=443)
    """
    found = _ORIGIN.fullmatch(value.lower())
    place = place_of_host(found[2]) if found else None
    if not found or not place:
        return None
    return Place(place.host, place.port or _PORTS[found[1]])


Configured = Callable[[], tuple[Collection[str], Collection[str]]]
"""Gives what the server's own configuration knows: hosts, and origins of other pages."""


def _nothing() -> tuple[Collection[str], Collection[str]]:
    return (), ()


class Guard:
    """ASGI middleware round the pages, their files and the service.

    Parameters
    ----------
    app : the server.
    configured : what else is allowed; asked once, because a server is configured late.
    settings : the process's own by default.
    """

    def __init__(
        self,
        app: ASGIApp,
        configured: Configured = _nothing,
        settings: Settings | None = None,
    ) -> None:
        self.app = app
        self.settings = settings = settings or get_settings()
        hosts, origins = configured()
        self.origins = {place_of_origin(each) for each in origins} - {None}
        # Its default says nothing of this server, and a path in it does not matter.
        stated = settings.public_url if "public_url" in settings.model_fields_set else ""
        self.public = place_of_origin("/".join(stated.split("/", 3)[:3]))
        names = [*settings.allowed_hosts, *hosts, *([self.public.host] if self.public else [])]
        cleaned = [name.strip().lower().removesuffix(".").strip("[]") for name in names]
        self.hosts = {"localhost", *cleaned} - _WILD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request; pass any other on, and send its answer with our headers."""
        if scope["type"] == "http":
            answer = _Answer(send, scope)
            try:
                await self._pass(scope, receive, answer.send)
            except Exception as error:
                log.error("An answer failed: %s", place_of(error))
                if not answer.begun:
                    await _sentence(scope, 500, FAILED)(scope, receive, answer.send)
        elif scope["type"] == "websocket":
            await self._pass(scope, receive, _Answer(send, scope).send)
        else:
            await self.app(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._problem(scope)
        if problem is None:
            await self.app(_judged(scope), receive, send)
            return
        code, sentence = problem
        refused.count(sentence)
        if scope["type"] == "websocket" and not _can_say_why(scope):
            await send({"type": "websocket.close", "code": 1008})  # before it opened: status 403
        else:
            await _sentence(scope, code, sentence)(scope, receive, send)

    def _problem(self, scope: Scope) -> tuple[int, str] | None:
        """Code and sentence of a refusal; None if the request may pass."""
        hosts = _values(scope, b"host")
        here = place_of_host(hosts[0]) if len(hosts) == 1 else None
        if scope["path"] != HEALTH:
            if sentence := self._is_open(scope):
                return 403, sentence
            if here is None or not scope["path"].startswith("/"):
                return 400, MALFORMED
            if not self.knows(here.host):
                return 421, UNKNOWN_HOST
        opens = scope["type"] == "websocket" or scope["method"] not in _SAFE
        return (403, FOREIGN) if opens and self._is_foreign(scope, here) else None

    def _is_open(self, scope: Scope) -> str:
        """Why it may not come in at the address where it did, if others reach that; else ""."""
        address = (scope.get("server") or ("",))[0]
        try:
            ip_address(address)
        except ValueError:
            return ""  # the file of a socket, which others do not reach
        return unprotected(address, self.settings)

    def knows(self, host: str) -> bool:
        """Whether the server answers under a name."""
        try:
            if ip_address(host).is_loopback:
                return True
        except ValueError:
            pass
        return (
            host in self.hosts
            or "*" in self.hosts
            or any(name.startswith("*.") and host.endswith(name[1:]) for name in self.hosts)
        )

    def _is_foreign(self, scope: Scope, here: Place | None) -> bool:
        """Whether a browser says that a page of another address sent it."""
        origins, sites = _values(scope, b"origin"), _values(scope, b"sec-fetch-site")
        if len(origins) > 1 or len(sites) > 1:
            return True
        from_own_site = not sites or sites[0].lower() in _OWN_SITES
        if not origins:
            return not from_own_site
        origin = place_of_origin(origins[0])
        if origin in self.origins:
            return False
        # Whether it came encrypted only the proxy knows, and so which port no port stands for:
        # that of the public address under its name, and that of the page under any other.
        default = _PORTS[origins[0].partition(":")[0].lower()] if origin else 0
        if here and self.public and here.host == self.public.host:
            default = self.public.port or default
        here = here and Place(here.host, here.port or default)
        return not (origin and from_own_site and origin in (here, self.public))


class _Answer:
    """An answer on its way, with what browsers must know of every one."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self.to_client = send
        self.scope = scope
        self.begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.close" and not self.begun and _can_say_why(self.scope):
            # Streamlit's refusals have no header, and no word either.
            start = {"type": "websocket.http.response.start", "status": 403, "headers": []}
            await self.send(start)
            message = {"type": "websocket.http.response.body", "body": b""}
        if message["type"] in _BEGINS:
            self.begun = True
            headers = list(message.get("headers", ()))
            had = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in HEADERS if name not in had]
            # Several policies hold together: one that says more is left as it is.
            if not any(n.lower() == FRAMES[0] and b"frame-ancestors" in v for n, v in headers):
                headers.append(FRAMES)
            message = {**message, "headers": headers}
        await self.to_client(message)


def _judged(scope: Scope) -> Scope:
    """What may pass, with no ``Origin`` of a WebSocket for Streamlit to judge once more.

    It does not know the public address, and asks another host for that of this machine whenever an
    ``Origin`` is not the ``Host``, as behind a proxy that does not pass the name on.
    """
    if scope["type"] != "websocket":
        return scope
    headers = [(name, value) for name, value in scope["headers"] if name != b"origin"]
    return {**scope, "headers": headers}


def _can_say_why(scope: Scope) -> bool:
    """Whether the server takes a whole answer in place of a WebSocket."""
    return "websocket.http.response" in (scope.get("extensions") or {})


def hide_server_name() -> None:
    """Have uvicorn not name itself in its answers, those included that no application sees.

    It offers an option for that, but whoever starts it decides, and Streamlit does not offer it.
    What somebody sets with ``--header`` stays.
    """

    def told(config: Config) -> list[tuple[bytes, bytes]]:
        headers: list[tuple[bytes, bytes]] = vars(config)["encoded_headers"]
        return [one for one in headers if one != (b"server", b"uvicorn")]

    def keep(config: Config, headers: list[tuple[bytes, bytes]]) -> None:
        vars(config)["encoded_headers"] = headers

    # A server that is under way has made its own already: asked of its class, it is filtered too.
    Config.encoded_headers = property(told, keep)  # type: ignore[assignment]


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for key, value in scope["headers"] if key == name]


def _sentence(scope: Scope, code: int, sentence: str) -> JSONResponse | PlainTextResponse:
    """A refusal as who asks reads it: a person in a browser, or a program."""
    headers = {"Connection": "close"}
    if any("text/html" in value for value in _values(scope, b"accept")):
        return PlainTextResponse(sentence, code, headers)
    return JSONResponse({"error": sentence}, code, headers)
