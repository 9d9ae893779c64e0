"""The page that says what the API offers: made from the document, with nothing from elsewhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
STYLE = """\
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 56rem; padding: 0 1rem; }
section { border-top: 1px solid; margin-top: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid; padding: .3rem .6rem .3rem 0; text-align: start;
  vertical-align: top; overflow-wrap: anywhere; }
code { font-family: ui-monospace, monospace; }
@media (max-width: 30rem) { td, th { display: block; } }
"""


def page(document: Mapping[str, Any]) -> str:
    """Return the document as HTML. Every word of it is escaped."""
    title = escape(document["info"]["title"])
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title} API</title>"
            '<link rel="stylesheet" href="/api/docs.css"></head><body><main>',
            f"<h1>{title} API</h1><p>{escape(document['info']['description'])}</p>",
            "<p>A call carries <code>Authorization: Bearer &lt;token&gt;</code>; the operator "
            "makes a token with <code>coachbridge token PERSON --scope read --scope write</code>. "
            'For programs: <a href="/api/openapi.json">openapi.json</a>.</p>',
            *_operations(document["paths"]),
            "<h2>Shapes</h2>",
            *(_shape(*named) for named in sorted(document["components"]["schemas"].items())),
            "</main></body></html>",
        )
    )


def _operations(paths: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>Routes</h2>"
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield f"<section><h3><code>{method.upper()} /api{escape(path)}</code></h3>"
            yield f"<p>{escape(operation.get('description', ''))}</p>"
            rows = [
                (parameter["name"], parameter["in"], parameter.get("description", ""))
                for parameter in operation.get("parameters", ())
            ]
            if body := operation.get("requestBody"):
                rows.append(("body", "JSON", _name(_schema(body))))
            if rows:
                yield _table("Parameters", ("name", "where", "meaning"), rows)
            answers = [
                (status, answer["description"], _name(_schema(answer)))
                for status, answer in operation["responses"].items()
            ]
            yield _table("Answers", ("status", "meaning", "shape"), answers) + "</section>"


def _schema(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    for media in holder.get("content", {}).values():
        found: Mapping[str, Any] = media.get("schema", {})
        return found
    return {}


def _name(schema: Mapping[str, Any]) -> str:
    """Return a schema in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_name(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = str(schema.get("format") or schema.get("type", ""))
    return f"list of {_name(schema['items'])}" if schema.get("items") else kind


def _shape(name: str, schema: Mapping[str, Any]) -> str:
    told = f"<section><h3><code>{escape(name)}</code></h3>"
    told += f"<p>{escape(' '.join(str(schema.get('description', '')).split()))}</p>"
    rows = [
        (field, _name(of), str(of.get("description", "")))
        for field, of in schema.get("properties", {}).items()
    ]
    return (
        told + (_table("Fields", ("field", "is", "meaning"), rows) if rows else "") + "</section>"
    )


def _table(caption: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    cells = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row"><code>{escape(row[0])}</code></th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table><caption>{caption}</caption><thead><tr>{cells}</tr></thead>{lines}</table>"
