"""Tables for papers: every text is itself, whatever is in it, and pdflatex sets all of them."""

from __future__ import annotations

import re
import shutil
import subprocess

import msgspec
import pandas as pd
import pytest

from nstbench.report import build_report, markdown
from nstbench.report.latex import PACKAGES, label, table
from nstbench.report.latex_text import escape, inline, plain
from nstbench.report.markdown import table as markdown_table

pytestmark = pytest.mark.usefixtures("without_figures")

EVIL = "a|b_c $x^{ \\ `c` <script>&%#~\"'' --x [1] ,, é ﬀ ☃ 😀 中文 שלום * ] \\end{table} "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8.83e5 = 2.94e5 + 5.89e-2", r"$8.83\times10^{5}$ = $2.94\times10^{5}$ + $5.89\times10^{-2}$"),
        ("[1.00e1, 2.00e1]", r"{[}$1.00\times10^{1}$, $2.00\times10^{1}${]}"),
        ("ε 1e-08, 1e+16", r"$\varepsilon$ $1\times10^{-8}$, $1\times10^{16}$"),
        ("sha 12e5 1234e567890a 1.2.3e5 v8.83e5", "sha 12e5 1234e567890a 1.2.3e5 v8.83e5"),
        ("-0.123 and a-1 and 2.5e-3", r"$-$0.123 and a-1 and $2.5\times10^{-3}$"),
        ("L/L₀ × 10⁻³ · – † …", r"L/L\textsubscript{0} $\times$ 10\textsuperscript{$-$}\textsuperscript{3} "
         r"\textperiodcentered{} -- \textdagger{} \ldots{}"),
        ("α β₁ ↑", r"$\alpha$ $\beta$\textsubscript{1} $\uparrow$"),
        (r"50 % of $x_1 & #2 {a} ~ ^ \ ", r"50 \% of \$x\_1 \& \#2 \{a\} \textasciitilde{} \textasciicircum{} "
         r"\textbackslash{} "),
        ("--only ,,x ''y", "-{}-only ,{},x '{}'y"),
        ("naïve Łódź ½", "naïve Łódź ½"),
        ("e\u0301", "é"),
        ("go 😀", r"go {\ifdefined\Umathchar 😀\else[U+1F600]\fi}"),
        ("中文", r"{\ifdefined\Umathchar 中文\else[U+4E2D U+6587]\fi}"),
        ("a\0b", "ab"),
    ],
)  # fmt: skip
def test_text_shows_what_it_is(text, expected):
    assert escape(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**oom**<sup>a, c</sup>: at 31.2 GB", r"\textbf{oom}\textsuperscript{a, c}: at 31.2 GB"),
        ("*clipped*: `image_best.png`", r"\emph{clipped}: \texttt{image\_best.png}"),
        ("0.123 †", r"0.123 \textdagger{}"),
        (r"a\|b &lt;i&gt; \*x\*", r"a\textbar{}b \textless{}i\textgreater{} {*}x{*}"),
        ("<sup>a", r"\textsuperscript{a}"),
        ("a</sup><b>", r"a\textless{}/sup\textgreater{}\textless{}b\textgreater{}"),
        ("", ""),
    ],
)
def test_inline_markdown(text, expected):
    assert inline(text) == expected


def test_names_survive_the_way_through_markdown():
    for name in (EVIL, "_x_ __init__", "**", "</sup>", "![a](b)", "&amp;lt;", "1. x", "http://a.b/_c_", "\\[x\\]"):
        flat = " ".join(name.split())
        assert plain(markdown.inline(name)) == flat
        assert inline(markdown.inline(name)) == escape(flat)


FRAME = pd.DataFrame(
    {
        "layer set": ["1", "[2"],
        "vgg19 · torch · random:0 (untrained)": ["8.83e5 = 2.94e5 + 5.89e5 (0.0251)<sup>a</sup>", "**oom**"],
        "total": ["1,234", "–"],
    }
)


def test_a_table_is_a_whole_environment():
    text = table(FRAME, "the _losses_ of **a**", label("Losses", 1, "Ü ihc"), ["<sup>a</sup> *clipped*: x", "100 %"])
    assert text.startswith("\\begin{table}[htbp]\n") and text.endswith("\\end{table}\n")
    assert "\\caption{the \\emph{losses} of \\textbf{a}}\n  \\label{tab:losses-1-ihc}" in text
    assert "\\begin{tabular}{llr}" in text
    names = r"\begin{tabular}[b]{@{}l@{}}vgg19\\torch\\random:0 (untrained)\end{tabular}"
    assert f"\\toprule\n    layer set & {names} & total \\\\\n    \\midrule" in text
    assert "    {[}2 & \\textbf{oom} & -- \\\\\n    \\bottomrule" in text
    assert "\\textsuperscript{a} \\emph{clipped}: x\\par\n    100 \\%\\par" in text
    assert balanced(text)


