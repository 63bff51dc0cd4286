"""Every code of a finding: how grave it is, what it says, and what to do. ``docs/diagnostics.md`` is made from this table.

A test holds the table to the code: each entry is used, and each code that is used has an entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.errors import Level


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says, in one sentence, and the usual way out; a finding may have a better one of its own."""

    level: Level
    meaning: str
    remedy: str


def _codes(level: Level, *entries: tuple[str, str, str]) -> dict[str, Code]:
    return {code: Code(level, meaning, remedy) for code, meaning, remedy in entries}


_SKIP = "Change the document, or leave the operations that need it out: `skip` with a reason, or `--keep-going`."

FILES = _codes(
    "error",
    ("file-missing", "There is no file of that name.", "Check the path: it starts at the file that names it."),
    ("file-unreadable", "The file is there and cannot be read.", "Check its rights, and that it is a file."),
    ("not-a-file", "What is named is a folder, a pipe or a device.", "Name the file itself."),
    ("file-too-large", "The file is larger than any description.", "Split it, or take out data that nothing needs."),
    ("empty-file", "The file holds nothing.", "Write the document into it."),
    ("not-utf8", "The file is not text in UTF-8, or in UTF-16 with a mark.", "Save it as UTF-8."),
    ("not-a-mapping", "The document is not a mapping.", "Start it with keys, such as `openapi: 3.1.0`."),
    ("yaml-syntax", "The text is not YAML.", "Check quotes, brackets and indents around the place."),
    ("yaml-documents", "A second YAML document starts in the file.", "Keep one document, remove the `---` line."),
    ("yaml-key", "A mapping or a list stands as a key.", "Quote the key if it is text."),
    ("yaml-merge-key", "`<<` is not part of YAML 1.2.", "Write the merged keys out, or use `allOf`."),
    ("yaml-tag", "A tag is not part of YAML's core schema, or does not fit its value.", "Remove the tag."),
    (
        "yaml-alias",
        "An alias has no anchor before it, or stands inside its own.",
        "Use `$ref` for what refers to itself.",
    ),
    ("yaml-alias-bomb", "Aliases stand for more nodes than any document has.", "Use `$ref` for what is shared."),
    ("json-syntax", "The text is not JSON.", "Check quotes, commas and brackets around the place."),
    ("duplicate-key", "A key stands twice in one mapping.", "Remove or rename one of the two."),
    ("number-range", "JSON has no such number.", "Quote it if it is text."),
    ("nesting", "The document nests deeper than any stage could follow.", "Move the inner part to a component."),
    ("markdown-no-document", "No fence of the page holds a document.", "Put the document into a fence of its own."),
    ("markdown-open-fence", "A fence is never closed.", "Close it with as many marks as it was opened with."),
    ("markdown-several", "Several fences of the page hold a document.", "Keep one, or name a file with one."),
)

REFERENCES = _codes(
    "error",
    ("dangling-reference", "A `$ref` leads nowhere.", "Correct the pointer, or add what it names."),
    ("reference-cycle", "References lead only to each other.", "Put the object that is meant in place of one of them."),
    (
        "reference-fragment",
        "The fragment of a `$ref` is neither a JSON pointer nor an `$anchor`.",
        "Write it as `#/components/schemas/Name`.",
    ),
    ("reference-kind", "A `$ref` leads to an object of another kind.", "Correct the pointer."),
    (
        "lost-reference",
        "A `$ref` leads into a part that has no meaning where it stands.",
        "Give what is meant a name in `components`, and refer to that.",
    ),
    ("reference-chain", "References lead through too many others.", "Refer to the object itself."),
    ("reference-bomb", "References to what has no name make too many copies of it.", "Make the object a component."),
    ("reference-type", "A `$ref` leads to a value of the wrong kind.", "Correct the pointer."),
    ("network-reference", "A `$ref` names the network, which is never asked.", "Save a copy next to the spec."),
    ("outside-root", "A path leads out of the folder of the spec.", "Copy the file below that folder."),
)

OVERLAYS = _codes(
    "error",
    ("overlay-version", "The overlay's version is none that is known.", "Write `overlay: 1.1.0`, or 1.0.0."),
    ("overlay-field", "An overlay lacks a field, or has one of a wrong type, name or effect.", "Correct that field."),
    ("overlay-path", "A target is no JSONPath query of RFC 9535.", "Correct it where the message says."),
    ("overlay-target", "A target matches nothing.", "Correct it, or allow that with `--lenient-overlays`."),
    ("overlay-update", "A value cannot be merged with what the target selects.", "Remove the old value before."),
    ("overlay-copy", "What is to be copied is not one node.", "Name one node."),
    ("overlay-size", "Overlays look at, or write, more nodes than any document has.", "Name targets more closely."),
)

