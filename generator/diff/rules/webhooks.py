"""Rules about what the API calls: webhooks and callbacks. Here it is the API that sends, and its users who answer."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import (
    CallbackPair,
    WebhookBodyPair,
    WebhookPair,
    WebhookParameterPair,
    WebhookResponsePair,
)
from generator.diff.wording import quoted


@rule(WebhookPair, "breaking", mirror="webhook-added")
def webhook_removed(pair: WebhookPair) -> Iterator[Change]:
    """A webhook is gone.

    Who waits for it is not called any more. Keep calling, and mark it `deprecated`, until nobody waits.
    """
    if pair.gone:
        yield pair.change(f"{pair.name} is gone")


@rule(WebhookPair, "info", mirror="webhook-removed")
def webhook_added(pair: WebhookPair) -> Iterator[Change]:
    """There is a webhook that was not there before.

    Who has not asked for it is not called.
    """
    if pair.added:
        yield pair.change(f"{pair.name} is new")


@rule(WebhookPair, "info", mirror="webhook-no-longer-deprecated")
def webhook_deprecated(pair: WebhookPair) -> Iterator[Change]:
    """A webhook is deprecated.

    It is still called. Who waits for it should be told what to wait for instead, and until when.
    """
    if pair.both and pair.both[1].deprecated and not pair.both[0].deprecated:
        yield pair.change(f"{pair.name} is deprecated now", key="deprecated")


@rule(WebhookPair, "info", mirror="webhook-deprecated")
def webhook_no_longer_deprecated(pair: WebhookPair) -> Iterator[Change]:
    """A webhook is not deprecated any more.

    Nobody has to do anything.
    """
    if pair.both and pair.both[0].deprecated and not pair.both[1].deprecated:
        yield pair.change(f"{pair.name} is not deprecated any more", key="deprecated")


@rule(WebhookParameterPair, "breaking", direction="response", mirror="webhook-parameter-added")
def webhook_parameter_removed(pair: WebhookParameterPair) -> Iterator[Change]:
    """A webhook or callback comes without one of its parameters or headers.

    Who reads it finds nothing. Keep sending it.
    """
    if pair.gone:
        yield pair.change(f"{pair.name} is gone")


@rule(WebhookParameterPair, "info", direction="response", mirror="webhook-parameter-removed")
def webhook_parameter_added(pair: WebhookParameterPair) -> Iterator[Change]:
    """A webhook or callback comes with one more parameter or header.

    Who does not look for it does not notice.
    """
    if pair.added:
        yield pair.change(f"{pair.name} is new")


@rule(WebhookParameterPair, "breaking", direction="response", mirror="webhook-parameter-became-required")
def webhook_parameter_became_optional(pair: WebhookParameterPair) -> Iterator[Change]:
    """A parameter or header that a webhook or callback always came with may be missing.

    Who reads it may find nothing. Keep sending it.
    """
    if pair.both and pair.both[0].required and not pair.both[1].required:
        yield pair.change(f"{pair.name} may be missing now", key="required")


@rule(WebhookParameterPair, "info", direction="response", mirror="webhook-parameter-became-optional")
def webhook_parameter_became_required(pair: WebhookParameterPair) -> Iterator[Change]:
    """A parameter or header of a webhook or callback that could be missing is always there.

    Who is ready not to find it need not be.
    """
    if pair.both and pair.both[1].required and not pair.both[0].required:
        yield pair.change(f"{pair.name} is always there now", key="required")


@rule(WebhookParameterPair, "breaking", direction="response", mirror="webhook-parameter-moved")
def webhook_parameter_moved(pair: WebhookParameterPair) -> Iterator[Change]:
    """A webhook or callback has a parameter in another place: in a header and no longer in the query, for example.

    Who looks for it in the old place finds nothing. Send it in both for a while.
    """
    if pair.both and pair.both[0].place != pair.both[1].place:
        yield pair.change(f"{pair.name} was a {pair.both[0].place} parameter", key="in")


@rule(WebhookBodyPair, "breaking", direction="response", mirror="webhook-body-added")
def webhook_body_removed(pair: WebhookBodyPair) -> Iterator[Change]:
    """A webhook or callback comes without a body.

    Who reads it finds nothing. Keep sending it.
    """
    if pair.gone:
        yield pair.change(f"{pair.name} is gone")


@rule(WebhookBodyPair, "info", direction="response", mirror="webhook-body-removed")
def webhook_body_added(pair: WebhookBodyPair) -> Iterator[Change]:
    """A webhook or callback that had no body has one.

    Who does not look for it does not notice.
    """
    if pair.added:
        yield pair.change(f"{pair.name} is new")


@rule(WebhookBodyPair, "breaking", direction="response", mirror="webhook-body-became-required")
def webhook_body_became_optional(pair: WebhookBodyPair) -> Iterator[Change]:
    """A body that a webhook or callback always had may be missing.

    Who reads it may find nothing. Keep sending it.
    """
    if pair.both and pair.both[0].required and not pair.both[1].required:
        yield pair.change(f"{pair.name} may be missing now", key="required")


@rule(WebhookBodyPair, "info", direction="response", mirror="webhook-body-became-optional")
def webhook_body_became_required(pair: WebhookBodyPair) -> Iterator[Change]:
    """A body of a webhook or callback that could be missing is always there.

    Who is ready not to find it need not be.
    """
    if pair.both and pair.both[1].required and not pair.both[0].required:
        yield pair.change(f"{pair.name} is always there now", key="required")


@rule(WebhookResponsePair, "breaking", direction="request", mirror="webhook-answer-added")
def webhook_answer_removed(pair: WebhookResponsePair) -> Iterator[Change]:
    """A webhook or callback may not be answered with a status any more.

    The API may take it for a mistake, and call again or give up. Keep taking it.
    """
    if pair.gone:
        yield pair.change(f"{pair.name} is not taken any more")


@rule(WebhookResponsePair, "info", direction="request", mirror="webhook-answer-removed")
def webhook_answer_added(pair: WebhookResponsePair) -> Iterator[Change]:
    """A webhook or callback may be answered with one more status.

    The others are taken as before.
    """
    if pair.added:
        yield pair.change(f"{pair.name} is taken, too")


@rule(WebhookResponsePair, "breaking", direction="request", mirror="webhook-answer-status-changed")
def webhook_answer_status_changed(pair: WebhookResponsePair) -> Iterator[Change]:
    """A webhook or callback is to be answered with another status.

    The API may take the old one for a mistake, and call again or give up. Keep taking it.
    """
    if pair.both and pair.both[0].status != pair.both[1].status:
        yield pair.change(f"{pair.name} had the status {pair.both[0].status}")


@rule(CallbackPair, "breaking", mirror="callback-added")
def callback_removed(pair: CallbackPair) -> Iterator[Change]:
    """An operation does not call back any more.

    Who waits for it is not called. Keep calling.
    """
    if pair.gone:
        yield pair.change(f"{pair.name} is gone")


@rule(CallbackPair, "info", mirror="callback-removed")
def callback_added(pair: CallbackPair) -> Iterator[Change]:
    """An operation calls back.

    Who does not say where is not called.
    """
    if pair.added:
        yield pair.change(f"{pair.name} is new")


@rule(CallbackPair, "breaking", mirror="callback-url-changed")
def callback_url_changed(pair: CallbackPair) -> Iterator[Change]:
    """An operation takes the URL that it calls back from another place, or calls another path at it.

    Who waits at the old one is not called. Call both for a while.
    """
    if pair.both and pair.both[0].path != pair.both[1].path:
        yield pair.change(f"{pair.name} goes to {quoted(pair.both[1].path)}, went to {quoted(pair.both[0].path)}")


RULES: tuple[Rule, ...] = (
    webhook_removed,
    webhook_added,
    webhook_deprecated,
    webhook_no_longer_deprecated,
    webhook_parameter_removed,
    webhook_parameter_added,
    webhook_parameter_became_optional,
    webhook_parameter_became_required,
    webhook_parameter_moved,
    webhook_body_removed,
    webhook_body_added,
    webhook_body_became_optional,
    webhook_body_became_required,
    webhook_answer_removed,
    webhook_answer_added,
    webhook_answer_status_changed,
    callback_removed,
    callback_added,
    callback_url_changed,
)
