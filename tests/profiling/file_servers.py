"""A server of files on this machine: by HTTP, with parts and without, and as S3 has it."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

MODIFIED = "Mon, 30 Nov 2026 12:00:00 GMT"


@dataclass
class Files:
    """What a server has, and how it behaves.

    Attributes
    ----------
    content : path → bytes.
    parts : whether it gives parts of a file.
    length : whether it tells how long a file is; "first" if only where that alone is asked for.
    marks : whether it tells what changes with a file.
    statuses : path → status in place of the file.
    leads : path → address to which it sends whoever asks for it.
    breaks : path → bytes after which the connection ends.
    gone : path → first and last byte of what never comes, where a part is asked for.
    silent : paths of which nothing comes until ``heard`` is set.
    asked : method, path and range of each request.
    address : of the server, without a slash at the end.
    """

    content: dict[str, bytes] = field(default_factory=dict)
    parts: bool = True
    length: bool | Literal["first"] = True
    marks: bool = True
    statuses: dict[str, int] = field(default_factory=dict)
    leads: dict[str, str] = field(default_factory=dict)
    breaks: dict[str, int] = field(default_factory=dict)
    gone: dict[str, tuple[int, int]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    heard: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 0


@contextmanager
def served() -> Iterator[Files]:
    """Start a server, and end it."""
    files = Files()
    handler = type("Handler", (_Handler,), {"files": files})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    files.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield files
    finally:
        files.heard.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    files: Files

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        files, url = self.files, urlsplit(self.path)
        path = unquote(url.path)
        wanted = self.headers.get("Range", "")
        files.asked.append((self.command, self.path, wanted))
        if path in files.silent:
            files.heard.wait(60)
        if path in files.leads:
            self._answer(302, b"", {"Location": files.leads[path]})
        elif path in files.statuses:
            self._answer(files.statuses[path], b"")
        elif "list-type" in url.query:
            self._answer(200, self._bucket(path, parse_qs(url.query)), {})
        elif path in files.content:
            self._file(path, files.content[path], wanted)
        elif path.endswith("/") and self.command == "GET":
            self._answer(200, self._folder(path), {"Content-Type": "text/html"})
        else:
            self._answer(404, b"")

    def _file(self, path: str, content: bytes, wanted: str) -> None:
        told = {"Content-Type": "text/csv"}
        if self.files.marks:
            told |= {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "Last-Modified": MODIFIED}
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted)
        if not (found and self.files.parts):
            self._answer(200, content, told, self.files.breaks.get(path))
            return
        first, last = int(found[1]), min(int(found[2] or len(content)), len(content) - 1)
        told["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        begin, end = self.files.gone.get(path, (len(content), len(content)))
        begin = min(begin, self.files.breaks.get(path, begin))
        rest = max(begin - first, 0) if first < end and last >= begin else None
        self._answer(206, content[first : last + 1], told, rest)

    def _answer(
        self,
        status: int,
        content: bytes,
        told: dict[str, str] | None = None,
        broken: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in (told or {}).items():
            self.send_header(name, value)
        length = self.files.length
        if length is True or status != 200 or (length == "first" and self.command == "HEAD"):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content if broken is None else content[:broken])

    def _folder(self, path: str) -> bytes:
        inside = {name[len(path) :] for name in self.files.content if name.startswith(path)}
        links = sorted({re.sub(r"/.*", "/", name) for name in inside})
        return "".join(
            f'<a href="{link}">{link}</a>'
            for link in ["../", "?C=M;O=D", "http://127.0.0.1:9/elsewhere.csv", *links]
        ).encode()

    def _bucket(self, path: str, query: dict[str, list[str]]) -> bytes:
        """A list of a bucket's files, as version 2 of S3's has it."""
        bucket, prefix = path.strip("/"), query.get("prefix", [""])[0]
        keys = [name.removeprefix(f"/{bucket}/") for name in self.files.content]
        inside = sorted(key for key in keys if key.startswith(prefix))
        if query.get("delimiter"):
            folders = {f"{prefix}{key[len(prefix) :].partition('/')[0]}/" for key in inside}
            folders = {each for each in folders if any(key.startswith(each) for key in inside)}
            inside = [key for key in inside if "/" not in key[len(prefix) :]]
        else:
            folders = set()
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-30T12:00:00.000Z"
            f'</LastModified><ETag>"{hashlib.sha256(content).hexdigest()}"</ETag>'
            f"<Size>{len(content)}</Size></Contents>"
            for key in inside
            for content in [self.files.content[f"/{bucket}/{key}"]]
        )
        prefixes = "".join(
            f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>" for each in folders
        )
        return (
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix><IsTruncated>false"
            f"</IsTruncated><KeyCount>{len(inside)}</KeyCount>{contents}{prefixes}"
            "</ListBucketResult>"
        ).encode()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""