PAGES = _codes(
    "error",
    ("page-pointer", "A page names an operation of a document, and holds none.", "Name the document itself."),
    ("empty-index", "No page that an index names holds a document.", "Name the pages themselves."),
    (
        "pages-version",
        "Documents of versions that cannot be mixed stand in one `spec`.",
        "Convert them to one version.",
    ),
    (
        "pages-differ",
        "Components of one name mean different things in several documents.",
        "Mend the one that is wrong, rename one, or leave one out of `spec`.",
    ),
    ("pages-reference", "A `$ref` leads into an operation that several documents make.", "Make it a component."),
)

UPSTREAM = _codes(
    "error",
    ("no-revision", "Git knows no such revision.", "Name a commit, a tag or a branch."),
    ("git-missing", "Git is not installed.", "Install it, or name a file."),
    ("upstream-missing", "What a URL names was never fetched, or its copy is gone.", "Run `specloom update NAME`."),
    (
        "upstream-changed",
        "The copy of what a URL names is not the one that the lock tells of.",
        "Restore it from version control, or run `specloom update NAME`; changes belong into an overlay.",
    ),
    ("broken-lock", "`upstream/lock.json` is not what specloom wrote.", "Restore it, or delete it and update."),
    (
        "upstream-refused",
        "A URL, or where it redirects to, is one that is not asked: no https, no public address, a password in it.",
        "Name another, or say `--allow-http` or `--allow-private` if it is yours.",
    ),
    ("upstream-status", "The server answers with an error.", "Check the URL, or try again later."),
    ("upstream-broken", "The connection cannot be made, or broke.", "Try again: it goes on where it can."),
    ("upstream-slow", "The document did not arrive in time.", "Try again, or give it more time with `--timeout`."),
    ("upstream-large", "The document is larger than any, or an index names too many pages.", "Name a smaller one."),
    ("upstream-redirects", "The URL redirects too often.", "Name the URL that it leads to."),
    ("upstream-type", "What stands at the URL is no document.", "Name the document itself, not the page about it."),
    (
        "upstream-same-tag",
        "A document changed, and its entity tag did not.",
        "Compare both; to take the new one, delete its entry from `upstream/lock.json`.",
    ),
)

MEANING = _codes(
    "error",
    ("unsupported-version", "The version of OpenAPI cannot be read.", "Convert the document to a version that can."),
    ("wrong-type", "A value has the wrong JSON type.", "Write what the message asks for."),
    ("too-many-members", "A union has more members than Python's compilers take.", "Say what they have in common."),
    (
        "too-many-tags",
        "The operations have more tags than a client can have groups.",
        "Give several operations one tag.",
    ),
    ("too-many-classes", "Schemas make more classes than anybody reads.", "Name what is repeated under `components`."),
    ("invalid-path", "A key of `paths` is no path template.", "Write it as `/a/{name}`."),
    ("invalid-status", "A key of `responses` is no status code.", "Write `200`, `4XX` or `default`."),
    ("missing-name", "A parameter has no name.", "Give it the name that stands in the request."),
    ("invalid-method", "A key of `additionalOperations` is no method.", "Write a word, such as `COPY`."),
    ("duplicate-method", "A path has a method twice, told apart by capitals alone.", "Keep one of the two."),
    ("two-bodies", "An operation has two bodies.", "Make one schema of them, or declare all with `in: formData`."),
    ("unknown-type", "A schema has a type that JSON Schema does not know.", "Write one of the seven types."),
    ("nothing-left", "Errors take away every operation, so `--keep-going` has nothing to go on with.", "Mend one."),
    ("unsupported", "No output exists for this construct yet.", _SKIP),
    ("unsupported-schema", "No value fits the schema, so it has no Python type.", _SKIP),
    ("too-deep", "Schemas nest deeper than anybody means.", "Name a part in `components` and refer to that."),
)

SETTINGS = _codes(
    "error",
    ("config-key", "There is no such setting, or `spec` is missing.", "Correct the key; the README lists them all."),
    ("config-type", "A setting has the wrong type.", "Write what the message asks for."),
    ("config-value", "A setting has a value that it cannot have.", "Write one of those that the message names."),
    ("config-name", "The folder's name cannot be that of a Python package.", "Use letters, digits and underscores."),
    ("unused-entry", "An entry of the settings names nothing in the document.", "Correct it, or take it out."),
    (
        "pagination",
        "What `pagination` says of an operation does not fit its parameters or its answer.",
        "Name query parameters and properties as the document does, or write `false`.",
    ),
    (
        "ignore-entry",
        "An entry of the findings to ignore is not as it has to be.",
        "Write `rule` and `reason`, and `operation` or `message` where not all of the rule's findings are meant.",
    ),
    ("name-taken", "A name under `names` is reserved, or something else has it.", "Choose another name."),
)

