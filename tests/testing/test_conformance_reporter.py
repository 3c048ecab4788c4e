"""Sound reporters pass the kit; one with a defect fails that check, and reads what to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest

from nstbench.plugin.descriptors import ReporterInfo
from nstbench.report import build, build_report
from nstbench.results import read_results
from nstbench.testing.conformance_job import CHECKS, Answer
from nstbench.testing.made_run import HOSTILE, MIXED, NOTHING_OK, NOTHING_RUN, made_run
from nstbench.testing.nonconforming import answer
from nstbench.testing.reporter_checks import REPORTER_CHECKS, ReporterBench, is_bitten

from .specimens import REPORTER, Install, fails, found

INFO = ReporterInfo("shown", "nst_tested.network:shown", files=("shown.html", "shown"))
PAGE = """
import json, os, random, sys, time
from html import escape
from pathlib import Path

LABEL = "label"

def shown(run):
    rows = run.results.to_dict("records")
    page = "".join(f"<p title='{escape(row[LABEL])}'>{escape(row[LABEL])}</p>" for row in rows)
    CODE
    return {"shown.html": "<!doctype html>" + page}
"""


def reporter(tested: Install, code: str = "pass") -> None:
    tested(REPORTER, PAGE.replace("CODE", code))


def test_a_sound_reporter(tested: Install) -> None:
    reporter(tested)
    one = found()
    assert {check: each.status for check, each in one.items()} == dict.fromkeys(
        [*CHECKS["plugin"], *CHECKS["reporters"]], "pass"
    )
    assert one["report"].subject == "reporter:shown"
    assert one["report"].message.startswith("1 file, ") and one["report"].message.endswith(": shown.html")
    assert one["empty"].message == "every cell has failed: shown.html; nothing has run yet: shown.html"


def test_a_reporter_that_ends_its_process(tested: Install) -> None:
    reporter(tested, "sys.exit(3)")
    fails("report", "ended with exit code 3", "raise an exception instead")


DEFECTS = {
    "raise KeyError('ssim')": ("report", "KeyError: 'ssim' (network.py, line 11)", "must not raise"),
    "return page": ("report", "returned str", "Return {file name: contents}"),
    "import timm": ("report", "imports timm", "a metric"),
    "return {}": ("report", "made no file", "Return {file: contents}"),
    "return {'shown.html': ''}": ("report", "shown.html is empty", "Leave out"),
    "return {'shown/a.txt': None}": ("report", "shown/a.txt is NoneType", "Return text, bytes, or a function"),
    "return {'other.html': page}": ("report", "'other.html', which is not among its own", "in `files`"),
    "return {'report.md': page}": ("report", "'report.md', which is not among its own", "in `files`"),
    "return {'../shown.html': page}": ("report", "'../shown.html'", "Parts of a name"),
    "run.folder.report.write_text(page)": ("report", "/run/report.md by itself", "return a function"),
    "(run.folder.path.parent / 'beside.html').write_text(page)": ("report", "/beside.html by itself", "Return {file"),
    "Path('here.html').write_text(page)": ("report", "changed here.html by itself", "Return {file"),
    "run.folder.image(rows[0]['cell']).unlink()": ("report", "image.png by itself", "Return {file"),
    "page = str(run.manifest.images)": ("report", "in shown.html", "html.escape"),
    "page = f'<p title=\"{escape(rows[-1][LABEL], quote=False)}\">'": ("report", "become markup", "quotes too"),
    "page = f'<script>{json.dumps(rows[-1][LABEL])}</script>'": ("report", "become markup", "script's JSON"),
    "page += str(random.random())": ("repeat", "another shown.html", "fixed seed"),
    "page += time.strftime('%X')": ("repeat", "another shown.html", "from the clock"),
    "page += str(run.results['total'].dropna().iloc[0])": ("empty", "every cell has failed", "nothing to show"),
    "page += rows[0][LABEL] and ''": ("empty", "nothing has run yet", "return {}"),
    "return {'shown.html': page}": ("empty", "shown.html is empty", "Leave out"),
}


@pytest.fixture
def answered(tested: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Answer]:
    """Return a function that checks a reporter with some code in it.

    Here and not in a process of the kit's, which takes seconds to start; without figures, which take longest.
    """
    (tmp_path / "site" / "timm.py").write_text("")
    (tmp_path / "bench").mkdir()
    monkeypatch.setattr(build, "sheets", lambda *_: [])
    monkeypatch.chdir(tmp_path)

    def call(code: str, check: str) -> Answer:
        reporter(tested, code)
        bench = ReporterBench.open(INFO, tmp_path / "bench")
        return answer(check, lambda: REPORTER_CHECKS[check](bench))

    yield call
    sys.modules.pop("timm", None)


@pytest.mark.parametrize("code", DEFECTS)
def test_a_reporter_with_a_defect(answered: Callable[[str, str], Answer], code: str) -> None:
    check, *texts = DEFECTS[code]
    one = answered(code, check)
    assert one.status == "fail", one
    assert [text for text in texts if text not in one.message] == [], one.message


def test_one_with_nothing_to_say_where_nothing_ran(answered: Callable[[str, str], Answer]) -> None:
    code = "if 'ok' not in set(run.results['status']): return {}"
    found = {check: answered(code, check) for check in ("report", "empty")}
    assert {each.status for each in found.values()} == {"pass"}
    assert found["empty"].message.endswith("nothing has run yet: no file")


def test_one_whose_libraries_are_not_here(tested: Install) -> None:
    tested(REPORTER.replace("files=", "requires=('not-there-at-all',), files="), PAGE.replace("CODE", "raise OSError"))
    one = found("report", "repeat", "empty")
    assert {(each.status, each.message) for each in one.values()} == {
        ("skip", "it needs not-there-at-all: pip install not-there-at-all")
    }


@pytest.mark.parametrize(
    "markup",
    [
        "<p>{}</p>",
        '<p title="{}">',
        "<p title='{}'>",
        "<svg><text>{}</text></svg>",
        "<title>{}</title>",
        "<script>const name = '{}'</script>",
    ],
)
def test_a_hostile_name_is_found_wherever_it_bites(markup: str) -> None:
    assert is_bitten(markup.format(HOSTILE).encode())
    assert not is_bitten(markup.format(escape(HOSTILE)).encode())


def test_a_hostile_name_is_found_in_a_script() -> None:
    script = "<script>const name = {}</script>"
    assert is_bitten(script.format(json.dumps(HOSTILE)).encode())
    assert not is_bitten(script.format(json.dumps(HOSTILE).replace("<", "\\u003c")).encode())


def test_the_run_that_is_made_has_everything_that_bites(tmp_path: Path) -> None:
    run = build_report(made_run(tmp_path / "mixed", MIXED).path)
    assert run.results["status"].tolist() == ["ok", "ok", "crashed", "ok"]
    cells = run.results["cell"]
    assert [run.folder.image(cell).exists() for cell in cells] == [True, False, False, True]
    assert [run.folder.trace(cell).exists() for cell in cells] == [True, True, False, True]
    assert run.results["label"].tolist()[-1] == HOSTILE and run.results["reason"][2].endswith(HOSTILE)
    assert run.manifest.images["astronaut"].title == HOSTILE
    assert len(run.figures) == 3 and len(run.table1) == 4
    assert read_results(made_run(tmp_path / "failed", NOTHING_OK).path)["status"].tolist() == ["crashed"] * 3
    waiting = build_report(made_run(tmp_path / "new", NOTHING_RUN).path)
    assert (len(waiting.results), len(waiting.manifest.cells)) == (0, 4)
