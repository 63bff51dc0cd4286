"""Models: classes and named types by what code imports, attributes by what code reads and gives."""

from __future__ import annotations

from collections.abc import Iterator

from generator import ir
from generator.diff.findings import Change, Rule, rule
from generator.diff.source.pairs import AttributePair, AttributeUse, ModelPair, Sent

# -- models -----------------------------------------------------------------------------------------------------------


@rule(ModelPair, "breaking", kind="source", mirror="model-added")
def model_removed(pair: ModelPair) -> Iterator[Change]:
    """A model is gone.

    Code that imports it fails at the import. Keep the schema in the document, deprecated, for as long as code speaks of it.
    """
    if pair.new is None:
        yield pair.change(f"the model {pair.name} is gone")


@rule(ModelPair, "info", kind="source", mirror="model-removed")
def model_added(pair: ModelPair) -> Iterator[Change]:
    """There is a new model.

    No code knows it yet.
    """
    if pair.old is None:
        yield pair.change(f"the model {pair.name} is new")


@rule(ModelPair, "breaking", kind="source", mirror="model-renamed")
def model_renamed(pair: ModelPair) -> Iterator[Change]:
    """A model has another name.

    Code that imports it by its old name fails at the import. `names` in the settings of the integration gives it the old
    name back.
    """
    if pair.both and pair.both[0].name != pair.both[1].name:
        yield pair.change(f"the model {pair.name} was called `{pair.both[0].name}`")


@rule(ModelPair, "warning", kind="source", mirror="model-moved")
def model_moved(pair: ModelPair) -> Iterator[Change]:
    """A model stands in another module.

    Code that imports it from `models` goes on; code that imports it from the module fails at the import. A model moves to
    `shared` as soon as operations of a second group use it.
    """
    if pair.both and pair.modules[0] != pair.modules[1]:
        yield pair.change(
            f"the model {pair.name} is in `models.{pair.modules[1]}` now, was in `models.{pair.modules[0]}`"
        )


@rule(ModelPair, "breaking", kind="source", mirror="model-became-class")
def model_became_named_type(pair: ModelPair) -> Iterator[Change]:
    """A class became a name for another type: a union, a list, a map or listed values.

    Code that makes one by calling the class, or asks for it with `isinstance`, fails. Keep the object, and give the other type
    a name of its own.
    """
    if isinstance(pair.old, ir.ObjectSchema) and isinstance(pair.new, ir.AliasSchema):
        yield pair.change(f"the model {pair.name} is no class any more, but a name for another type")


@rule(ModelPair, "breaking", kind="source", mirror="model-became-named-type")
def model_became_class(pair: ModelPair) -> Iterator[Change]:
    """A name for another type became a class.

    Code that gives or reads a value of that type where the class is declared now fails to type-check. Give the class a name of
    its own.
    """
    if isinstance(pair.old, ir.AliasSchema) and isinstance(pair.new, ir.ObjectSchema):
        yield pair.change(f"the model {pair.name} is a class now, was a name for another type")


# -- attributes -------------------------------------------------------------------------------------------------------


@rule(AttributePair, "breaking", kind="source", mirror="attribute-added")
def attribute_removed(pair: AttributePair) -> Iterator[Change]:
    """An attribute of a model, or a keyword argument that was one of a body, is gone.

    Code that reads it or gives it fails to type-check. Keep the property, deprecated.
    """
    if pair.new is None:
        yield pair.change(f"{pair.name} is gone")


@rule(AttributePair, "info", kind="source", mirror="attribute-removed")
def attribute_added(pair: AttributePair) -> Iterator[Change]:
    """A model has a new attribute, which nobody has to give.

    All code goes on.
    """
    if pair.old is None and not pair.asked:
        yield pair.change(f"{pair.name} is new")


