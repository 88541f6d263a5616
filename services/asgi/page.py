"""A page for people that tells what a service offers, with a line for each call to try.

Everything on it comes from the OpenAPI document; no other host is asked for anything.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

import msgspec

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1d2733;background:#fff}
h2{margin:2rem 0 .25rem;font-size:1.1rem}code,pre{font:14px/1.45 ui-monospace,monospace}
pre{background:#f3f5f7;padding:.75rem;white-space:pre-wrap;overflow-wrap:anywhere;border-radius:6px}b{color:#0b5cad}
table{border-collapse:collapse}td{padding:.1rem .75rem .1rem 0;vertical-align:top}
@media(prefers-color-scheme:dark){body{color:#dde3ea;background:#12181f}pre{background:#1c242d}b{color:#7db8f5}}
"""


def page(document: Mapping[str, Any], url: str) -> str:
    """HTML; `url` is where the service is reached."""
    info = document["info"]
    parts = [
        _operation(method.upper(), path, operation, url)
        for path, at in document["paths"].items()
        for method, operation in at.items()
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{escape(info['title'])}</h1><p>{escape(info['description'])} "
        f'The same for machines: <a href="openapi.json">openapi.json</a>.</p>{"".join(parts)}'
    )


def _operation(method: str, path: str, operation: Mapping[str, Any], url: str) -> str:
    rows = [
        (f"{each['name']} ({each['in']})", each["description"]) for each in operation.get("parameters", ())
    ]
    rows += [(status, answer["description"]) for status, answer in operation["responses"].items()]
    table = "".join(f"<tr><td><code>{escape(name)}</code><td>{escape(about)}" for name, about in rows)
    return (
        f"<h2><b>{method}</b> <code>{escape(path)}</code></h2><p>{escape(operation['summary'])}</p>"
        f"<pre>{escape(_curl(method, url + path, operation))}</pre><table>{table}</table>"
    )


def _curl(method: str, url: str, operation: Mapping[str, Any]) -> str:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    key = " -H 'Authorization: Bearer KEY'" if "security" in operation else ""
    if not body:
        return f"curl{key} '{url}'"
    text = msgspec.json.encode(body.get("example", {})).decode().replace("'", r"'\''")
    return f"curl{key} -H 'Content-Type: application/json' -d '{text}' '{url}'"
