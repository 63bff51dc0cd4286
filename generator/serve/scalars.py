"""Strings and numbers that fit the keywords of a schema, as people would write them."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Final
from uuid import UUID

import rstr

from generator.tree import Json, JsonObject

from .pictures import DEFAULT_SIZE, png

_HUES: Final = ("amber", "cobalt", "copper", "coral", "ember", "hazel", "indigo", "maple", "saffron", "silver")
_THINGS: Final = ("anchor", "canyon", "delta", "harbor", "island", "lantern", "lighthouse", "meadow", "ocean", "river")
_EPOCH: Final = datetime(2025, 1, 1, tzinfo=UTC)
_LARGEST: Final = 10**300  # what floats nearly hold
_LONGEST: Final = 10_000
_LONGEST_PATTERN: Final = 1_000
_REPEATS: Final = re.compile(r"{\d*,?([1-9]\d*)}")


class Scalars:
    """Makes scalars; ``random`` chooses among those that fit."""

    def __init__(self, random: Random) -> None:
        self._random = random

    # -- strings ----------------------------------------------------------------------------------------------------

    def strings(self, schema: JsonObject, name: str) -> Iterator[str]:
        """Strings that may fit, the likeliest first; ``name`` is that of the property."""
        least, most = _size(schema.get("minLength"), 0), _size(schema.get("maxLength"), _LONGEST)
        if least > _LONGEST:
            return
        for text in (*self._meant(schema, name), *map(self._matching, schema.get("patterns", ()))):
            for fitted in dict.fromkeys([text, self._fitted(text, least, most)]):
                if least <= len(fitted) <= most:
                    yield fitted

    def _meant(self, schema: JsonObject, name: str) -> Iterator[str]:
        found = self._formatted(str(schema.get("format", "")))
        if schema.get("contentEncoding") == "base64" or schema.get("format") in ("byte", "base64"):
            found = base64.b64encode(self.words(2).encode()).decode()
        if name == "b64_json" or str(schema.get("contentMediaType", "")).startswith("image/"):
            found = base64.b64encode(png(DEFAULT_SIZE, self._random)).decode()
        if found:
            yield found
            return
        last = name.lower().rpartition("_")[2]
        if last in ("url", "uri") or name.endswith(("Url", "Uri", "URL")):
            yield f"https://example.com/{self._word()}"
        elif last == "id" or name.endswith("Id"):
            yield f"{name[:-2].rstrip('_').lower() or 'id'}_{self._random.getrandbits(48):012x}"
        yield self.words(1 if last in ("name", "model", "type", "object", "status", "role") else 3)

    def _formatted(self, format_: str) -> str:
        """What a format of JSON Schema (2020-12 Validation, 7.3) or OpenAPI's registry looks like; empty for others."""
        moment = self._moment()
        match format_:
            case "date-time":
                return moment.isoformat().replace("+00:00", "Z")
            case "date":
                return moment.date().isoformat()
            case "time":
                return moment.time().isoformat() + "Z"
            case "duration":
                return f"PT{self._random.randint(1, 48)}H"
            case "email" | "idn-email":
                return f"{self._word()}@example.com"
            case "hostname" | "idn-hostname":
                return f"{self._word()}.example.com"
            case "ipv4" | "ip":
                return f"192.0.2.{self._random.randint(1, 254)}"
            case "ipv6":
                return f"2001:db8::{self._random.randint(1, 0xFFFF):x}"
            case "uri" | "url" | "iri" | "uri-reference" | "iri-reference":
                return f"https://example.com/{self._word()}"
            case "uri-template":
                return f"https://example.com/{self._word()}/{{id}}"
            case "uuid":
                return str(UUID(int=self._random.getrandbits(128), version=4))
            case "json-pointer":
                return f"/{self._word()}"
            case "regex":
                return f"^{self._word()}$"
            case "decimal":
                return f"{self._random.randint(1, 999)}.{self._random.randint(0, 99):02}"
            case _:
                return ""

    def _moment(self) -> datetime:
        return _EPOCH + timedelta(seconds=self._random.randrange(365 * 86_400))

    def _word(self) -> str:
        return self._random.choice(_HUES + _THINGS)

    def words(self, count: int) -> str:
        """Some words with spaces between them."""
        return " ".join(self._word() for _ in range(count))

    def _fitted(self, text: str, least: int, most: int) -> str:
        while len(text) < least:
            text += (" " if text else "") + self._word()
        return text[:most].rstrip() if len(text[:most].rstrip()) >= least else text[:most]

    def _matching(self, pattern: str) -> str:
        """A string that the pattern matches as far as Python reads it; a validator says whether it does."""
        if len(pattern) > _LONGEST_PATTERN or math.prod(map(int, _REPEATS.findall(pattern))) > _LONGEST:
            return ""
        try:
            return rstr.Rstr(self._random).xeger(pattern)
        except (re.error, ValueError, LookupError, OverflowError, RecursionError):
            return ""

    # -- numbers ----------------------------------------------------------------------------------------------------

    def integer(self, schema: JsonObject, name: str) -> int | None:
        """An integer between the limits, None where there is none."""
        if not _limits(schema) and name.lower().endswith(("_at", "created", "timestamp")):
            return int(self._moment().timestamp())
        step = Fraction(str(schema.get("multipleOf", 1)))
        return self._multiple(schema, step * step.denominator if step.denominator > 1 else step)

    def number(self, schema: JsonObject) -> int | float | None:
        """A number between the limits, None where there is none."""
        steps = [schema["multipleOf"]] if "multipleOf" in schema else ["0.5", "0.01", "0.000001"]
        for step in steps:
            found = self._multiple(schema, Fraction(str(step)))
            if found is not None:
                return math.ceil(found) if found.denominator == 1 or abs(found) > _LARGEST else float(found)
        return None

    def _multiple(self, schema: JsonObject, step: Fraction) -> Json:
        low, high = _range(schema)
        first = math.ceil(low / step)
        last = math.floor(high / step)
        first += (
            Fraction(first) * step == low and "exclusiveMinimum" in schema and low == _exact(schema["exclusiveMinimum"])
        )
        last -= (
            Fraction(last) * step == high
            and "exclusiveMaximum" in schema
            and high == _exact(schema["exclusiveMaximum"])
        )
        if first > last:
            return None
        found = self._random.randint(first, last) * step
        return int(found) if found.denominator == 1 else found


def _limits(schema: JsonObject) -> bool:
    return any(key in schema for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"))


def _range(schema: JsonObject) -> tuple[Fraction, Fraction]:
    """Where to look for a number: between the limits, within a hundred of the one where the other is not said."""
    lows = [_exact(schema[key]) for key in ("minimum", "exclusiveMinimum") if key in schema]
    highs = [_exact(schema[key]) for key in ("maximum", "exclusiveMaximum") if key in schema]
    reach = max(Fraction(100), abs(Fraction(str(schema.get("multipleOf", 1)))))
    low = max(lows) if lows else min(Fraction(0), min(highs) - reach) if highs else Fraction(0)
    high = min(highs) if highs else low + reach
    return low, high


def _exact(number: Json) -> Fraction:
    return Fraction(Decimal(str(number)))


def _size(value: Json, otherwise: int) -> int:
    return int(value) if value is not None else otherwise
