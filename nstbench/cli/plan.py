"""``nstbench plan``: what would run, what is done, what cannot run and why."""

from __future__ import annotations

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nstbench.cli.console import make_console
from nstbench.cli.options import suite_options
from nstbench.execute.options import Options
from nstbench.execute.plan import Plan, PlannedCell, State, make_plan
from nstbench.suite import Suite

__all__ = ["plan_command", "print_plan"]

COLOURS = {State.DONE: "green", State.FAILED: "red", State.MISSING: "red", State.UNAVAILABLE: "yellow"}


@click.command("plan")
@suite_options
@click.pass_context
def plan_command(context: click.Context, suite: Suite, options: Options) -> None:
    """Show what `run` would do with SUITE, without importing a framework or running anything."""
    context.exit(print_plan(suite, options))


def print_plan(suite: Suite, options: Options) -> int:
    """Print the plan; return the exit code that a run would begin with: 2 if something is missing."""
    plan = make_plan(suite, options)
    console = make_console()
    console.print(_table(plan))
    _print_sums(console, plan)
    _print_judges(console, plan)
    for line in plan.downloads:
        console.print(f"to download: {escape(line)}")
    for line in plan.missing:
        console.print(f"missing: {escape(line)}", style="red")
    for problem in plan.catalogue.problems:
        console.print(escape(str(problem)), style="yellow")
    return 2 if plan.missing else 0


def _table(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("state", "cell (content/style/backbone/backend/weights/layer-set)", "device", "why"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "why")
    titles = plan.titles()
    for one in plan.cells:
        colour = COLOURS.get(one.state, "")
        state = f"[{colour}]{one.state}[/]" if colour else str(one.state)
        table.add_row(state, escape(titles[one.cell.id]), one.device, escape(_why(one)))
    return table


def _why(one: PlannedCell) -> str:
    return "see below" if one.state is State.MISSING else one.reason


def _print_sums(console: Console, plan: Plan) -> None:
    from nstbench.execute.estimate import estimate

    counts = ", ".join(f"{count} {state}" for state, count in plan.counts().items())
    console.print(f"\n{len(plan.cells)} cells: {counts}; run folder {escape(str(plan.folder.path))}")
    if not any(one.runs for one in plan.cells):
        return
    guess = estimate(plan)
    grounds = "from earlier runs on this machine" if guess.measured else "a guess: not all of it was run here before"
    unknown = f", {guess.unknown} cells not counted (their backbone announces no costs)" if guess.unknown else ""
    memory = f"{guess.memory_mb / 1024:.1f} GiB of memory per worker (a guess)"
    batched = f", up to {guess.batch} cells at once" if guess.batch > 1 else ""
    console.print(f"about {_duration(guess.seconds)} ({grounds}{unknown}), {memory}{batched}")


def _print_judges(console: Console, plan: Plan) -> None:
    """Say who will judge the pictures, and what of it is left."""
    from nstbench.referee.hearings import upcoming

    hearings = [one for one in upcoming(plan) if one.judge.label]
    for hearing in hearings:
        left = f"{len(hearing.cells)} pictures to judge" if hearing.cells else "every picture is judged"
        problem = f": cannot judge: {hearing.judge.problem}" if hearing.judge.problem else f": {left}"
        console.print(escape(f"referee {hearing.judge.title}{problem}"))
    if not hearings:
        console.print("referee: none")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