WRITING = _codes(
    "error",
    ("broken-manifest", "`manifest.json` is not what specloom wrote.", "Restore it, or delete the generated folder."),
    ("foreign-file", "A file in the way was not generated by specloom.", "Move it out of the generated folder."),
    ("edited-file", "A generated file was edited.", "Move the edits into a module of your own, and delete the file."),
    ("output-path", "A generated file would have an impossible path.", "Rename what it is named after, under `names`."),
    ("output-not-a-folder", "A link or a file stands where the package goes.", "Move it away."),
    (
        "cache-not-ours",
        "The folder for what `serve` generates is somebody else's.",
        "Name another with XDG_CACHE_HOME.",
    ),
    ("no-formatter", "The formatter that the settings name is not installed.", "Install it, or name the other one."),
    ("integration-name", "An integration cannot have this name.", "Use letters, digits and underscores."),
    ("already-there", "Something of that name is there already.", "Choose another name, or move it away."),
    ("unexpected-file", "A file of the document cannot be copied into `spec/`.", "Make the folder by hand."),
    ("disk", "The disk said no.", "Check the path, its rights, and the space that is left."),
    (
        "memory",
        "The run needs more memory than there is.",
        "Leave operations out with `include`, or split the document.",
    ),
    ("internal", "A mistake of specloom's.", "Report it with the document that shows it."),
)

WARNINGS = _codes(
    "warning",
    ("missing-info", "`info` is missing.", "Add it with `title` and `version`."),
    ("empty-title", "The document has no title; its name stands in.", "Write one under `info`."),
    ("version", "`info.version` is missing or no string.", "Write it as a quoted string."),
    (
        "empty-servers",
        "`servers` is empty, so callers have to give a base URL.",
        "Name the server, or take the key out.",
    ),
    ("null-value", "A null where nothing may be null is read as left out.", "Take the key out."),
    ("old-required", "`required` is a word of the parent in this version; it is left out.", "List it in the parent."),
    (
        "authorization-api-key",
        "An API key named `Authorization` is read as a bearer token.",
        "Declare `http`, `bearer`.",
    ),
    (
        "query-in-path",
        "The query of a path has placeholders; they are read as query parameters.",
        "Declare them with `in: query`, and end the path before the question mark.",
    ),
    (
        "undeclared-security-scheme",
        "A security requirement names a scheme that is not declared; it is read as a bearer token.",
        "Declare it under `securitySchemes`, in an overlay if the document is not yours.",
    ),
    ("scheme-type", "A security scheme has a type that only resembles a valid one.", "Write the valid one."),
    ("body-required", "`required` is not said of a body that needs fields; it is read as true.", "Say it."),
    ("unfit-default", "A default does not fit its own schema and is left out.", "Correct the default or the schema."),
    (
        "not-enforced",
        "A keyword has no Python type: only the server checks it, in JSON bodies.",
        "Check it in your own code where that is not enough.",
    ),
    (
        "pattern-not-enforced",
        "A pattern has look-around: only the server checks it, in JSON bodies.",
        "Write it without, if it can be.",
    ),
    (
        "pattern-bounded",
        "A pattern looks around at every place, which takes time: long strings are refused.",
        "Give `maxLength`, or write it without.",
    ),
    ("misplaced-keyword", "A keyword of a schema stands among its properties; it is left out.", "Put it beside them."),
    ("reference-name", "A `$ref` leads nowhere; it is read as the component of that name.", "Write the pointer."),
    ("unknown-status", "A number under `responses` is no status of HTTP; that answer is left out.", "Correct it."),
    ("scheme-case", "A word of a security scheme has another case than it should.", "Write it as OpenAPI does."),
    ("security-text", "A security requirement is a text; it is read as the scheme's name.", "Write an object."),
    (
        "value-type",
        "A value is of another type than it should and says the same.",
        "Write it without the quotes, or with them.",
    ),
    ("media-type-left-out", "Another media type of the same body is generated.", "Nothing, if that one will do."),
    ("undeclared-path-parameter", "A placeholder of a path is not declared; it is read as text.", "Declare it."),
    (
        "unused-path-parameter",
        "A path parameter stands in no placeholder and is left out.",
        "Write the placeholder into the path.",
    ),
    ("parameter-style", "A style has no meaning in its place; the usual one is read.", "Write one that the place has."),
    (
        "duplicate-operation-id",
        "Two operations would be one method; the second is named after its path.",
        "Rename one of them, in the document or under `names`.",
    ),
    ("media-type", "An object cannot be written in the media types that are named; JSON is read.", "Name JSON."),
    ("contradictory-limits", "No value is within these limits; they are not checked.", "Correct one of them."),
    ("limit-not-enforced", "A limit is beyond what can be checked.", "Write one that a float can hold."),
    ("contradiction", "No value fits the schema.", "Correct what contradicts the rest of it."),
    ("enum-type", "Values of an `enum` are not of the type beside it.", "Write values of that type."),
    ("empty-enum", "An `enum` has no values and is left out.", "List the values, or take the key out."),
    ("empty-union", "A union has no members but itself and is left out.", "List its members, or take the key out."),
    ("empty-value", "An empty value of the wrong type is read as an empty one of the right type.", "Write that."),
    ("type-name", "A type of another language is read as the JSON type that it resembles.", "Write the JSON type."),
    ("dynamic-reference", "`$dynamicRef` is read as `$ref`.", "Write `$ref` where that is what is meant."),
    ("allof-cycle", "A schema includes itself through `allOf`; it adds nothing to itself.", "Take it out."),
    ("alias-of-itself", "A schema refers to itself and to nothing else.", "Write the schema that is meant."),
    ("mapping-name", "An entry of a discriminator leads nowhere; it is read as a schema's name.", "Write a reference."),
    ("reference-meant", "A `$ref` leads to an object of another kind; it is read as meant.", "Correct the pointer."),
    ("parameter-schema", "A parameter's schema is missing, or not under `schema`.", "Write it under `schema`."),
    ("parameter-place", "`in` has another case than it should.", "Write `path`, `query`, `header` or `cookie`."),
    ("path-slash", "A path has no slash in front; it is read with one.", "Write the slash."),
    ("method-case", "A method has another case than it should.", "Write it as the specification does."),
    ("unknown-method", "A key of a path item is no method and is left out.", "Take it out."),
    ("status-text", "A key of `responses` is a text; it is read as the status that it names.", "Write the number."),
    ("security-object", "`security` is an object; it is read as a list of one.", "Write a list."),
    ("server-text", "`servers` holds texts; they are read as URLs.", "Write objects with a `url`."),
    ("tag-text", "A tag is a text; it is read as its name.", "Write an object with a `name`."),
    ("text-for-list", "A text stands for a list; it is read as a list of one.", "Write a list."),
    ("discriminator-text", "A discriminator is a text; it is read as `propertyName`.", "Write an object."),
    ("items-alternatives", "A list of `items` without a type is read as alternatives.", "Write `anyOf`."),
    ("null-type", "The type of null is not in quotes; it is read as if it were.", "Quote it."),
    (
        "pages-union",
        "A method and path is documented in several ways; it takes and gives what any of them says.",
        "Nothing, if they are one operation.",
    ),
    (
        "pages-wording",
        "A component has other words in other pages; the most are taken.",
        "Nothing, if words matter not.",
    ),
    ("nested-tags", "`tags` holds lists; their entries are read as tags.", "Write one list of names."),
    ("overlay-unmatched", "The target of an overlay matches nothing.", "Correct the target, or take the action out."),
    ("overlay-idle", "An action of an overlay, or a part of it, changes nothing.", "Take it out."),
    (
        "operations-left-out",
        "A package was generated with `--keep-going`.",
        "Mend the document, or `skip` what is to stay out.",
    ),
)

