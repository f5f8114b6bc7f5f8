"""The growth of what a poll costs, drawn as SVG."""

from __future__ import annotations

from typing import Final

Growth = dict[str, list[tuple[int, float]]]
"""Points (ports or devices, CPU milliseconds a device) by "client, by axis"."""

_COLOURS: Final = ("#1f6feb", "#bf3989", "#1a7f37")
_WIDTH, _HEIGHT, _LEFT, _TOP = 360, 220, 60, 40
_HEAD: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
    'font-family="sans-serif" font-size="11">\n'
    '<rect width="{width}" height="{height}" fill="white"/>\n'
)


def drawn(grown: Growth) -> str:
    """Return a picture of both axes side by side; steps are even, whatever lies between them."""
    axes = list(dict.fromkeys(name.rpartition(", by ")[2] for name in grown))
    width = len(axes) * (_WIDTH + _LEFT + 20)
    height = _TOP + _HEIGHT + 40 + 16 * len(_COLOURS)
    parts = [_HEAD.format(width=width, height=height)]
    for place, axis in enumerate(axes):
        ours = {n.rpartition(", by ")[0]: p for n, p in grown.items() if n.endswith(f"by {axis}")}
        parts.append(f'<g transform="translate({place * (_WIDTH + _LEFT + 20) + _LEFT},{_TOP})">\n')
        parts += [_panel(axis, ours), "</g>\n"]
    return "".join([*parts, "</svg>\n"])


def _panel(axis: str, ours: Growth) -> str:
    most = max(cost for points in ours.values() for _, cost in points)
    ats = [at for at, _ in next(iter(ours.values()))]
    parts = [
        f'<text x="0" y="-18">CPU ms a device, by {axis}</text>\n',
        f'<path d="M0 0V{_HEIGHT}H{_WIDTH}" fill="none" stroke="black"/>\n',
    ]
    for step in range(5):
        y = _HEIGHT - step * _HEIGHT / 4
        parts.append(
            f'<text x="-6" y="{y + 4:.0f}" text-anchor="end">{most * step / 4:.2f}</text>\n'
        )
    for number, at in enumerate(ats):
        x = _across(number, len(ats))
        parts.append(f'<text x="{x}" y="{_HEIGHT + 16}" text-anchor="middle">{at:,}</text>\n')
    for number, (name, points) in enumerate(ours.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        corners = [
            f"{_across(n, len(ats))},{_HEIGHT - cost / most * _HEIGHT:.1f}"
            for n, (_, cost) in enumerate(points)
        ]
        y = _HEIGHT + 34 + 16 * number
        parts.append(f'<polyline points="{" ".join(corners)}" fill="none" stroke="{colour}"/>\n')
        parts.append(f'<text x="0" y="{y}" fill="{colour}">{name}</text>\n')
    return "".join(parts)


def _across(number: int, count: int) -> int:
    return 20 + number * (_WIDTH - 40) // max(1, count - 1)