def test_figures_are_those_of_the_markdown():
    rows = [line.split(" & ") for line in table(FRAME, "", "").splitlines() if line.endswith(r"\\")][1:]
    shown = [line.strip("| ").split(" | ") for line in markdown_table(FRAME).splitlines()[2:]]
    assert [[cell.strip() for cell in row] for row in shown] == FRAME.to_numpy().tolist()
    assert [len(row) for row in rows] == [3, 3]
    assert re.findall(r"\d\.\d\d", rows[0][1]) == re.findall(r"\d\.\d\d", FRAME.iloc[0, 1])


def test_wide_columns_are_broken_and_others_are_not():
    long = pd.DataFrame([["1", "word " * 60, "0.5"]], columns=["set", "a · " + "b" * 30, "value"])
    text = table(long, "", "")
    kind = re.search(r"\\begin\{tabular\}\{r>\{\\raggedright\\arraybackslash\}p\{([\d.]+)em\}r\}", text)
    assert kind and 30 < float(kind[1]) < 60
    assert f"a\\newline {'b' * 30}" in text


def test_an_empty_table():
    assert balanced(table(pd.DataFrame(columns=["a", "b"]), "nothing", "tab:x"))


def balanced(text):
    """Say whether braces, conditionals and environments close, and rows have as many cells as the head."""
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    rows = [line for line in text.splitlines() if line.startswith("    ") and line.endswith(r" \\")]
    cells = {len(re.findall(r"(?<!\\) & ", line)) for line in rows}
    begun, ended = re.findall(r"\\begin\{(\w+)\}", text), re.findall(r"\\end\{(\w+)\}", text)
    return (
        depth == 0 and len(cells) == 1 and sorted(begun) == sorted(ended) and text.count(r"\ifd") == text.count(r"\fi}")
    )


@pytest.fixture
def hostile(make_run, records):
    changes = {"content": EVIL, "style": f"$_{{ {EVIL}"}
    return make_run(
        [
            msgspec.structs.replace(
                each,
                **changes,
                label=EVIL[:30] + each.label,
                layer_set=f"[*{each.layer_set}",
                reason=each.reason and EVIL,
            )
            for each in records
        ],
        "hostile",
    )


def test_a_report_has_every_table_as_a_file(run, hostile):
    for folder in (run, hostile):
        build_report(folder.path)
        names = {path.name.split("-1-")[0] for path in folder.tables.iterdir()}
        assert names == {"layer-sets.tex", "settings.tex", "models.tex", "losses", "runtime", "similarity"}
        for path in folder.tables.iterdir():
            text = path.read_text(encoding="utf-8")
            assert text.startswith(f"% {PACKAGES}\n\\begin{{table}}") and balanced(text)
    assert "$8.83\\times10^{5}$ = $2.94\\times10^{5}$ + $5.89\\times10^{5}$" in run_table(run, "losses")
    assert "\\textbf{oom}: the process was ended" in run_table(run, "losses")
    assert "6.31 s (first step 2.12 s)" in run_table(run, "runtime")


def run_table(folder, name):
    (path,) = folder.tables.glob(f"{name}-*.tex")
    return path.read_text(encoding="utf-8")


def test_tables_of_an_earlier_report_go_and_others_stay(run):
    run.tables.mkdir()
    for name in ("losses-9-gone-x.tex", "runtime-1-2-a-b.tex", "referees.tex", "mine.tex", "losses.tex", "models.csv"):
        (run.tables / name).write_text("something")
    build_report(run.path)
    left = {path.name for path in run.tables.iterdir() if path.read_text() == "something"}
    assert left == {"mine.tex", "losses.tex", "models.csv"}


def test_a_run_without_records_has_no_tables(make_run):
    folder = make_run([])
    build_report(folder.path)
    assert not folder.tables.exists()


def lacks_latex():
    if not shutil.which("pdflatex") or not shutil.which("kpsewhich"):
        return True
    return subprocess.run(["kpsewhich", "booktabs.sty"], capture_output=True, check=False).returncode != 0


@pytest.mark.skipif(lacks_latex(), reason="needs pdflatex with booktabs (texlive-latex-recommended)")
def test_pdflatex_sets_all_tables(run, hostile):
    for folder in (run, hostile):
        build_report(folder.path)
        files = sorted(folder.tables.glob("*.tex"))
        body = "\n".join(f"\\input{{{path.name}}}" for path in files)
        whole = f"\\documentclass{{article}}{PACKAGES}\\begin{{document}}\\listoftables\n{body}\n\\end{{document}}\n"
        (folder.tables / "all.tex").write_text(whole, encoding="utf-8")
        for _ in range(2):  # the list of tables is read in the second
            command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
            done = subprocess.run(command, cwd=folder.tables, capture_output=True, timeout=120, check=False)
            assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
        log = (folder.tables / "all.log").read_text(errors="replace")
        assert "Missing character" not in log and "undefined" not in log