HINTS = _codes(
    "note",
    ("union-of-itself", "A member of a union is the union itself; it adds nothing.", "Take it out."),
    ("overlay-extends", "An overlay is for another document.", "Nothing, where both are the same API."),
    ("left-out", "A construct changes nothing in what is generated yet.", "Nothing."),
    ("misplaced-reference", "A `$ref` stands where OpenAPI has none; its target is written out.", "Nothing."),
)

SECTIONS: Mapping[str, Mapping[str, Code]] = {
    "Files": FILES,
    "References": REFERENCES,
    "Several documents": PAGES,
    "Sources": UPSTREAM,
    "Overlays": OVERLAYS,
    "What the document means": MEANING,
    "Settings": SETTINGS,
    "Writing": WRITING,
    "Warnings": WARNINGS,
    "Notes": HINTS,
}

CODES: Mapping[str, Code] = {code: known for section in SECTIONS.values() for code, known in section.items()}
"""Every code, by its name."""


def level_of(code: str) -> Level:
    """How grave a finding is that costs no operation: a note where nothing is lost, else a warning."""
    return "note" if code in HINTS else "warning"


def page() -> str:
    """``docs/diagnostics.md``."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterable[str]:
    yield "# Diagnostics"
    yield ""
    yield "Every finding has a level, a code that stays the same, a place (file, line, column, JSON pointer), the lines of the"
    yield "source around it, and what to do. An *error* refuses the run, or with `--keep-going` the operations that need the place."
    yield "A *warning* tells that something is not as the document says. A *note* tells of what costs nothing: notes are counted,"
    yield "and shown with `-v`. `--format json` and `--format github` hold all of them."
    for title, section in SECTIONS.items():
        yield from ("", f"## {title}", "", "| code | says | what to do |", "|---|---|---|")
        yield from (f"| `{code}` | {known.meaning} | {known.remedy} |" for code, known in sorted(section.items()))
