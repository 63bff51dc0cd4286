"""What schemathesis complains of and is left as it is: each a function, with the argument for it, as narrow as can be.

Each is asked about one failure of one kind, in the documents that it names. One that is not needed fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from schemathesis import Case, Response
from schemathesis.core import NotSet
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import RejectedPositiveData, UndefinedStatusCode, UseAfterFree

Predicate: TypeAlias = Callable[[Failure, Case, Response], bool]

_EXCLUSIONS: Final[dict[str, tuple[type[Failure], frozenset[str], Predicate]]] = {}

FORM: Final = "application/x-www-form-urlencoded"


def excluded(kind: type[Failure], *documents: str) -> Callable[[Predicate], Predicate]:
    """Leaves out failures of the kind in these documents, where the function says so."""

    def add(predicate: Predicate) -> Predicate:
        _EXCLUSIONS[predicate.__name__] = (kind, frozenset(documents), predicate)
        return predicate

    return add


def exclusion_of(document: str, failure: Failure, case: Case, response: Response) -> str | None:
    """The name of the exclusion that a failure falls under."""
    for name, (kind, documents, predicate) in _EXCLUSIONS.items():
        if type(failure) is kind and document in documents and predicate(failure, case, response):
            return name
    return None


def exclusions_of(document: str) -> set[str]:
    """The names of those that speak of the document."""
    return {name for name, (_, documents, _) in _EXCLUSIONS.items() if document in documents}


def _declared(case: Case) -> Iterator[str]:
    yield from map(str, case.operation.responses.status_codes)


def _wrong(case: Case) -> list[ParameterLocation]:
    """Which parts of the request were meant to be wrong."""
    components = case.meta.components if case.meta is not None else {}
    return [location for location, component in components.items() if component.mode.is_negative]


# -- the documents ------------------------------------------------------------------------------------------------------


@excluded(UndefinedStatusCode, "apifox", "ollama")
def wrong_requests_where_only_good_answers_are_declared(_failure: Failure, case: Case, response: Response) -> bool:
    """The document says nothing of what may go wrong, and things go wrong nevertheless.

    What is wrong with a request is then answered as HTTP has it (RFC 9110, 15.5.1 and 15.5.16), in the shape that the
    OpenAI SDK reads. To answer 200 would be worse.
    """
    return response.status_code in (400, 415) and all(status[0] == "2" for status in _declared(case))


@excluded(RejectedPositiveData, "apifox")
def no_body_where_required_is_not_said(_failure: Failure, case: Case, _response: Response) -> bool:
    """`requestBody.required` is left out where the body has required fields: read as true, which `generate` warns of.

    It is false by the letter (OpenAPI 3.0.1, Request Body Object), and no page that leaves it out means that.
    """
    return isinstance(case.body, NotSet)


@excluded(UndefinedStatusCode, "museum")
def refused_credentials_where_401_is_not_declared(_failure: Failure, case: Case, response: Response) -> bool:
    """The document asks for credentials and does not say how they are refused: RFC 9110 does (15.5.2)."""
    return response.status_code == 401 and "401" not in _declared(case)


# -- what is served -----------------------------------------------------------------------------------------------------


@excluded(UseAfterFree, "museum", "petstore3", "train-travel")
def examples_remember_nothing(_failure: Failure, _case: Case, _response: Response) -> bool:
    """Every request is answered with an example; what was deleted is a thing that never was."""
    return True


@excluded(AcceptedNegativeData, "petstore3", "train-travel")
def xml_is_text(_failure: Failure, case: Case, _response: Response) -> bool:
    """A body in XML is given to the handler as the text that it is, which `generate` warns of: nobody reads it."""
    return case.media_type == "application/xml" and _wrong(case) == [ParameterLocation.BODY]


# -- forms --------------------------------------------------------------------------------------------------------------


@excluded(RejectedPositiveData, "petstore3")
def empty_lists_in_forms(_failure: Failure, case: Case, response: Response) -> bool:
    """A form has no way to say an empty list (RFC 6570, 2.3 calls it undefined): as sent, what is required is missing."""
    return (
        case.media_type == FORM
        and case.body.get("photoUrls") == []
        and b"photoUrls: Field required" in response.content
    )


@excluded(RejectedPositiveData, "petstore3")
def objects_within_lists_in_forms(_failure: Failure, case: Case, response: Response) -> bool:
    """How a form says a list of objects OpenAPI leaves open (3.0.4, 4.7.15.2); schemathesis sends their keys alone."""
    return (
        case.media_type == FORM and b"tags." in response.content and b"Input should be a valid dict" in response.content
    )


@excluded(AcceptedNegativeData, "petstore3")
def lists_of_one_in_forms(failure: Failure, case: Case, _response: Response) -> bool:
    """`photoUrls=AAA` is how a form says a list of one item: as sent, the text that was meant to be wrong is that."""
    meant = "in body - photoUrls: Incorrect type"
    return case.media_type == FORM and failure.message.endswith(meant) and not isinstance(case.body["photoUrls"], list)


@excluded(AcceptedNegativeData, "petstore3")
def booleans_in_forms(failure: Failure, case: Case, _response: Response) -> bool:
    """`complete=0` says false in forms: browsers and scripts write 0 and 1 as often as false and true."""
    meant = "in body - complete: Incorrect type"
    return case.media_type == FORM and failure.message.endswith(meant) and str(case.body["complete"]) in ("0", "1")
