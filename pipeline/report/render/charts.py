"""Charts as SVG and as text. Colours are CSS variables of the page, so that charts follow light, dark and print."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

Values = Sequence[float | None]

WIDTH, HEIGHT, MARGIN = 104, 22, 3
_BARS = "▁▂▃▄▅▆▇█"
_EARLIER, _CURRENT, _INK, _RULE = "#010101", "#020202", "#030303", "#040404"
_OUTER = re.compile(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>')
_VARIABLES = {_EARLIER: "var(--earlier)", _CURRENT: "var(--accent)", _INK: "var(--muted)", _RULE: "var(--rule)"}


def sparkline(values: Values) -> dict[str, Any]:
    """Lines and the last point of a small chart, scaled to its box; periods without a value leave a gap."""
    points = _scaled(values)
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "lines": [" ".join(f"{x:g},{y:g}" for x, y in run) for run in runs if len(run) > 1],
        "dots": [run[0] for run in runs if len(run) == 1 and run[0] != points[-1]],
        "last": points[-1] if points else None,
    }


def spark_text(values: Values) -> str:
    """The small chart as characters, for chat."""
    points = _scaled(values)
    steps = (HEIGHT - 2 * MARGIN) / (len(_BARS) - 1)
    return "".join(" " if point is None else _BARS[round((HEIGHT - MARGIN - point[1]) / steps)] for point in points)


def trend_chart(points: Sequence[dict[str, Any]], locale: dict[str, Any], number_format: str) -> str:
    """A line chart as SVG. points: place, label, value and series (earlier or current), in order."""
    import vl_convert

    spec = _trend_spec(points, number_format)
    svg = str(vl_convert.vegalite_to_svg(spec, vl_version="6.4", format_locale=locale))
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(f'"{colour}"', f'"{variable}"')
    return _OUTER.sub(r'<svg viewBox="\1" aria-hidden="true" focusable="false">', svg, count=1)


def _trend_spec(points: Sequence[dict[str, Any]], number_format: str) -> dict[str, Any]:
    labels = json.dumps([point["label"] for point in points], ensure_ascii=False)
    axis = {"labelColor": _INK, "labelFontSize": 11, "domainColor": _RULE, "tickColor": _RULE, "title": None}
    x_axis = {"grid": False, "labelAngle": 0, "tickCount": 5, "tickMinStep": 1, "labelFlush": True}
    y_axis = {"gridColor": _RULE, "domain": False, "ticks": False, "tickCount": 3, "format": number_format}
    places = {"domain": [0, len(points) - 1], "nice": False}
    colours = {"domain": ["earlier", "current"], "range": [_EARLIER, _CURRENT]}
    x = {"axis": axis | x_axis | {"labelExpr": f"{labels}[datum.value]"}, "scale": places}
    y = {"axis": axis | y_axis, "scale": {"zero": False, "nice": True}}
    return {
        "config": {"font": "sans-serif", "background": None, "view": {"stroke": None}},
        "width": 380,
        "height": 120,
        "padding": 4,
        "data": {"values": list(points)},
        "mark": {"type": "line", "strokeWidth": 1.75, "strokeJoin": "round", "invalid": "break-paths-show-domains"},
        "encoding": {
            "x": {"field": "place", "type": "quantitative"} | x,
            "y": {"field": "value", "type": "quantitative"} | y,
            "color": {"field": "series", "type": "nominal", "scale": colours, "legend": None},
        },
    }


def _scaled(values: Values) -> list[tuple[float, float] | None]:
    known = [value for value in values if value is not None]
    low = min(known, default=0.0)
    span = max(known, default=0.0) - low
    step, tall = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1), HEIGHT - 2 * MARGIN

    def place(number: int, value: float) -> tuple[float, float]:
        height = tall * (value - low) / span if span else tall / 2
        return round(MARGIN + number * step, 1), round(HEIGHT - MARGIN - height, 1)

    return [None if value is None else place(number, value) for number, value in enumerate(values)]
