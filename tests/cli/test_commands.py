from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

import nstbench as package
from nstbench.suite import packaged_suites
from nstbench.suite.tree import plain
from nstbench.suite.yaml import parse

SUITES = tuple(sorted(path.stem for path in (Path(__file__).parents[2] / "suites").glob("*.yaml")))
OF_THE_REPORT = ("report", "report-as-printed", "reproduction")


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nstbench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_version_of_the_module() -> None:
    done = process("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert package.__version__ in done.stdout


def test_the_installed_script() -> None:
    script = Path(sys.executable).with_name("nstbench")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, process("--version").stdout)


@pytest.mark.parametrize(
    "name", ["run", "plan", "report", "compare", "export", "plugins", "backbones", "verify", "init", "schema"]
)
def test_every_command_explains_itself(nstbench: Callable, name: str) -> None:
    ended = nstbench(name, "--help")
    assert ended.code == 0 and "Usage:" in ended.out


@pytest.mark.parametrize("line", ["", "frobnicate", "plan", "plan --frobnicate quickstart", "run quickstart --jobs 0"])
def test_a_wrong_command_line(nstbench: Callable, here: Path, line: str) -> None:
    ended = nstbench(*line.split())
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert not list(here.iterdir())


@pytest.mark.parametrize("name", SUITES)
def test_packaged_suites_by_name_from_anywhere(nstbench: Callable, here: Path, name: str) -> None:
    ended = nstbench("plan", name)
    assert ended.code == (2 if name in OF_THE_REPORT else 0)  # the report's pictures are not at hand
    assert f"run folder reports/{name}" in ended.out
    assert not list(here.iterdir())


def test_the_quickstart_is_all_new(nstbench: Callable) -> None:
    ended = nstbench("plan", "quickstart")
    assert "30 cells: 25 new, 5 skipped" in ended.out  # EfficientNet-Lite0 is for torch only
    assert "about " in ended.out and "GiB of memory" in ended.out
    assert "download" not in ended.out


def test_a_dry_run_is_the_plan(nstbench: Callable, here: Path) -> None:
    options = ("quickstart", "--only", "vgg19/torch", "--set", "iterations=3", "--out", "elsewhere")
    plan, dry = nstbench("plan", *options), nstbench("run", *options, "--dry-run")
    assert (plan.code, plan.out, plan.err) == (dry.code, dry.out, dry.err)
    assert "5 cells: 5 new; run folder elsewhere" in plan.out
    assert not list(here.iterdir())


def test_only_and_set_act_before_anything_is_looked_up(nstbench: Callable, write_suite: Callable) -> None:
    """What is left out need not be here, and what is replaced need not exist."""
    suite = write_suite(
        ('ihc: "skimage:immunohistochemistry"', "{ihc: skimage:immunohistochemistry, gone: no.png}"[1:-1]),
        ("random:0", "no-such-weights"),
    )
    assert nstbench("plan", suite).code == 2
    ended = nstbench("plan", suite, "--only", "chelsea/ihc", "--set", "backbones.vgg19.weights=random:1")
    assert ended.code == 0, ended.err
    assert "2 cells: 2 new" in ended.out


def test_init_writes_a_suite_that_plans(nstbench: Callable) -> None:
    ended = nstbench("init", "mine.yaml")
    assert ended.code == 0 and "nstbench run mine.yaml" in ended.out
    assert nstbench("plan", "mine.yaml").code == 0
    assert "#" in Path("mine.yaml").read_text()


def test_init_overwrites_nothing(nstbench: Callable, refused: Callable) -> None:
    Path("suite.yaml").write_text("mine")
    assert "suite.yaml exists" in refused("init")


def test_init_where_nothing_can_be_written(refused: Callable) -> None:
    Path("file").touch()
    assert "file/suite.yaml" in refused("init", "file/suite.yaml")


def test_the_schema_is_one_and_accepts_the_packaged_suites(nstbench: Callable) -> None:
    ended = nstbench("schema")
    assert ended.code == 0
    schema = json.loads(ended.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert nstbench("schema", "suite.schema.json").code == 0
    assert json.loads(Path("suite.schema.json").read_text()) == schema
    assert not jsonschema.Draft202012Validator(schema).is_valid({"name": "../x"})
    for path in packaged_suites().values():
        assert jsonschema.Draft202012Validator(schema).is_valid(plain(parse(path.read_text(), str)))


@pytest.mark.parametrize("name", ["vgg19", "resnet50"])
def test_backbones_show_layers_and_weights(nstbench: Callable, name: str) -> None:
    ended = nstbench("backbones", name)
    assert ended.code == 0
    for backend in ("torch", "tensorflow"):
        assert f"{name} on {backend}" in ended.out
    counts = {"vgg19": ["143,667,240"], "resnet50": ["25,636,712", "25,583,592", "53,120", "25,557,032"]}
    layers = {"vgg19": ["block5_conv4"], "resnet50": ["conv5_block3_3_bn", "conv2_block2_2_bn"]}
    for text in (*counts[name], *layers[name], "random:<seed>: here", "keras-imagenet"):
        assert text in ended.out


def test_all_backbones(nstbench: Callable) -> None:
    ended = nstbench("backbones")
    assert ended.code == 0
    found = {tuple(line.split()[:2]) for line in ended.out.splitlines()[1:]}
    assert {(name, backend) for name in ("resnet50", "vgg19") for backend in BACKENDS} <= found
    families = {name.partition(":")[0] for name, _ in found if ":" in name}
    assert {"keras", "torchvision"} <= families


BACKENDS = ("tensorflow", "torch")


def test_an_unknown_backbone(refused: Callable) -> None:
    assert "'vgg91'; did you mean 'vgg19'?" in refused("backbones", "vgg91")


@pytest.mark.parametrize("line", ["plan quickstart", "plugins --json", "schema", "backbones vgg19"])
def test_a_reader_that_leaves_early(line: str) -> None:
    """As ``| head -1`` does, only sooner: the pipe is closed before anything is written."""
    command = [sys.executable, "-m", "nstbench", *line.split()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        child.stdout.close()
        errors = child.stderr.read()
    assert errors == ""
    assert child.returncode == 141


def test_head() -> None:
    script = f"{sys.executable} -m nstbench plan quickstart | head -1"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("state")


def test_what_a_pipe_gets_is_plain(nstbench: Callable) -> None:
    for line in ("plan quickstart", "plugins", "backbones"):
        assert "\x1b" not in nstbench(*line.split()).out
    lines = nstbench("plan", "quickstart").out.splitlines()
    assert sum(line.startswith(("new ", "skipped ")) for line in lines) == 30  # one line for each cell, none folded


def test_ctrl_c(nstbench: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nstbench.execute.plan.load_catalogue", interrupt)
    ended = nstbench("plan", "quickstart")
    assert ended.code == 130
    assert "run again to go on" in ended.err and "Traceback" not in ended.err


def test_an_internal_error_is_one_line_unless_debug(nstbench: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("nstbench.execute.plan.load_catalogue", fail)
    ended = nstbench("plan", "quickstart")
    assert ended.code == 2 and "ZeroDivisionError: oh" in ended.err and "Traceback" not in ended.err
    with pytest.raises(ZeroDivisionError):
        nstbench("plan", "quickstart", "--debug")


def test_debug_shows_where_a_refusal_came_from(nstbench: Callable) -> None:
    from nstbench.errors import SuiteError

    with pytest.raises(SuiteError):
        nstbench("plan", "nowhere.yaml", "--debug")


def test_the_written_template_is_yaml(nstbench: Callable) -> None:
    nstbench("init")
    assert parse(Path("suite.yaml").read_text(), str)
