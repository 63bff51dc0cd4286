"""One document from the network: bounded in size, time and redirects, asked for again only if it changed."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urljoin

import httpx2

from generator import manifest, origins
from generator.errors import Location, SpecloomError, error
from generator.files import MAX_BYTES

from .addresses import Pinned, RefusedError
from .lock import Entry

MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_ACCEPT = "application/yaml, application/json, text/markdown, text/plain;q=0.9, */*;q=0.5"
_HTML = re.compile(rb"\s*<(!doctype\s+html|html)\b", re.IGNORECASE)
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be asked. ``seconds`` is for one document in all, redirects and all."""

    allow_http: bool = False
    allow_private: bool = False
    seconds: float = 60
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands at a URL now; ``data`` is ``None`` where it is what is there already."""

    data: bytes | None
    etag: str = ""
    last_modified: str = ""


class Fetcher:
    """Asks the network. Its files of what arrived before a connection broke are in ``parts``."""

    def __init__(self, limits: Limits, *, parts: Path) -> None:
        self._limits = limits
        self._parts = parts
        self._client = httpx2.AsyncClient(
            transport=Pinned(allow_private=limits.allow_private),
            trust_env=False,
            follow_redirects=False,
            timeout=limits.seconds,
            headers={
                "accept": _ACCEPT,
                # So lengths and ranges are those of the document itself.
                "accept-encoding": "identity",
                "user-agent": f"specloom/{manifest.version('specloom')}",
            },
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def fetch(self, url: str, *, named: Location, known: Entry | None) -> Answer:
        """What stands at a URL; ``known`` is the copy that is there, ``named`` where the settings name the URL.

        Raises :class:`SpecloomError`, with a code for each way to fail: see ``upstream-*`` in ``codes.py``.
        """
        asking = _Asking(url, named, self._limits, self._client, self._parts)
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await asking.ask(known)
        except asyncio.CancelledError:
            asking.keep()
            raise
        except (TimeoutError, RefusedError, httpx2.HTTPError, httpx2.InvalidURL) as problem:
            asking.keep()
            raise asking.explained(problem) from problem


class _Asking:
    """One document, with what arrived of it."""

    def __init__(self, url: str, named: Location, limits: Limits, client: httpx2.AsyncClient, parts: Path) -> None:
        self._url = url
        self._named = named
        self._limits = limits
        self._client = client
        self._part = parts / manifest.digest(url.encode())[:16]
        self._etag = ""
        self._data = bytearray()

    def error(self, code: str, message: str, hint: str) -> SpecloomError:
        """What went wrong, at the line of the settings."""
        return error(code, f"{origins.without_secrets(self._url)}: {message}", self._named, hint)

    def explained(self, problem: Exception) -> SpecloomError:
        """What the network, or who watches over it, said."""
        match problem:
            case RefusedError():
                return self.error("upstream-refused", str(problem), "if it is yours, say --allow-private")
            case TimeoutError() | httpx2.TimeoutException():
                message = f"it did not arrive within {self._limits.seconds:g} seconds"
                return self.error("upstream-slow", message, "try again, or give it more time with --timeout")
            case httpx2.InvalidURL():
                return self.error("upstream-refused", f"it leads to no URL: {problem}", "correct the URL")
            case httpx2.RemoteProtocolError():
                hint = "try again: it goes on where it can"
                return self.error("upstream-broken", f"the connection broke: {problem}", hint)
            case _:
                what = str(problem) or type(problem).__name__
                return self.error("upstream-broken", f"it cannot be asked for: {what}", "check the URL and the network")

    async def ask(self, known: Entry | None) -> Answer:
        headers = self._resumed() or _conditions(known)
        url = self._url
        for _ in range(MAX_REDIRECTS + 1):
            self._check(url)
            async with self._client.stream("GET", url, headers=headers) as response:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    url = self._led(url, response.headers["location"])
                    continue
                if response.status_code == 416 and self._data:
                    self._forget()
                    headers = _conditions(known)
                    continue
                return await self._answer(response, known)
        raise self.error(
            "upstream-redirects", f"it redirects more than {MAX_REDIRECTS} times", "name the URL that it leads to"
        )

    def _led(self, url: str, location: str) -> str:
        try:
            return urljoin(url, location).partition("#")[0]
        except ValueError:
            raise self.error("upstream-refused", "it redirects to what is no URL", "name another URL") from None

    def _check(self, url: str) -> None:
        """A URL that may be asked, be it the first one or a redirect's."""
        if problem := origins.problem(url) if origins.kind_of(url) == "url" else "it is no URL of http":
            raise self.error(
                "upstream-refused", f"it leads to {origins.without_secrets(url)}: {problem}", "correct the URL"
            )
        if not url.lower().startswith("https:") and not self._limits.allow_http:
            where = "" if url == self._url else f"it leads to {origins.without_secrets(url)}: "
            message = f"{where}only https is asked, so that nobody on the way can change what arrives"
            raise self.error("upstream-refused", message, "name an https URL, or say --allow-http")

    async def _answer(self, response: httpx2.Response, known: Entry | None) -> Answer:
        status, headers = response.status_code, response.headers
        etag, modified = _plain(headers.get("etag", "")), _plain(headers.get("last-modified", ""))
        if status == 304 and known is not None:
            return Answer(None, etag or known.etag, modified or known.last_modified)
        if status == 206 and self._data:
            found = _RANGE.fullmatch(headers.get("content-range", ""))
            if found is None or int(found[1]) != len(self._data) or etag != self._etag:
                self._forget()
                raise self.error(
                    "upstream-broken", "the rest that was asked for is not the rest that came", "try again"
                )
        elif status == 200:
            self._data.clear()
        else:
            hint = "check the URL" if status < 500 else "try again later"
            raise self.error("upstream-status", f"the server answers {status} {response.reason_phrase}".rstrip(), hint)
        self._etag = etag
        await self._read(response)
        data = bytes(self._data)
        self._refuse_page(headers, data)
        self._part.unlink(missing_ok=True)
        digest = manifest.digest(data)
        if known is not None and etag and etag == known.etag and digest != known.sha256:
            message = (
                f"it changed, and still has the entity tag {etag}: one of the two copies is not what it claims to be"
            )
            hint = "compare them; to take the new one, delete the entry of this URL from upstream/lock.json"
            raise self.error("upstream-same-tag", message, hint)
        return Answer(None if known is not None and digest == known.sha256 else data, etag, modified)

    async def _read(self, response: httpx2.Response) -> None:
        if encoding := response.headers.get("content-encoding", "").replace("identity", ""):
            raise self.error("upstream-type", f"it comes as {encoding}, which was not asked for", "download it by hand")
        length = response.headers.get("content-length", "")
        expected = len(self._data) + int(length) if length.isdecimal() else 0
        limit = self._limits.max_bytes
        too_large = f"it is larger than {limit / 1024**2:g} MB"
        hint = "name a document that is smaller, or a part of it"
        if expected > limit:
            raise self.error("upstream-large", too_large, hint)
        async for chunk in response.aiter_raw():
            self._data += chunk
            if len(self._data) > limit:
                raise self.error("upstream-large", too_large, hint)

    def _refuse_page(self, headers: Mapping[str, str], data: bytes) -> None:
        """Refuses a page for people: of a login, of an error, or of the documentation around the document."""
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in ("text/html", "application/xhtml+xml") or _HTML.match(data):
            message = "it is a web page (HTML), and a document is meant"
            raise self.error(
                "upstream-type", message, "name the document itself; many sites have a page as Markdown at `.md`"
            )

    # -- what arrived before -------------------------------------------------------------------------

    def _resumed(self) -> dict[str, str]:
        """What asks for the rest of what arrived before (RFC 9110, sections 13.1.5 and 14.2); nothing where nothing did."""
        try:
            first, _, rest = self._part.read_bytes().partition(b"\n")
            etag = json.loads(first)
        except (OSError, ValueError):
            return {}
        if not isinstance(etag, str) or not _is_strong(etag) or not rest:
            return {}
        self._etag, self._data = etag, bytearray(rest)
        return {"range": f"bytes={len(rest)}-", "if-range": etag}

    def keep(self) -> None:
        """Keep what arrived, if the server can say whether the rest belongs to it."""
        if self._data and _is_strong(self._etag):
            self._part.parent.mkdir(parents=True, exist_ok=True)
            (self._part.parent / ".gitignore").write_text("*\n", encoding="utf-8")
            self._part.write_bytes(json.dumps(self._etag).encode() + b"\n" + self._data)

    def _forget(self) -> None:
        self._data.clear()
        self._part.unlink(missing_ok=True)


def _conditions(known: Entry | None) -> dict[str, str]:
    """What asks only for another document than the one that is there (RFC 9110, sections 13.1.2 and 13.1.3)."""
    if known is None:
        return {}
    if known.etag:
        return {"if-none-match": known.etag}
    return {"if-modified-since": known.last_modified} if known.last_modified else {}


def _plain(value: str) -> str:
    """A field's value that can be sent back as it is; nothing for any other."""
    return value if value.isascii() and value.isprintable() and len(value) <= 1_000 else ""


def _is_strong(etag: str) -> bool:
    return etag.startswith('"')