@rule(AttributePair, "breaking", kind="source", mirror="attribute-renamed")
def attribute_renamed(pair: AttributePair) -> Iterator[Change]:
    """A property has another name in Python, though it has the same one on the wire.

    Another property or a model took its name. Code that reads or gives the old name fails to type-check, or means the other
    one without knowing. `names` in the settings of the integration gives it the old name back.
    """
    if pair.both and pair.both[0].name == pair.both[1].name and pair.both[0].py_name != pair.both[1].py_name:
        yield pair.change(f"{pair.name} was called `{pair.both[0].py_name}`: it is the property `{pair.both[1].name}`")


def _asked_for(pair: AttributeUse, direction: Sent) -> Iterator[Change]:
    if pair.direction == direction and pair.both and pair.must == (False, True):
        yield pair.change(f"{pair.name} has to be given now")


def _may_be_omitted(pair: AttributeUse, direction: Sent) -> Iterator[Change]:
    if pair.direction == direction and pair.both and pair.must == (True, False) and not pair.lacks:
        yield pair.change(f"{pair.name} may be left out now")


def _new_and_asked_for(pair: AttributeUse, direction: Sent) -> Iterator[Change]:
    if pair.direction == direction and pair.old is None and pair.must[1]:
        yield pair.change(f"{pair.name} is new, and has to be given")


_REMOVED = "a property that is taken away is attribute-removed, whether it had to be given or not"


@rule(AttributeUse, "breaking", kind="source", users="callers", direction="request", mirror="caller-may-omit-attribute")
def caller_has_to_give_attribute(pair: AttributeUse) -> Iterator[Change]:
    """What callers could leave out has to be given.

    Calls that leave it out, as a keyword argument or of a model that they make, fail to type-check. Leave it optional, and say
    what its absence means.
    """
    yield from _asked_for(pair, "request")


@rule(AttributeUse, "info", kind="source", users="callers", direction="request", mirror="caller-has-to-give-attribute")
def caller_may_omit_attribute(pair: AttributeUse) -> Iterator[Change]:
    """What callers had to give may be left out, and handlers find no None where it is.

    All code goes on.
    """
    yield from _may_be_omitted(pair, "request")


@rule(AttributeUse, "breaking", kind="source", users="callers", direction="request", mirror=_REMOVED)
def caller_has_to_give_new_attribute(pair: AttributeUse) -> Iterator[Change]:
    """There is a new attribute that callers have to give.

    All calls fail to type-check until they do. Make it optional, or give it a default.
    """
    yield from _new_and_asked_for(pair, "request")


@rule(
    AttributeUse, "breaking", kind="source", users="handlers", direction="response", mirror="handler-may-omit-attribute"
)
def handler_has_to_give_attribute(pair: AttributeUse) -> Iterator[Change]:
    """What handlers could leave out of an answer has to be given.

    Handlers that leave it out of a model that they make fail to type-check, and fail when they make it. Callers go on.
    """
    yield from _asked_for(pair, "response")


@rule(
    AttributeUse, "info", kind="source", users="handlers", direction="response", mirror="handler-has-to-give-attribute"
)
def handler_may_omit_attribute(pair: AttributeUse) -> Iterator[Change]:
    """What handlers had to give may be left out of an answer, and callers find no None where it is.

    All code goes on.
    """
    yield from _may_be_omitted(pair, "response")


@rule(AttributeUse, "breaking", kind="source", users="handlers", direction="response", mirror=_REMOVED)
def handler_has_to_give_new_attribute(pair: AttributeUse) -> Iterator[Change]:
    """There is a new attribute that handlers have to give.

    Handlers that make the model fail to type-check until they do. Callers go on: for them the answer says more.
    """
    yield from _new_and_asked_for(pair, "response")


RULES: tuple[Rule, ...] = (
    model_removed,
    model_added,
    model_renamed,
    model_moved,
    model_became_named_type,
    model_became_class,
    attribute_removed,
    attribute_added,
    attribute_renamed,
    caller_has_to_give_attribute,
    caller_may_omit_attribute,
    caller_has_to_give_new_attribute,
    handler_has_to_give_attribute,
    handler_may_omit_attribute,
    handler_has_to_give_new_attribute,
)
