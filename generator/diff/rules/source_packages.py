"""What stands around methods: the client's own arguments, credentials, and what packages give out."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.source.pairs import CredentialPair, PackagePair, ServerPair
from generator.targets.calls import default_url

_SERVERS = ("servers",)


@rule(CredentialPair, "breaking", kind="source", mirror="credential-added")
def credential_removed(pair: CredentialPair) -> Iterator[Change]:
    """A credential is gone.

    Code that gives it to `Client`, or reads it from `Credentials`, fails to type-check.
    """
    if pair.new is None:
        yield pair.change(f"the credential {pair.name} is gone, an argument of `Client` and a field of `Credentials`")


@rule(CredentialPair, "info", kind="source", mirror="credential-removed")
def credential_added(pair: CredentialPair) -> Iterator[Change]:
    """There is a new credential.

    `Client` takes it as an argument that may be left out, and `Credentials` may have it.
    """
    if pair.old is None:
        yield pair.change(f"the credential {pair.name} is new, an argument of `Client` and a field of `Credentials`")


@rule(CredentialPair, "breaking", kind="source", mirror="credential-renamed")
def credential_renamed(pair: CredentialPair) -> Iterator[Change]:
    """A credential has another name in Python, though the document calls it by the same one.

    Code that gives or reads the old name fails to type-check, or means the scheme that has it now.
    """
    if pair.both and pair.both[0].name == pair.both[1].name and pair.both[0].py_name != pair.both[1].py_name:
        yield pair.change(f"the credential {pair.name} was called `{pair.both[0].py_name}`")


@rule(CredentialPair, "breaking", kind="source", mirror="credential-type-changed")
def credential_type_changed(pair: CredentialPair) -> Iterator[Change]:
    """A credential is a user and a password now, or was one.

    `Client` takes a pair for such a credential and a string for any other, and `Credentials` has an object with both. Give the
    other scheme a name of its own.
    """
    if pair.both and (pair.both[0].kind == "basic") != (pair.both[1].kind == "basic"):
        words = ("a user and a password", "a string")
        was, is_ = (words[side.kind != "basic"] for side in pair.both)
        yield pair.change(f"the credential {pair.name} is {is_} now, was {was}")


@rule(ServerPair, "breaking", kind="source", users="handlers", mirror="authenticate-not-taken")
def authenticate_needed(pair: ServerPair) -> Iterator[Change]:
    """A server has to be told who may call.

    Code that makes the app or the router without `authenticate` fails to type-check and to start.
    """
    if (pair.old, pair.new) == (False, True):
        yield pair.change(f"`{pair.name}` has to be given `authenticate` now")


@rule(ServerPair, "breaking", kind="source", users="handlers", mirror="authenticate-needed")
def authenticate_not_taken(pair: ServerPair) -> Iterator[Change]:
    """A server asks for no credentials any more.

    Code that makes the app or the router with `authenticate` fails to type-check and to start; `Credentials` is gone with it.
    """
    if (pair.old, pair.new) == (True, False):
        yield pair.change(f"`{pair.name}` does not take `authenticate` any more")


@rule(PackagePair, "info", kind="source", users="callers", mirror="default-url-changed")
def default_url_changed(pair: PackagePair) -> Iterator[Change]:
    """Clients call another server by default.

    Code that says `base_url` goes on; other code calls the new server from now on.
    """
    was, is_ = default_url(pair.old), default_url(pair.new)
    if was and is_ and was != is_:
        yield pair.change(f"clients call `{is_}` by default, was `{was}`", at=_SERVERS)


@rule(PackagePair, "breaking", kind="source", mirror="base-url-may-be-omitted")
def base_url_has_to_be_given(pair: PackagePair) -> Iterator[Change]:
    """The document does not say where the API is any more.

    Code that makes a client without `base_url` fails to type-check.
    """
    if default_url(pair.old) and not default_url(pair.new):
        yield pair.change(f"`base_url` has to be given to `Client` now, was `{default_url(pair.old)}`", at=_SERVERS)


@rule(PackagePair, "info", kind="source", mirror="base-url-has-to-be-given")
def base_url_may_be_omitted(pair: PackagePair) -> Iterator[Change]:
    """The document says where the API is.

    Code that says `base_url` goes on.
    """
    if not default_url(pair.old) and default_url(pair.new):
        yield pair.change(f"`base_url` may be left out of `Client` now: it is `{default_url(pair.new)}`", at=_SERVERS)


@rule(PackagePair, "breaking", kind="source", mirror="webhooks-added")
def webhooks_removed(pair: PackagePair) -> Iterator[Change]:
    """The document has no webhooks any more, and the package `webhooks` is gone.

    Code that receives them fails at the import.
    """
    if pair.old.webhooks and not pair.new.webhooks:
        yield pair.change("`webhooks` is gone, and with it `WebhookHandlers` and `build_webhook_router`")


@rule(PackagePair, "info", kind="source", mirror="webhooks-removed")
def webhooks_added(pair: PackagePair) -> Iterator[Change]:
    """The document has webhooks, and there is a package `webhooks`.

    Nobody imports it yet.
    """
    if pair.new.webhooks and not pair.old.webhooks:
        yield pair.change("`webhooks` is new, with `WebhookHandlers` and `build_webhook_router`")


RULES: tuple[Rule, ...] = (
    credential_removed,
    credential_added,
    credential_renamed,
    credential_type_changed,
    authenticate_needed,
    authenticate_not_taken,
    default_url_changed,
    base_url_has_to_be_given,
    base_url_may_be_omitted,
    webhooks_removed,
    webhooks_added,
)
