"""A small hub on loopback that speaks as much of the real one's language as downloading needs, and can misbehave."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BLOCK = 4096


@dataclass
class Repository:
    """One model on the stand-in hub; what is stored in LFS is behind a redirect, as on the real one."""

    folder: Path
    status: int = 200
    error_code: str = ""
    revisions: dict[str, Path] = field(default_factory=dict)


@dataclass
class Hub:
    """The hub and its faults. break_after: bytes of a body after which the connection is cut, once each."""

    address: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)  # path and Range
    break_after: list[int] = field(default_factory=list)
    seconds_a_block: float = 0.0
    hold_after: int | None = None
    go_on: threading.Event = field(default_factory=threading.Event)
    damaged: bool = False
    ignores_ranges: bool = False
    tokens: list[str] = field(default_factory=list)

    def bodies(self, name: str) -> list[str]:
        """The Range of every request for the content of this file."""
        return [asked for path, asked in self.requests if path.startswith("/content/") and path.endswith("/" + name)]


@contextmanager
def serving() -> Iterator[Hub]:
    """A hub until the end of the block."""
    hub = Hub()

    class Handler(_Handler):
        state = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.go_on.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    state: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.state.requests.append((path, self.headers.get("Range", "")))
        self.state.tokens.append(self.headers.get("authorization", ""))
        if path.startswith("/api/models/"):
            name, _, revision = path.removeprefix("/api/models/").partition("/revision/")
            self._describe(name, revision.replace("%2F", "/"))
        elif "/resolve/" in path:
            name, _, rest = path.removeprefix("/").partition("/resolve/")
            self._resolve(name, rest.partition("/")[2])
        elif path.startswith("/content/"):
            self._send_file(self._find(path.removeprefix("/content/")))
        else:
            self._answer(404, b"")

    def _refused(self, name: str) -> bool:
        repository = self.state.repositories.get(name)
        if repository is None:
            self._answer(401, b"{}", {"X-Error-Message": "Invalid username or password."})
        elif repository.status != 200:
            self._answer(repository.status, b"{}", {"X-Error-Code": repository.error_code})
        else:
            return False
        return True

    def _describe(self, name: str, revision: str) -> None:
        repository = self.state.repositories.get(name)
        gated = repository is not None and repository.error_code == "GatedRepo"  # its description is public
        if not gated and self._refused(name):
            return
        assert repository is not None
        folder = repository.revisions[revision] if revision else repository.folder
        files = [_described(path) for path in sorted(folder.iterdir()) if path.is_file()]
        body = {"id": name, "modelId": name, "sha": COMMIT[:-1] + ("f" if revision else "7"), "siblings": files}
        self._answer(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _resolve(self, name: str, file: str) -> None:
        if self._refused(name):
            return
        path = self._find(f"{name}/{file}")
        if path is not None and _is_large(path):
            self._answer(302, b"", {"Location": f"/content/{name}/{file}"})
        else:
            self._send_file(path)

    def _find(self, wanted: str) -> Path | None:
        name, _, file = wanted.rpartition("/")
        repository = self.state.repositories[name]
        for folder in (repository.folder, *repository.revisions.values()):
            if (folder / file).is_file():
                return folder / file
        return None

    def _send_file(self, path: Path | None) -> None:
        if path is None:
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        content = path.read_bytes()
        if self.state.damaged and _is_large(path):
            content = bytes(len(content))
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and not self.state.ignores_ranges else 0
        if start > len(content):
            self._answer(416, b"")
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self._send_slowly(content[start:], large=_is_large(path))

    def _send_slowly(self, content: bytes, *, large: bool) -> None:
        hub = self.state
        limit = hub.break_after.pop(0) if large and hub.break_after else None
        for offset in range(0, len(content), BLOCK):
            if limit is not None and offset >= limit:
                self.close_connection = True
                self.connection.shutdown(2)
                return
            if large and hub.hold_after is not None and offset >= hub.hold_after:
                hub.go_on.wait(30)
            if large:
                time.sleep(hub.seconds_a_block)
            try:
                self.wfile.write(content[offset : offset + BLOCK])
                self.wfile.flush()
            except OSError:
                self.close_connection = True
                return

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def _is_large(path: Path) -> bool:
    return path.suffix in (".safetensors", ".bin")


def _described(path: Path) -> dict[str, object]:
    content = path.read_bytes()
    described: dict[str, object] = {
        "rfilename": path.name,
        "size": len(content),
        "blobId": hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest(),
    }
    if _is_large(path):
        digest = hashlib.sha256(content).hexdigest()
        described["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 134}
    return described
