"""Where the nodes of a JSON text stand: the second reading of a text that is valid JSON.

YAML's scanner would do, but for keys of more than 1,024 characters, which its rules forbid (YAML 1.2.2, section 7.4.2).
"""

from __future__ import annotations

import json
import re

from generator.yaml_events import Span
from generator.yaml_marks import Marks

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\]:,"]+')


def read_json_marks(text: str) -> Marks:
    """The places of all nodes of a text that ``json.loads`` accepts."""
    root = Marks(Span(0, 0))
    open_nodes, arrays = [root], [True]
    key: tuple[str, Span] | None = None
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in ("}", "]"):
            open_nodes.pop()
            arrays.pop()
            continue
        parent = open_nodes[-1]
        if arrays[-1]:
            node = Marks(Span(*found.span()))
            parent.children[len(parent.children)] = node
        elif key is None:
            key = json.loads(token), Span(*found.span())
            continue
        else:
            node = Marks(Span(*found.span()), key[1])
            parent.children[key[0]] = node
            key = None
        if token in ("{", "["):
            open_nodes.append(node)
            arrays.append(token == "[")
    return root.children[0]
