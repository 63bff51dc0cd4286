"""Where the nodes of a YAML (or JSON) text stand: a second reading, made only when a message needs a place."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator import yaml_events as y
from generator.tree import Pointer
from generator.yaml_events import Event, Span


@dataclass(slots=True)
class Marks:
    """The place of a node, of its key when it stands in a mapping, and the same for what it holds.

    ``block`` says that the node is a collection in block style, which starts on a line below its key.
    """

    value: Span
    key: Span | None = None
    block: bool = False
    children: dict[str | int, Marks] = field(default_factory=dict[str | int, "Marks"])

    def child(self, token: str | int) -> Marks | None:
        """The node at a key or in a place; that of a key that was merged in stands where the merge key's value does."""
        child = self.children.get(token)
        if child is None and isinstance(token, str) and token.isdecimal() and len(token) < 10:
            child = self.children.get(int(token))
        merged = self.children.get("<<") if child is None else None
        if merged is not None:
            listed = [inner for place, inner in merged.children.items() if isinstance(place, int)]
            child = next((found for mapping in (listed or [merged]) if (found := mapping.child(token))), None)
        return child

    def find(self, pointer: Pointer, *, key: bool = False) -> tuple[Span, Pointer]:
        """The span of the node at ``pointer``, or of the deepest ancestor that exists; and that one's pointer.

        With ``key`` it is the span of the node's key. Where a key names a block collection, or a node that lacks
        what was asked for, it is the key's span as well: that is the line people look for.
        """
        node = self
        for depth, token in enumerate(pointer):
            child = node.child(token)
            if child is None:
                return node.key or node.value, pointer[:depth]
            node = child
        return (node.key if node.key and (key or node.block) else node.value), pointer


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet. ``key`` waits for its value."""

    marks: Marks
    mapping: bool
    key: tuple[str, Span] | None = None


def read_marks(text: str) -> Marks:
    """The places of all nodes of a text that ``yaml12.parse`` accepts."""
    root = Marks(Span(0, 1))
    stack: list[_Open] = []
    anchors: dict[str, tuple[Marks, str]] = {}
    for event in y.events(text):
        if isinstance(event, y.CollectionEnd):
            stack.pop()
            continue
        if isinstance(event, y.Alias):
            target, source = anchors[event.anchor or ""]
            node = Marks(y.span(event), children=target.children)
        elif isinstance(event, y.Scalar):
            node, source = Marks(y.span(event)), event.value
        elif isinstance(event, y.MappingStart | y.SequenceStart):
            node, source = Marks(_start_of(event), block=not event.flow_style), ""
        else:
            continue
        if event.anchor:
            anchors[event.anchor] = node, source
        if not _place(stack, node, source):
            root = node
        if isinstance(event, y.MappingStart | y.SequenceStart):
            stack.append(_Open(node, isinstance(event, y.MappingStart)))
    return root


def _start_of(event: Event) -> Span:
    """A collection is shown by what starts it: the rest of that line, as far as spans are cut at line ends."""
    start = event.start_mark.index
    return Span(start, start + 1 if event.flow_style else start + 200)


def _place(stack: list[_Open], node: Marks, source: str) -> bool:
    """Hang ``node`` into the innermost open collection, or keep it as the next key; ``False`` if it is the root."""
    if not stack:
        return False
    parent = stack[-1]
    if not parent.mapping:
        parent.marks.children[len(parent.marks.children)] = node
    elif parent.key is None:
        parent.key = source, node.value
    else:
        key, node.key = parent.key
        parent.marks.children[key] = node
        parent.key = None
    return True
