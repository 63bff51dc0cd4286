"""Rules about the document as a whole, and the servers that it names."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import OperationPair, SurfacePair
from generator.diff.wording import listed, quoted


@rule(SurfacePair, "info", mirror="api-version-changed")
def api_version_changed(pair: SurfacePair) -> Iterator[Change]:
    """The API has another version.

    Nothing on the wire changes by it. What does is told on its own.
    """
    if pair.old.version != pair.new.version:
        message = f"the API has the version {quoted(pair.new.version)}, had {quoted(pair.old.version)}"
        yield pair.change(message, old=("info", "version"), new=("info", "version"))


@rule(SurfacePair, "info", mirror="tag-added")
def tag_removed(pair: SurfacePair) -> Iterator[Change]:
    """The document does not tell of a tag any more.

    Nothing on the wire changes. Documentation that goes by tag has one chapter less.
    """
    for tag in sorted(pair.old.tags.keys() - pair.new.tags.keys()):
        yield pair.change(f"the tag {quoted(tag)} is gone", old=pair.old.tags[tag], new=None)


@rule(SurfacePair, "info", mirror="tag-removed")
def tag_added(pair: SurfacePair) -> Iterator[Change]:
    """The document tells of a tag.

    Nothing on the wire changes. Documentation that goes by tag has one chapter more.
    """
    for tag in sorted(pair.new.tags.keys() - pair.old.tags.keys()):
        yield pair.change(f"the tag {quoted(tag)} is new", old=None, new=pair.new.tags[tag])


@rule(SurfacePair, "warning", mirror="server-added")
def server_removed(pair: SurfacePair) -> Iterator[Change]:
    """One of the servers is not named any more.

    Who calls it may not be answered. Keep it, or tell its callers where to go.
    """
    gone, added = _servers(pair)
    for url in gone if not (gone and added) or len(gone) != len(added) else ():
        yield pair.change(f"the server {quoted(url)} is gone", old=pair.old.servers[url], new=None)


@rule(SurfacePair, "info", mirror="server-removed")
def server_added(pair: SurfacePair) -> Iterator[Change]:
    """One more server is named.

    Who calls the others does not notice.
    """
    gone, added = _servers(pair)
    for url in added if not (gone and added) or len(gone) != len(added) else ():
        yield pair.change(f"the server {quoted(url)} is new", old=None, new=pair.new.servers[url])


@rule(SurfacePair, "warning", mirror="server-url-changed")
def server_url_changed(pair: SurfacePair) -> Iterator[Change]:
    """A server has another URL.

    Who calls the old one may not be answered. Answer at both for a while.
    """
    gone, added = _servers(pair)
    for was, is_ in zip(gone, added, strict=True) if len(gone) == len(added) else ():
        message = f"the server {quoted(was)} is {quoted(is_)} now"
        yield pair.change(message, old=pair.old.servers[was], new=pair.new.servers[is_])


@rule(SurfacePair, "info", mirror="default-server-changed")
def default_server_changed(pair: SurfacePair) -> Iterator[Change]:
    """Another one of the servers is named first.

    All are answered as before. Generated clients that are given no URL call the first.
    """
    if any(_servers(pair)) or not pair.old.servers:
        return
    was, is_ = next(iter(pair.old.servers)), next(iter(pair.new.servers))
    if was != is_:
        message = f"the first server is {quoted(is_)}, was {quoted(was)}"
        yield pair.change(message, old=pair.old.servers[was], new=pair.new.servers[is_])


@rule(OperationPair, "warning", mirror="operation-servers-changed")
def operation_servers_changed(pair: OperationPair) -> Iterator[Change]:
    """An operation has servers of its own, and others than it had; or has none of its own any more.

    Who calls the old ones may not be answered. Answer at both for a while.
    """
    if pair.both and {*pair.both[0].servers} != {*pair.both[1].servers}:
        was, is_ = (
            listed(sorted(operation.servers)) if operation.servers else "those of the document"
            for operation in pair.both
        )
        yield pair.change(f"the servers of {pair.name} are {is_}, were {was}", key="servers")


def _servers(pair: SurfacePair) -> tuple[list[str], list[str]]:
    """The URLs that are gone and those that are new, each in the order of its document."""
    old, new = pair.old.servers, pair.new.servers
    return [url for url in old if url not in new], [url for url in new if url not in old]


RULES: tuple[Rule, ...] = (
    api_version_changed,
    tag_removed,
    tag_added,
    server_removed,
    server_added,
    server_url_changed,
    default_server_changed,
    operation_servers_changed,
)
