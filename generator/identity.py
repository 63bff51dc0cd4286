"""What documents call their parts: ``$self`` (OpenAPI 3.2.0, section 4.1.2.1), and ``$id`` and ``$anchor`` of schemas

(JSON Schema 2020-12 Core, section 8.2). A name is a name: nothing is ever fetched from the URI that it looks like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urldefrag, urljoin

from generator.document import Document
from generator.tree import Json, Pointer, is_array, is_object, parse_pointer

_NAMED: Final = re.compile(r"\$(self|id|anchor|dynamicAnchor)\b")
_DATA: Final = frozenset(["example", "examples", "default", "const", "enum"])


@dataclass(slots=True)
class Identities:
    """The names in one document. ``resources`` are URIs of what has a ``$self`` or ``$id``, ``anchors`` theirs."""

    base: str
    resources: dict[str, Pointer] = field(default_factory=dict[str, Pointer])
    anchors: dict[tuple[str, str], Pointer] = field(default_factory=dict[tuple[str, str], Pointer])
    has_names: bool = False

    def find(self, uri: str) -> Pointer | None:
        """The pointer of what an absolute URI names here, be there anything or not; ``None`` if it names nothing."""
        resource, fragment = urldefrag(uri)
        if fragment and not fragment.startswith("/"):
            return self.anchors.get((resource, fragment))
        start = self.resources.get(resource)
        return None if start is None else (*start, *parse_pointer(fragment))

    def base_at(self, pointer: Pointer) -> str:
        """The URI that references at this pointer are relative to: that of the innermost resource around it."""
        around = [(len(start), uri) for uri, start in self.resources.items() if pointer[: len(start)] == start]
        return max(around)[1]


def _joined(base: str, name: str) -> str:
    """The absolute URI that ``name`` stands for; one that is none names nothing."""
    try:
        return urldefrag(urljoin(base, name)).url
    except ValueError:
        return base


def identities(document: Document) -> Identities:
    """The names in a document, and one of its own that nobody can write by accident."""
    base = f"https://{document.sha256}.invalid/{document.name}"
    if is_object(document.root) and isinstance(document.root.get("$self"), str):
        base = _joined(base, document.root["$self"])
    found = Identities(base, {base: ()})
    if not _NAMED.search(document.text):
        return found
    found.has_names = True
    pending: list[tuple[Json, Pointer, str]] = [(document.root, (), found.base)]
    while pending:
        node, at, base = pending.pop()
        if is_object(node):
            name = node.get("$id")
            if isinstance(name, str) and not name.startswith("#"):
                base = _joined(base, name)
                found.resources.setdefault(base, at)
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(key), str):
                    found.anchors.setdefault((base, node[key]), at)
            pending += [(value, (*at, key), base) for key, value in node.items() if key not in _DATA]
        elif is_array(node):
            pending += [(value, (*at, index), base) for index, value in enumerate(node)]
    return found
