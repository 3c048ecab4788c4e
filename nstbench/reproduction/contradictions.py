"""Where the report contradicts itself or the method it describes, each with the figures that say so."""

from __future__ import annotations

from collections.abc import Sequence

from nstbench.report.numbers import loss
from nstbench.reproduction.published import PRINTED_WEIGHTS, TABLE_1, TITLES
from nstbench.reproduction.stored import Ours, Run

__all__ = ["contradictions"]

_ROUNDED = 0.01
"""Three printed digits may be off by half a unit in the last place each."""


def contradictions(runs: Sequence[Run]) -> list[str]:
    """Return the findings as markdown paragraphs; those about our own runs only where these are stored."""
    return [
        *_style_weight(runs),
        *_content_formula(runs),
        *_sums(),
        _style_increases(),
        _content_share(),
        _affine_copies(),
        *_first_row(runs),
    ]


def _style_weight(runs: Sequence[Run]) -> list[str]:
    """Say what the printed style weight gives, where that control was run."""
    control = [one for run in runs if run.part.style_weight is not None for one in run.rows]
    if not control:
        return []
    one, printed = control[0], PRINTED_WEIGHTS["vgg19"].style
    last, theirs = one.course[-1], TABLE_1["vgg19"][one.row - 1]
    return [
        f"**The printed β of VGG19 (10² in the text) is not the one of Table 1.** With β = {printed:g}, row {one.row} "
        f"ends at a total of {loss(last.total)} after {len(one.course) - 1} iterations at {one.record.image_size} px, "
        f"{last.total / theirs.total:,.0f} times the printed {loss(theirs.total)}. β = 10⁻², the default of the code "
        f"the report builds on, gives the table above; a minus sign was lost."
    ]


def _content_formula(runs: Sequence[Run]) -> list[str]:
    """Compare the content loss as a mean and as the sum that the report's formula is."""
    rows = [one for run in runs if run.part.network == "vgg19" and run.part.style_weight is None for one in run.rows]
    last_rows = [one for one in rows if one.row == 5]
    if not last_rows:
        return []
    one = last_rows[0]
    count = _features(one)
    raw = one.course[-1].content / one.record.content_weight
    printed = TABLE_1["vgg19"][4].content / PRINTED_WEIGHTS["vgg19"].content
    return [
        "**The printed content formula is a sum; the numbers are means.** Printed content of row 5 divided by α is "
        f"{printed:.1f}. Here the mean of squared differences ends at {raw:.1f} and the sum, over the {count:,} "
        f"features of block5_conv2 at {one.record.image_size} px, at {loss(raw * count)}: printed as a sum, each "
        f"feature would differ by {(printed / count) ** 0.5:.3f} on average, which no picture that has taken on a "
        f"style can do."
    ]


def _features(one: Ours) -> int:
    """Count the features of block5_conv2: 512 channels after four poolings that halve and round down."""
    height, width = one.record.height or 0, one.record.width or 0
    return (height // 16) * (width // 16) * 512


def _sums() -> list[str]:
    lines = []
    for network, rows in TABLE_1.items():
        for number, row in enumerate(rows, start=1):
            added = row.style + row.content
            if abs(added - row.total) > _ROUNDED * row.total:
                figures = f"{row.style:g} + {row.content:g} = {added:g}, printed {row.total:g}"
                rest = "The other nine rows do, within their rounding."
                lines.append(f"**{TITLES[network]} row {number} does not add up.** {figures}. {rest}")
    return lines


def _style_increases() -> str:
    rows = TABLE_1["vgg19"]
    return (
        "**“As we add more and more style layers the style loss goes on increasing” is false from row 4 to row 5 of "
        f"VGG19**: {loss(rows[3].style)} falls to {loss(rows[4].style)}. The layers' losses are averaged (w = 1/L), "
        f"so a layer with a small loss lowers the average; rows with different layers are different objectives and "
        f"cannot be compared."
    )


def _content_share() -> str:
    shares = {network: [one.content / (one.style + one.content) for one in rows] for network, rows in TABLE_1.items()}
    return (
        "**The two networks sit at opposite ends of the trade-off, which confounds the conclusion.** Content's share "
        f"of the total is {_percent(shares['vgg19'])} for VGG19 and {_percent(shares['resnet50'])} for ResNet50 (rows "
        f"1–5), with α:β of {_proportion('vgg19')} and {_proportion('resnet50')} as printed. That VGG19's pictures "
        f"look better may be the weights' doing."
    )


def _affine_copies() -> str:
    rows = TABLE_1["resnet50"]
    return (
        "**Two of the five ResNet50 style layers are affine copies of each other.** conv3_block1_0_bn is "
        "conv3_block1_0_conv times a constant plus a constant, per channel (batch normalisation at inference). Adding "
        f"the second as row 3 changes the averaged style loss from {loss(rows[1].style)} to {loss(rows[2].style)}."
    )


def _first_row(runs: Sequence[Run]) -> list[str]:
    firsts = [(run, one) for run in runs if run.part.network == "vgg19" for one in run.rows if one.row == 1]
    head = (
        "**Row 1 is an optimisation that failed.** At the start only the style pulls, and weakly; one step later "
        "α·content outweighs it, every pixel moves by the learning rate, and momentum carries it on. "
    )
    printed = TABLE_1["vgg19"][0]
    tail = (
        f" The report's row 1, a style loss of {loss(printed.style)} under {loss(printed.content)} of content, is the "
        "same case."
    )
    return [head + " ".join(_first_row_of(*pair) for pair in firsts) + tail] if firsts else []


def _first_row_of(run: Run, one: Ours) -> str:
    start, (iteration, lowest) = one.course[0].total, one.lowest_after_start()
    peak = max(range(len(one.course)), key=lambda i: one.course[i].total)
    below = one.first_below_start()
    verdict = (
        f"never comes back below it (lowest {loss(lowest)}, at iteration {iteration})"
        if below is None
        else f"comes below it at iteration {below}"
    )
    return (
        f"{run.part.backend}, {run.part.image_size} px: the untouched content image has a total of {loss(start)}; the "
        f"optimiser goes up to {loss(one.course[peak].total)} at iteration {peak} and {verdict}."
    )


def _percent(shares: Sequence[float]) -> str:
    return " / ".join(f"{share:.1%}" for share in shares)


def _proportion(network: str) -> str:
    weights = PRINTED_WEIGHTS[network]
    return f"{weights.content / weights.style:g}"
