"""Rules about who is let in: what an operation asks for, and the schemes by which it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import SchemePair, SecurityPair
from generator.diff.surface import Scheme, Security
from generator.diff.wording import listed, quoted

Alternative: TypeAlias = Mapping[str, frozenset[str]]
"""What a caller presents together: schemes by name, and the scopes of each."""


@rule(SecurityPair, "breaking", direction="request", mirror="security-lifted")
def security_required(pair: SecurityPair) -> Iterator[Change]:
    """An operation that anybody could call needs credentials.

    Callers without any get 401. Let them in for as long as there are some, and tell them how to get credentials.
    """
    if _opened(pair) == (True, False) and not any(_sides(pair)[0].alternatives):
        ways = " or ".join(map(_shown, _sides(pair)[1].alternatives))
        yield pair.change(f"a call of {pair.name} needs {ways} now, needed nothing")


@rule(SecurityPair, "info", direction="request", mirror="security-required")
def security_lifted(pair: SecurityPair) -> Iterator[Change]:
    """An operation that needed credentials may be called by anybody.

    Callers with credentials are answered as before. See that it is meant.
    """
    if _is_lifted(pair):
        yield pair.change(f"a call of {pair.name} needs no credentials any more")


@rule(SecurityPair, "breaking", direction="request", mirror="anonymous-calls-allowed")
def anonymous_calls_refused(pair: SecurityPair) -> Iterator[Change]:
    """An operation that could be called with or without credentials needs them.

    Callers without any get 401. Let them in for as long as there are some, and tell them how to get credentials.
    """
    if _opened(pair) == (True, False) and any(_sides(pair)[0].alternatives):
        yield pair.change(f"a call of {pair.name} without credentials is refused now")


@rule(SecurityPair, "info", direction="request", mirror="anonymous-calls-refused")
def anonymous_calls_allowed(pair: SecurityPair) -> Iterator[Change]:
    """An operation that needed credentials may be called without, too.

    Callers with credentials are answered as before. See that it is meant.
    """
    if _opened(pair) == (False, True) and not _is_lifted(pair):
        yield pair.change(f"a call of {pair.name} may do without credentials now")


@rule(SecurityPair, "breaking", direction="request", mirror="security-alternative-added")
def security_alternative_removed(pair: SecurityPair) -> Iterator[Change]:
    """One of the ways to be let in is gone.

    Callers who come by it get 401. Keep it until nobody does.
    """
    for old, new in _alternatives(pair):
        if old and not new and not _is_lifted(pair):
            yield pair.change(f"a call of {pair.name} is not let in by {_shown(old)} any more")


@rule(SecurityPair, "info", direction="request", mirror="security-alternative-removed")
def security_alternative_added(pair: SecurityPair) -> Iterator[Change]:
    """There is one more way to be let in.

    Callers who come by the others are let in as before.
    """
    for old, new in _alternatives(pair):
        if new and not old and (_opened(pair) != (True, False) or any(_sides(pair)[0].alternatives)):
            yield pair.change(f"a call of {pair.name} is let in by {_shown(new)}, too")


@rule(SecurityPair, "breaking", direction="request", mirror="security-scheme-no-longer-needed")
def security_scheme_needed_too(pair: SecurityPair) -> Iterator[Change]:
    """Who was let in by some credentials needs more of them.

    Callers without them get 401. Let them in for as long as there are some.
    """
    for old, new in _alternatives(pair):
        if old and new and new.keys() - old.keys():
            needed = listed(sorted(new.keys() - old.keys()))
            yield pair.change(f"a call of {pair.name} needs {needed} besides {listed(sorted(old))} now")


@rule(SecurityPair, "info", direction="request", mirror="security-scheme-needed-too")
def security_scheme_no_longer_needed(pair: SecurityPair) -> Iterator[Change]:
    """Who was let in by some credentials needs less of them.

    Callers who present all are let in as before.
    """
    for old, new in _alternatives(pair):
        if old and new and old.keys() - new.keys():
            needed = listed(sorted(old.keys() - new.keys()))
            yield pair.change(f"a call of {pair.name} does not need {needed} besides {listed(sorted(new))} any more")


@rule(SecurityPair, "breaking", direction="request", mirror="scope-no-longer-needed")
def scope_needed(pair: SecurityPair) -> Iterator[Change]:
    """Credentials need one more scope.

    Callers whose tokens do not have it get 403. Let them in for as long as there are some.
    """
    for name, was, is_ in _scopes(pair):
        if is_ - was:
            yield pair.change(
                f"a call of {pair.name} by {quoted(name)} needs the scope {listed(sorted(is_ - was))} now"
            )


@rule(SecurityPair, "info", direction="request", mirror="scope-needed")
def scope_no_longer_needed(pair: SecurityPair) -> Iterator[Change]:
    """Credentials need one scope less.

    Callers whose tokens have it are let in as before.
    """
    for name, was, is_ in _scopes(pair):
        if was - is_:
            yield pair.change(
                f"a call of {pair.name} by {quoted(name)} does without the scope {listed(sorted(was - is_))}"
            )


@rule(SchemePair, "info", mirror="security-scheme-added")
def security_scheme_removed(pair: SchemePair) -> Iterator[Change]:
    """A security scheme is gone.

    Operations that asked for it tell what that means for their callers.
    """
    if pair.gone:
        yield pair.change(f"{pair.name} is gone")


@rule(SchemePair, "info", mirror="security-scheme-removed")
def security_scheme_added(pair: SchemePair) -> Iterator[Change]:
    """There is one more security scheme.

    Operations that ask for it tell what that means for their callers.
    """
    if pair.added:
        yield pair.change(f"{pair.name} is new")


@rule(SchemePair, "info", mirror="security-scheme-renamed")
def security_scheme_renamed(pair: SchemePair) -> Iterator[Change]:
    """A security scheme has another name.

    No caller sees it: what they present is the same. Generated code that takes it by name has another name for it.
    """
    if pair.both and pair.both[0].name != pair.both[1].name:
        yield pair.change(f"{pair.name} was called {quoted(pair.both[0].name)}")


@rule(SchemePair, "breaking", mirror="security-scheme-type-changed")
def security_scheme_type_changed(pair: SchemePair) -> Iterator[Change]:
    """A security scheme is of another type.

    Callers who present what they had get 401. Add a scheme with another name, and let both in for a while.
    """
    if pair.both and pair.both[0].kind != pair.both[1].kind:
        was, is_ = (quoted(scheme.kind) for scheme in pair.both)
        yield pair.change(f"{pair.name} is of the type {is_}, was {was}", key="type")


@rule(SchemePair, "breaking", mirror="security-scheme-place-changed")
def security_scheme_place_changed(pair: SchemePair) -> Iterator[Change]:
    """A key is presented in another place: in a header and no longer in the query, for example.

    Nobody looks for it where callers put it. Read it in both places for a while.
    """
    yield from _said(pair, "in", "is sent in the {}, was in the {}")


@rule(SchemePair, "breaking", mirror="security-scheme-key-name-changed")
def security_scheme_key_name_changed(pair: SchemePair) -> Iterator[Change]:
    """The header, cookie or query parameter in which a key is presented has another name.

    Nobody looks for it where callers put it. Read both for a while.
    """
    yield from _said(pair, "name", "is sent as {}, was as {}")


@rule(SchemePair, "breaking", mirror="security-scheme-http-scheme-changed")
def security_scheme_http_scheme_changed(pair: SchemePair) -> Iterator[Change]:
    """What stands in the `Authorization` header is of another scheme: `bearer` and no longer `basic`, for example.

    Callers who present what they had get 401. Add a scheme with another name, and let both in for a while.
    """
    yield from _said(pair, "scheme", "is {}, was {}")


@rule(SchemePair, "warning", mirror="open-id-connect-url-changed")
def open_id_connect_url_changed(pair: SchemePair) -> Iterator[Change]:
    """What there is to know of the provider of tokens (OpenID Connect) stands at another URL.

    Callers who look at the old one may get no tokens, or such as are not taken. Answer at both for a while.
    """
    yield from _said(pair, "openIdConnectUrl", "has its provider at {}, had at {}")


@rule(SchemePair, "breaking", mirror="oauth-flow-added")
def oauth_flow_removed(pair: SchemePair) -> Iterator[Change]:
    """One of the ways to get a token (OAuth 2) is gone.

    Callers who get theirs by it get none. Keep it until nobody does.
    """
    for old, new in _of_one_type(pair):
        for flow in sorted(old.flows.keys() - new.flows.keys()):
            yield pair.change(f"{pair.name} does not have the flow {quoted(flow)} any more", key="flows")


@rule(SchemePair, "info", mirror="oauth-flow-removed")
def oauth_flow_added(pair: SchemePair) -> Iterator[Change]:
    """There is one more way to get a token (OAuth 2).

    Callers who get theirs by the others get them as before.
    """
    for old, new in _of_one_type(pair):
        for flow in sorted(new.flows.keys() - old.flows.keys()):
            yield pair.change(f"{pair.name} has the flow {quoted(flow)}, too", key="flows")


@rule(SchemePair, "warning", mirror="oauth-url-changed")
def oauth_url_changed(pair: SchemePair) -> Iterator[Change]:
    """Tokens are to be got or renewed (OAuth 2) at another URL.

    Callers who ask at the old one may get none, or such as are not taken. Answer at both for a while.
    """
    for old, new in _of_one_type(pair):
        for flow in sorted(old.flows.keys() & new.flows.keys()):
            was, is_ = old.flows[flow], new.flows[flow]
            for key in sorted(was.keys() | is_.keys()):
                if was.get(key) != is_.get(key):
                    urls = (quoted(urls[key]) if key in urls else "none" for urls in (is_, was))
                    yield pair.change(f"`{key}` of {pair.name} is {', was '.join(urls)}", key="flows")


@rule(SchemePair, "warning", mirror="scope-offered")
def scope_no_longer_offered(pair: SchemePair) -> Iterator[Change]:
    """A security scheme does not tell of a scope any more.

    Callers who ask for tokens with it may get none. Operations that needed it tell whether they still do.
    """
    for old, new in _of_one_type(pair):
        for scope in sorted(old.scopes - new.scopes):
            yield pair.change(f"{pair.name} does not have the scope {quoted(scope)} any more", key="flows")


@rule(SchemePair, "info", mirror="scope-no-longer-offered")
def scope_offered(pair: SchemePair) -> Iterator[Change]:
    """A security scheme tells of one more scope.

    Operations that need it tell so.
    """
    for old, new in _of_one_type(pair):
        for scope in sorted(new.scopes - old.scopes):
            yield pair.change(f"{pair.name} has the scope {quoted(scope)}, too", key="flows")


def _sides(pair: SecurityPair) -> tuple[Security, Security]:
    assert pair.both is not None  # operations have it on both sides, if only to say that they need nothing
    return pair.both


def _opened(pair: SecurityPair) -> tuple[bool, bool]:
    """Whether anybody was and is let in."""
    old, new = (not security.alternatives or {} in security.alternatives for security in _sides(pair))
    return old, new


def _is_lifted(pair: SecurityPair) -> bool:
    """Whether what let callers in does not matter any more."""
    return _opened(pair) == (False, True) and not any(_sides(pair)[1].alternatives)


def _alternatives(pair: SecurityPair) -> list[tuple[Alternative | None, Alternative | None]]:
    """What lets callers in, on both sides: the same schemes beside each other, then some and more of them."""
    before, after = ([a for a in security.alternatives if a] for security in _sides(pair))
    found: list[tuple[Alternative | None, Alternative | None]] = []
    alike: tuple[Callable[[Alternative, Alternative], bool], ...] = (
        lambda old, new: old == new,
        lambda old, new: old.keys() == new.keys(),
        lambda old, new: old.keys() < new.keys() or new.keys() < old.keys(),
    )
    for test in alike:
        for old in [*before]:
            new = next((new for new in after if test(old, new)), None)
            if new is not None:
                found.append((old, new))
                before.remove(old)
                after.remove(new)
    return [*found, *((old, None) for old in before), *((None, new) for new in after)]


def _scopes(pair: SecurityPair) -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
    """The scopes of each scheme that let callers in and still does."""
    for old, new in _alternatives(pair):
        if old and new:
            yield from ((name, old[name], new[name]) for name in sorted(old.keys() & new.keys()))


def _shown(alternative: Alternative) -> str:
    return " with ".join(quoted(name) for name in sorted(alternative))


def _of_one_type(pair: SchemePair) -> Iterator[tuple[Scheme, Scheme]]:
    """Both, where they are of one type: of another one, all else is another, too."""
    if pair.both and pair.both[0].kind == pair.both[1].kind:
        yield pair.both


def _said(pair: SchemePair, key: str, message: str) -> Iterator[Change]:
    """That ``key`` says something else."""
    for old, new in _of_one_type(pair):
        was, is_ = old.said.get(key, ""), new.said.get(key, "")
        if was != is_:
            yield pair.change(f"{pair.name} {message.format(quoted(is_), quoted(was))}", key=key)


RULES: tuple[Rule, ...] = (
    security_required,
    security_lifted,
    anonymous_calls_refused,
    anonymous_calls_allowed,
    security_alternative_removed,
    security_alternative_added,
    security_scheme_needed_too,
    security_scheme_no_longer_needed,
    scope_needed,
    scope_no_longer_needed,
    security_scheme_removed,
    security_scheme_added,
    security_scheme_renamed,
    security_scheme_type_changed,
    security_scheme_place_changed,
    security_scheme_key_name_changed,
    security_scheme_http_scheme_changed,
    open_id_connect_url_changed,
    oauth_flow_removed,
    oauth_flow_added,
    oauth_url_changed,
    scope_no_longer_offered,
    scope_offered,
)
