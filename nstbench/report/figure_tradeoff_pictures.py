"""What matched content SSIM looks like: of every network the picture nearest to each level, side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure

from nstbench.report.canvas import Canvas, Picture, read_picture, tile_size
from nstbench.report.numbers import similarity
from nstbench.report.pareto import Point
from nstbench.report.style import TICK
from nstbench.report.tradeoff_curves import Network, Panel
from nstbench.report.tradeoff_labels import ratio_text
from nstbench.report.tradeoff_levels import levels
from nstbench.results import RunFolder

__all__ = ["nearest", "pictures_figure", "shown_levels"]

_MOST = 5
_LEFT = 150
_HEAD = 24
_CAPTION = 34
_GAP = 10


def pictures_figure(folder: RunFolder, panels: Sequence[Panel], size: int) -> Figure | None:
    """Draw one image pair: networks down, levels across, content and style first; None if there is no picture.

    ``panels`` are the pair's, ``size`` the long side in px under which the inputs were stored.
    """
    at = shown_levels(levels(panels))
    points = {curve.network: curve.points for panel in panels for curve in panel.curves}
    chosen = {(network, level): nearest(own, level, at) for network, own in points.items() for level in at}
    pictures = {
        place: read_picture(folder.image(point.cells[0])) for place, point in chosen.items() if point and point.cells
    }
    if not any(picture is not None for picture in pictures.values()):
        return None
    names = (panels[0].content, panels[0].style)
    inputs = [read_picture(folder.input(name, size)) for name in names]
    tile = tile_size([*inputs, *pictures.values()])
    across, down = tile[0] + _GAP, tile[1] + _CAPTION
    canvas = Canvas(_LEFT + (len(at) + 1) * across, _HEAD + max(len(points), 2) * down)
    for index, (name, picture) in enumerate(zip(names, inputs, strict=True)):
        _input(canvas, (_LEFT, _HEAD + index * down, *tile), f"{('content', 'style')[index]}: {name}", picture)
    for column, level in enumerate(at, start=1):
        canvas.text(_LEFT + column * across + tile[0] // 2, 6, f"SSIM {level:g}", align="center")
        for row, network in enumerate(points):
            box = (_LEFT + column * across, _HEAD + row * down, *tile)
            _result(canvas, box, chosen[network, level], pictures.get((network, level)))
    for row, network in enumerate(points):
        canvas.text(8, _HEAD + row * down + tile[1] // 2, _lines(network), baseline="center")
    return canvas.figure


def shown_levels(at: Sequence[float]) -> list[float]:
    """Return at most five of the levels, spread over all of them, the most content first."""
    if len(at) <= _MOST:
        return sorted(at, reverse=True)
    places = [round(index * (len(at) - 1) / (_MOST - 1)) for index in range(_MOST)]
    return sorted((at[place] for place in places), reverse=True)


def nearest(points: Sequence[Point], level: float, at: Sequence[float]) -> Point | None:
    """Return the point nearest to a level in SSIM, None if it is nearer to another one of the levels ``at``."""
    if not points:
        return None
    point = min(points, key=lambda point: abs(point.ssim - level))
    return point if min(at, key=lambda other: abs(point.ssim - other)) == level else None


def _input(canvas: Canvas, box: tuple[int, int, int, int], name: str, picture: Picture | None) -> None:
    if picture is not None:
        canvas.picture(box, picture)
        caption = "\n".join(textwrap.wrap(name, max(box[2] // 6, 12), max_lines=2, placeholder=" …"))
        canvas.text(box[0] + box[2] // 2, box[1] + box[3] + 3, caption, size=TICK, align="center")


def _result(canvas: Canvas, box: tuple[int, int, int, int], point: Point | None, picture: Picture | None) -> None:
    if point is None or picture is None:
        canvas.grey(box, "no picture", "none of its pictures is near this SSIM" if point is None else "it is missing")
        return
    canvas.picture(box, picture)
    caption = f"SSIM {similarity(point.ssim)}\nratio {ratio_text(point.ratio)}"
    canvas.text(box[0] + box[2] // 2, box[1] + box[3] + 3, caption, size=TICK, align="center")


def _lines(network: Network) -> str:
    return "\n".join(line for part in network.name.split(" · ") for line in textwrap.wrap(part, 22))
