"""The service of a server, made when it is first asked for.

FastAPI, and the description of every record, take as long to import as Streamlit does, and whoever
starts the app looks at a page first.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from afterword.deployment import get_deployment

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class LateService:
    """The service as the settings describe it; a request that comes before it is there waits."""

    def __init__(self) -> None:
        get_deployment()  # a wrong file is said at the start
        self._making = threading.Lock()
        self._made: ASGIApp | None = None

    def make(self) -> ASGIApp:
        """Return the service; the first call makes it, in some tenths of a second."""
        with self._making:
            made = self._made
            if made is None:
                from afterword.api.service import served  # late: the module says why

                made = self._made = served()
            return made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the service answer a request."""
        made = self._made
        service = await asyncio.to_thread(self.make) if made is None else made
        await service(scope, receive, send)
