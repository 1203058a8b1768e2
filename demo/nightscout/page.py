"""Show the page at /: the newest treatments in a table."""

from collections.abc import Iterable
from datetime import datetime
import html

from .dates import read_date, stamp
from .documents import Document

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: light-dark(#666, #aaa); --ground: light-dark(#fff, #14171a);
  --ink: light-dark(#1c1f22, #e8eaec); --mark: light-dark(#0a6b8a, #6cc5e0); }
body { background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 68rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; margin: 0; } p { color: var(--soft); margin: .2rem 0 1.5rem; }
table { border-collapse: collapse; width: 100%; } th { color: var(--soft); font-weight: 500; text-align: left; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .7rem .4rem 0; vertical-align: top; }
td.amount { font-variant-numeric: tabular-nums; white-space: nowrap; } td.time { white-space: nowrap; }
td.kind { color: var(--mark); } td.notes { min-width: 10rem; overflow-wrap: break-word; }
@media (max-width: 40rem) { td.time, td.amount { white-space: normal; } .by { display: none; } }
"""
SCRIPT = """
for (const place of document.querySelectorAll("time")) {
  const moment = new Date(place.dateTime);
  place.textContent = moment.toLocaleString([], {dateStyle: "short", timeStyle: "medium"});
}
"""
AMOUNTS = (
    ("insulin", "U"),
    ("carbs", "g"),
    ("absolute", "U/h"),
    ("duration", "min"),
)


def page(
    *,
    name: str,
    version: str,
    counts: dict[str, int],
    treatments: Iterable[Document],
    now: datetime,
) -> str:
    """Return the page as HTML; it asks for itself again every 10 seconds."""
    held = ", ".join(f"{number} {kind}" for kind, number in counts.items() if number)
    rows = "".join(_row(treatment) for treatment in treatments)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{html.escape(name)}</title>
<meta http-equiv="refresh" content="10"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><style>{STYLE}</style></head>
<body><h1>{html.escape(name)}</h1>
<p>Simulated, as version {html.escape(version)}. {html.escape(held) or "Nothing yet"}. Seen {_time(stamp(now))}.</p>
<table><thead><tr><th>Time</th><th>Event</th><th>Amount</th><th>Notes</th><th class="by">Entered by</th></tr></thead>
<tbody>{rows}</tbody></table><script>{SCRIPT}</script></body></html>"""


def _row(treatment: Document) -> str:
    amounts = " · ".join(
        f"{round(treatment[name], 2):g} {unit}"
        for name, unit in AMOUNTS
        if isinstance(treatment.get(name), int | float)
    )
    cells = {
        "time": _time(str(treatment.get("created_at", ""))),
        "kind": _text(treatment.get("eventType", "")),
        "amount": html.escape(amounts),
        "notes": _text(treatment.get("notes") or treatment.get("reason") or ""),
        "by": _text(treatment.get("enteredBy", "")),
    }
    return f"<tr>{''.join(f'<td class="{kind}">{text}</td>' for kind, text in cells.items())}</tr>"


def _text(stored: object) -> str:
    """Show a text that was escaped when it was stored."""
    return html.escape(html.unescape(str(stored)))


def _time(created_at: str) -> str:
    moment = read_date(created_at)
    shown = f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""
    return f'<time datetime="{html.escape(created_at)}">{shown}</time>'
