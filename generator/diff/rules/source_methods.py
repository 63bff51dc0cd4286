"""Methods: what callers call and handlers implement, with their arguments."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.source.annotations import NONE
from generator.diff.source.pairs import (
    ArgumentPair,
    ErrorPair,
    HandlerMethodPair,
    KeywordPair,
    MethodPair,
    NamespacePair,
    ReplyPair,
    SignaturePair,
    TwinPair,
)

from .source_types import text

# -- namespaces -------------------------------------------------------------------------------------------------------


@rule(NamespacePair, "breaking", kind="source", mirror="namespace-added")
def namespace_removed(pair: NamespacePair) -> Iterator[Change]:
    """A namespace is gone, with the Protocol of its handlers.

    Code that calls its methods or implements its Protocol fails at the import or to type-check. A namespace is a tag, or the
    first segment of the path.
    """
    if pair.old is not None and pair.new is None:
        methods = f"{pair.old.size} method{'s' if pair.old.size > 1 else ''}"
        yield pair.change(
            f"{pair.name} is gone, which had {methods}, and with it `{pair.old.group.class_name}Handlers`"
        )


@rule(NamespacePair, "info", kind="source", mirror="namespace-removed")
def namespace_added(pair: NamespacePair) -> Iterator[Change]:
    """There is a new namespace.

    No code knows it yet: what nobody implements is answered with 501.
    """
    if pair.old is None and pair.new is not None:
        yield pair.change(f"{pair.name} is new, with `{pair.new.group.class_name}Handlers`")


@rule(NamespacePair, "breaking", kind="source", mirror="namespace-renamed")
def namespace_renamed(pair: NamespacePair) -> Iterator[Change]:
    """A namespace has another name, and with it the Protocol of its handlers and its module of models.

    All code that uses it fails at the import or to type-check. `names` in the settings of the integration gives the tag its old
    name back.
    """
    if pair.both and pair.both[0].group.name != pair.both[1].group.name:
        was, is_ = (side.group for side in pair.both)
        yield pair.change(
            f"{pair.name} was called `client.{was.name}`, and `{is_.class_name}Handlers` `{was.class_name}Handlers`"
        )


# -- methods ----------------------------------------------------------------------------------------------------------


@rule(MethodPair, "breaking", kind="source", mirror="method-added")
def method_removed(pair: MethodPair) -> Iterator[Change]:
    """A method of the client is gone.

    Code that calls it fails to type-check; a handler that has it is not called any more.
    """
    if pair.new is None:
        yield pair.change(f"{pair.name} is gone")


@rule(MethodPair, "info", kind="source", mirror="method-removed")
def method_added(pair: MethodPair) -> Iterator[Change]:
    """The client has a new method.

    Nobody calls it yet.
    """
    if pair.old is None:
        yield pair.change(f"{pair.name} is new")


@rule(MethodPair, "breaking", kind="source", mirror="method-renamed")
def method_renamed(pair: MethodPair) -> Iterator[Change]:
    """A method has another name.

    Code that calls it fails to type-check, and a handler that has it under the old name is not called any more: the server
    answers 501. `names` in the settings of the integration gives it the old name back.
    """
    if pair.both and pair.both[0].name != pair.both[1].name and not pair.moved:
        yield pair.change(f"{pair.name} was called `{pair.both[0].name}`")


@rule(MethodPair, "breaking", kind="source", mirror="method-moved")
def method_moved(pair: MethodPair) -> Iterator[Change]:
    """A method stands in another namespace.

    Code that calls it fails to type-check, and a handler that implements it for the old namespace fails likewise. The first tag
    of an operation is its namespace: add new tags behind it.
    """
    if pair.both and pair.moved:
        yield pair.change(f"{pair.name} was `{pair.places[0]}`")


@rule(MethodPair, "breaking", kind="source", mirror="method-no-longer-streams")
def method_streams_now(pair: MethodPair) -> Iterator[Change]:
    """A method that gave an answer gives a stream of events.

    Code that calls or implements it fails to type-check. Keep the answer beside the stream: then both have a method.
    """
    if pair.both and pair.both[0].success is not None and pair.both[1].success is None:
        yield pair.change(f"{pair.name} gives a stream now, gave an answer")


@rule(MethodPair, "breaking", kind="source", mirror="method-streams-now")
def method_no_longer_streams(pair: MethodPair) -> Iterator[Change]:
    """A method that gave a stream of events gives an answer.

    Code that calls or implements it fails to type-check.
    """
    if pair.both and pair.both[0].success is None and pair.both[1].success is not None:
        yield pair.change(f"{pair.name} gives an answer now, gave a stream")


@rule(HandlerMethodPair, "warning", kind="source", users="handlers", mirror="handler-method-removed")
def handler_method_added(pair: HandlerMethodPair) -> Iterator[Change]:
    """Handlers are asked for one more method.

    A class that derives from the Protocol goes on, and the server answers 501 to that call. A class that only has the methods
    fails to type-check until it has this one.
    """
    if pair.old is None:
        yield pair.change(f"{pair.name} is new: calls are answered with 501 until somebody writes it")


@rule(HandlerMethodPair, "info", kind="source", users="handlers", mirror="handler-method-added")
def handler_method_removed(pair: HandlerMethodPair) -> Iterator[Change]:
    """Handlers are not asked for a method any more.

    A class that has it goes on; nobody calls it.
    """
    if pair.new is None:
        yield pair.change(f"{pair.name} is gone: nobody calls it any more")


@rule(ReplyPair, "info", kind="source", users="handlers", mirror="handler-reply-removed")
def handler_reply_added(pair: ReplyPair) -> Iterator[Change]:
    """A handler may answer with a `Reply`, since there are several statuses to choose from.

    Who answers with the value alone goes on.
    """
    if pair.replies == (False, True):
        yield pair.change(f"{pair.name} may answer with a `Reply` now")


@rule(ReplyPair, "breaking", kind="source", users="handlers", mirror="handler-reply-added")
def handler_reply_removed(pair: ReplyPair) -> Iterator[Change]:
    """A handler may not answer with a `Reply` any more, since there is but one status.

    Handlers that do fail to type-check: they answer with the value alone. Callers go on.
    """
    if pair.replies == (True, False):
        yield pair.change(f"{pair.name} may not answer with a `Reply` any more")


@rule(ErrorPair, "warning", kind="source", users="callers", mirror="error-model-changed")
def error_model_changed(pair: ErrorPair) -> Iterator[Change]:
    """An error arrives as another model.

    `StatusError.body` is declared as `object`, so no type checker finds the code that asks whether it is the old model.
    """
    if pair.types[0] != pair.types[1]:
        was, is_ = (text(type_) if type_ else "what its JSON says" for type_ in pair.types)
        yield pair.change(f"{pair.name} arrives as {is_}, was {was}")


# -- other methods of an operation ------------------------------------------------------------------------------------


def _kind(pair: TwinPair) -> str:
    return pair.kind.rpartition(" ")[2] if pair.kind.endswith(("stream", "pager")) else "body"


def _gone(pair: TwinPair, kind: str) -> Iterator[Change]:
    if pair.new is None and _kind(pair) == kind:
        yield pair.change(f"{pair.name} is gone; {pair.beside} is still there")


def _new(pair: TwinPair, kind: str) -> Iterator[Change]:
    if pair.old is None and _kind(pair) == kind:
        yield pair.change(f"{pair.name} is new beside {pair.beside}")


@rule(TwinPair, "breaking", kind="source", users="callers", mirror="stream-method-added")
def stream_method_removed(pair: TwinPair) -> Iterator[Change]:
    """The client has no method for an operation's stream any more.

    Code that calls it fails to type-check. The method that gives the answer at once is still there.
    """
    yield from _gone(pair, "stream")


@rule(TwinPair, "info", kind="source", users="callers", mirror="stream-method-removed")
def stream_method_added(pair: TwinPair) -> Iterator[Change]:
    """The client has a method for an operation's stream.

    Nobody calls it yet.
    """
    yield from _new(pair, "stream")


@rule(TwinPair, "breaking", kind="source", users="callers", mirror="pager-added")
def pager_removed(pair: TwinPair) -> Iterator[Change]:
    """The client has no method any more that walks through all pages.

    Code that calls it fails to type-check. Pages are found by names: `pagination` in the settings of the integration says how
    they follow each other where the names have changed.
    """
    yield from _gone(pair, "pager")


@rule(TwinPair, "info", kind="source", users="callers", mirror="pager-removed")
def pager_added(pair: TwinPair) -> Iterator[Change]:
    """The client has a method that walks through all pages.

    Nobody calls it yet.
    """
    yield from _new(pair, "pager")


@rule(TwinPair, "breaking", kind="source", users="callers", mirror="body-method-added")
def body_method_removed(pair: TwinPair) -> Iterator[Change]:
    """The client has no method any more that sends a body in another media type.

    Code that calls it fails to type-check. Send the body in the type that is left.
    """
    yield from _gone(pair, "body")


@rule(TwinPair, "info", kind="source", users="callers", mirror="body-method-removed")
def body_method_added(pair: TwinPair) -> Iterator[Change]:
    """The client has a method that sends a body in another media type.

    Nobody calls it yet.
    """
    yield from _new(pair, "body")


@rule(TwinPair, "breaking", kind="source", users="callers", mirror="twin-method-renamed")
def twin_method_renamed(pair: TwinPair) -> Iterator[Change]:
    """The method for the pages, the stream or another body of an operation has another name, though the operation's own has not.

    Another operation took its name. Code that calls the old one means that operation now. Give that operation another name
    with `names` in the settings of the integration.
    """
    if pair.both and pair.both[0].name != pair.both[1].name:
        yield pair.change(f"{pair.name} was called `{pair.both[0].name}`")


# -- arguments --------------------------------------------------------------------------------------------------------


@rule(ArgumentPair, "breaking", kind="source", mirror="handler-argument-added")
def argument_removed(pair: ArgumentPair) -> Iterator[Change]:
    """A method has lost an argument.

    Calls that give it fail to type-check, and so do handlers that ask for it.
    """
    if pair.new is None:
        yield pair.change(f"{pair.name} is gone")


@rule(ArgumentPair, "breaking", kind="source", users="handlers", mirror="argument-removed")
def handler_argument_added(pair: ArgumentPair) -> Iterator[Change]:
    """A method has a new argument that callers need not give.

    Handlers are called with it: until they take it, they fail to type-check, and every call fails. Callers go on.
    """
    if pair.old is None and pair.new is not None and not (pair.new.must and pair.called):
        yield pair.change(f"{pair.name} is new, which handlers are called with")


@rule(
    ArgumentPair,
    "breaking",
    kind="source",
    mirror="an argument that is taken away is argument-removed, whether it had to be given or not",
)
def required_argument_added(pair: ArgumentPair) -> Iterator[Change]:
    """A method has a new argument that callers have to give.

    All calls fail to type-check until they give it, and so do handlers until they take it. Make the parameter optional.
    """
    if pair.old is None and pair.new is not None and pair.new.must and pair.called:
        yield pair.change(f"{pair.name} is new, and has to be given")


@rule(ArgumentPair, "breaking", kind="source", mirror="argument-renamed")
def argument_renamed(pair: ArgumentPair) -> Iterator[Change]:
    """A parameter has another name in Python, though it has the same one on the wire.

    Calls that give the old name fail to type-check, and so do handlers that take it. `names` in the settings of the
    integration gives it the old name back.
    """
    if pair.both and pair.both[0].name != pair.both[1].name:
        yield pair.change(f"{pair.name} was called `{pair.both[0].name}`")


@rule(ArgumentPair, "breaking", kind="source", mirror="handler-argument-may-be-omitted")
def argument_has_to_be_given(pair: ArgumentPair) -> Iterator[Change]:
    """An argument that could be left out has to be given.

    Calls that leave it out fail to type-check. Handlers go on.
    """
    if pair.called and pair.both and (pair.both[0].must, pair.both[1].must) == (False, True):
        yield from () if pair.both[1].expanded else [pair.change(f"{pair.name} has to be given now")]


@rule(ArgumentPair, "breaking", kind="source", users="handlers", mirror="argument-has-to-be-given")
def handler_argument_may_be_omitted(pair: ArgumentPair) -> Iterator[Change]:
    """An argument that had to be given may be left out.

    Handlers are given None then: those that do not take it fail to type-check, and fail when it comes. Callers go on.
    """
    if pair.both and (pair.both[0].needed, pair.both[1].needed) == (True, False):
        yield pair.change(f"{pair.name} may be left out now, and is None for handlers then")


@rule(
    SignaturePair,
    "breaking",
    kind="source",
    users="handlers",
    mirror="made backwards, callers may give less: one of the rules caller-gives-... says what",
)
def handler_argument_widened(pair: SignaturePair) -> Iterator[Change]:
    """An argument may be of more types, or have more values, than before.

    Handlers repeat the annotation in their signature, which type checkers find too narrow until it has the new one, and are given
    what they were not written for. Callers go on.
    """
    gained = pair.gained | ({NONE} if pair.may_be_none else frozenset[str]())
    if gained and not pair.opens and pair.extent != ("type", "type"):
        yield pair.change(f"{pair.name} may be {text(gained)}, was {text(pair.old)}")


@rule(ArgumentPair, "breaking", kind="source", mirror="body-became-argument")
def body_became_keywords(pair: ArgumentPair) -> Iterator[Change]:
    """A body that was one argument is given field by field, as keyword arguments.

    Calls that give `body` fail to type-check. Handlers go on.
    """
    if pair.called and pair.both and (pair.both[0].expanded, pair.both[1].expanded) == (False, True):
        yield pair.change(f"{pair.name} is given field by field now, was one argument")


@rule(ArgumentPair, "breaking", kind="source", mirror="body-became-keywords")
def body_became_argument(pair: ArgumentPair) -> Iterator[Change]:
    """A body that was given field by field is one argument.

    Calls that give its fields fail to type-check. A body is one argument where it is no object, or may be left out although it
    has fields that may not. Handlers go on.
    """
    if pair.called and pair.both and (pair.both[0].expanded, pair.both[1].expanded) == (True, False):
        yield pair.change(f"{pair.name} is one argument now, was given field by field")


@rule(KeywordPair, "breaking", kind="source", users="callers", mirror="keyword-added")
def keyword_removed(pair: KeywordPair) -> Iterator[Change]:
    """A field of a body is no keyword argument any more, though the model still has it.

    Calls that give it fail to type-check. It is `readOnly` now, or what chooses between an answer and a stream, which have a
    method each.
    """
    if pair.new is None:
        yield pair.change(f"{pair.name} is no argument any more")


@rule(KeywordPair, "info", kind="source", users="callers", mirror="keyword-removed")
def keyword_added(pair: KeywordPair) -> Iterator[Change]:
    """A field of a body that the model had already is a keyword argument now.

    All code goes on.
    """
    if pair.old is None:
        yield pair.change(f"{pair.name} is an argument now")


RULES: tuple[Rule, ...] = (
    namespace_removed,
    namespace_added,
    namespace_renamed,
    method_removed,
    method_added,
    method_renamed,
    method_moved,
    method_streams_now,
    method_no_longer_streams,
    handler_method_added,
    handler_method_removed,
    handler_reply_added,
    handler_reply_removed,
    error_model_changed,
    stream_method_removed,
    stream_method_added,
    pager_removed,
    pager_added,
    body_method_removed,
    body_method_added,
    twin_method_renamed,
    argument_removed,
    handler_argument_added,
    required_argument_added,
    argument_renamed,
    argument_has_to_be_given,
    handler_argument_widened,
    handler_argument_may_be_omitted,
    body_became_keywords,
    body_became_argument,
    keyword_removed,
    keyword_added,
)
