"""What ``spec`` may name, told by how it is written: a file, a file at a git revision, or a URL; each may be an index of pages."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

Kind: TypeAlias = Literal["file", "revision", "url"]

_URL = re.compile(r"https?://", re.IGNORECASE)
_SECRET = re.compile(r"auth|cred|key|pass|secret|sig|token|x-amz-", re.IGNORECASE)
_INDEX = re.compile(r"llms[\w.-]*\.txt", re.IGNORECASE)


def kind_of(text: str) -> Kind:
    """What an entry of ``spec`` is."""
    if _URL.match(text):
        return "url"
    return "revision" if ":" in text else "file"


def is_index(text: str) -> bool:
    """Whether an entry is an index whose links name the pages (llmstxt.org)."""
    path = urlsplit(text).path if kind_of(text) == "url" else text
    return bool(_INDEX.fullmatch(path.rpartition("/")[2]))


def split_revision(text: str) -> tuple[str, str]:
    """The revision and the path of ``HEAD~1:path``."""
    revision, _, path = text.partition(":")
    return revision, path


def problem(text: str) -> str | None:
    """What is wrong with an entry of ``spec``, if anything is."""
    if not text.strip():
        return "the path is empty"
    match kind_of(text):
        case "url":
            return _url_problem(text)
        case "revision":
            revision, path = split_revision(text)
            if not revision or revision.startswith("-") or any(ord(character) < 33 for character in revision):
                return f"'{text}' names no revision: it is written as 'HEAD~1:openapi.yaml'"
            return _path_problem(path)
        case "file":
            return _path_problem(text)


def _path_problem(text: str) -> str | None:
    if not text or text.startswith("/") or "\\" in text or ".." in text.split("/"):
        return f"'{text}' is not a path below this folder, written with '/'"
    return None


def _url_problem(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return "this is no URL"
    if parts.username is not None or parts.password is not None:
        return "a URL with a user or a password in it would be in everybody's copy of these settings"
    if not parts.hostname:
        return f"'{text}' names no host"
    if parts.fragment:
        return f"'{text}' has a fragment, which no server is asked for"
    if any(ord(character) < 33 for character in text):
        return "a URL has no spaces"
    return None


def without_secrets(url: str) -> str:
    """A URL without the values of what looks like a credential in its query, and without user and password."""
    if kind_of(url) != "url":
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if any(_SECRET.search(name) for name, _ in pairs):
        query = urlencode([(name, "" if _SECRET.search(name) else value) for name, value in pairs])
    else:
        query = parts.query
    return SplitResult(parts.scheme, host, parts.path, query, "").geturl()


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL (RFC 6454, section 4)."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or (443 if scheme == "https" else 80)
