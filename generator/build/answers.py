"""What examples of answers are made of: for each handler method the schema, the examples and the headers of what it gives."""

from __future__ import annotations

import json
from collections.abc import Iterable

from generator import ir
from generator.normalise.canonical import Canonical
from generator.tree import JsonObject, resolve

from .content import good_statuses


def read_answers(canonical: Canonical, operations: Iterable[ir.Operation]) -> JsonObject:
    """The schemas of answers, and by operation's ``name`` its ``method``, its ``paths`` and its ``summary``, its usual
    ``answer`` and its ``stream``, null for none.

    Either has ``status``, ``media_type``, ``schema`` (the key in ``$defs``, empty for none) and ``examples``; an answer also
    ``media`` (as in :class:`ir.Success`) and ``headers``; a stream ``format`` and ``final`` (as in :class:`ir.EventStream`),
    and ``whole``, which says that the schema is that of all its items together. ``write_only`` says that there are
    properties which never come in answers.
    """
    if not canonical.answers:
        return {}
    told = {operation.name: _operation(canonical, operation) for operation in operations}
    one_way = '"writeOnly": true' in json.dumps(canonical.answers)
    return {"schemas": canonical.answers, "write_only": one_way, "operations": told}


def _operation(canonical: Canonical, operation: ir.Operation) -> JsonObject:
    responses: JsonObject = resolve(canonical.tree, operation.where[:-1])["responses"]
    by_status = {number: responses[status] for status, number in reversed(good_statuses(responses))}
    success, stream = operation.success, operation.stream
    return {
        "method": operation.method,
        "paths": list(operation.paths),
        "summary": operation.summary,
        "answer": _answer(by_status.get(success.status, {}), success) if success is not None else None,
        "stream": _stream(by_status[stream.status]["content"][stream.media_type]["answer"], stream) if stream else None,
    }


def _answer(response: JsonObject, success: ir.Success) -> JsonObject:
    media = response.get("content", {}).get(success.media_type, {}).get("answer", {})
    return {
        "status": success.status,
        "media": success.media,
        "media_type": success.media_type,
        "schema": media.get("schema", ""),
        "examples": media.get("examples", []),
        "headers": response.get("headers", {}),
    }


def _stream(media: JsonObject, stream: ir.EventStream) -> JsonObject:
    whole = not media["itemSchema"] and stream.format != "sse"
    return {
        "status": stream.status,
        "media_type": stream.media_type,
        "format": stream.format,
        "final": list(stream.final),
        "schema": media["itemSchema"] or media["schema"],
        "whole": whole,
        "examples": media["examples"],
    }
