"""OpenAPI Overlays (Overlay Specification 1.0 and 1.1): changes to a document that live in files of their own.

Targets address the bundle, the one document that ``specloom bundle`` shows: what stands behind a ``$ref`` to another file is
found. What the overlays made is bundled again, so that references in it are followed like any others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from generator.bundle import Bundle, bundle
from generator.document import Document
from generator.errors import Diagnostic, SpecloomError

from .apply import Patched, apply
from .read import Overlay, read

__all__ = ["Overlay", "Patched", "apply", "overlaid", "read", "read_all"]


def read_all(paths: Iterable[str], *, load: Callable[[str], Document]) -> tuple[Overlay, ...]:
    """The overlays in files. Raises :class:`SpecloomError` with everything that is wrong with any of them."""
    found: list[Overlay] = []
    wrong: list[Diagnostic] = []
    for path in paths:
        try:
            found.append(read(load(path)))
        except SpecloomError as problem:
            wrong += problem.diagnostics
    if wrong:
        raise SpecloomError(wrong)
    return tuple(found)


def overlaid(
    bundled: Bundle,
    overlays: Sequence[Overlay],
    *,
    read: Callable[[str], bytes],
    lenient: bool = False,
    keep_going: bool = False,
) -> Bundle:
    """The bundle with the overlays applied in their order, and its references followed anew.

    Overlays write references, and take away what others lead to. What was wrong with a reference before, and no overlay
    touched, is still wrong in the file that it stands in. Raises :class:`SpecloomError` for what :func:`apply` refuses and,
    without ``keep_going``, for references that cannot be followed.
    """
    patched, warnings = apply(bundled, overlays, lenient=lenient)
    made = bundle(patched, read=read, keep_going=True)
    places = {place: now for place in bundled.broken if (now := patched.patch.now_at(place)) is not None}
    old = [
        replace(item, location=replace(item.location, bundled=places[item.location.bundled]))
        for item in bundled.errors
        if item.location.bundled in places
    ]
    told = {_place(item) for item in old}
    errors = (*old, *(item for item in made.errors if _place(item) not in told))
    if errors and not keep_going:
        raise SpecloomError(errors)
    files = (*made.documents, *(overlay.document for overlay in overlays), *bundled.documents)
    by_name = {document.name: document for document in files}
    return replace(
        made,
        documents=tuple(by_name[name] for name in sorted(by_name)),
        warnings=tuple(dict.fromkeys((*bundled.warnings, *warnings, *made.warnings))),
        errors=errors,
        broken=tuple(dict.fromkeys((*places.values(), *made.broken))),
    )


def _place(item: Diagnostic) -> tuple[str, int, int]:
    return item.location.file, item.location.line, item.location.column
