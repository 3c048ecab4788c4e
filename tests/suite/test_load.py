from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from nstbench.errors import SuiteError
from nstbench.suite import check_names, expand, json_schema, load_suite, parse_suite, resolved, select, template
from nstbench.suite.tree import plain
from nstbench.suite.yaml import parse

SUITES = Path(__file__).parents[2] / "suites"
NAMES = tuple(sorted(path.stem for path in SUITES.glob("*.yaml")))


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the installed package of suites, in a working directory of its own."""
    found = tmp_path / "site" / "suites"
    shutil.copytree(SUITES, found)
    monkeypatch.setattr("nstbench.suite.load.packaged_suites", lambda: {p.stem: p for p in found.glob("*.yaml")})
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return found


def test_by_name(packaged: Path) -> None:
    assert load_suite("quickstart").path == packaged / "quickstart.yaml"
    Path("quickstart").mkdir()
    assert load_suite("quickstart").path == packaged / "quickstart.yaml"


def test_a_file_comes_before_a_name(packaged: Path, base: str) -> None:
    Path("report").write_text(base)
    assert load_suite("report").name == "small"


def test_missing(packaged: Path) -> None:
    with pytest.raises(SuiteError, match="no suite file 'quickstrat'; did you mean 'quickstart'"):
        load_suite("quickstrat")
    with pytest.raises(SuiteError, match=rf"no suite file 'z/z\.yaml'; known: {', '.join(NAMES)}"):
        load_suite("z/z.yaml")


def test_packaged_suites_are_found_without_import() -> None:
    code = (
        "import sys; from nstbench.suite import packaged_suites; packaged_suites();"
        "bad = {m.split('.')[0] for m in sys.modules} & {'numpy', 'pandas', 'torch', 'tensorflow', 'nstbench_suites'};"
        "sys.exit(f'imported {bad}' if bad else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=SUITES.parent)


def test_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="is a folder"):
        load_suite(tmp_path)
    with pytest.raises(SuiteError, match="not a regular file"):
        load_suite("/dev/zero")
    for name in ("a\0b", "x" * 5000):
        with pytest.raises(SuiteError):
            load_suite(name)


def test_unreadable(tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(base)

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SuiteError, match=r"x.yaml: the suite cannot be read \(Permission denied\)"):
        load_suite(path)


def test_folder_and_text(tmp_path: Path, base: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(base)
    suite = load_suite(str(path), ["seed=1"])
    assert (suite.folder, suite.text, suite.overrides) == (tmp_path, base, ("seed=1",))
    assert suite.place("images", "style", "ihc") == f"{path}:4"
    assert suite.place("seed") == "--set seed"


@pytest.mark.parametrize("name", ("report", "report-as-printed", "reproduction"))
def test_suites_of_the_report(name: str, catalogue: Any) -> None:
    suite = load_suite(SUITES / f"{name}.yaml")
    assert suite.name == name
    check_names(suite, catalogue)
    sets = {(cell.label, cell.backend, cell.layer_set) for cell in expand(suite, catalogue)}
    assert len(sets) == 2 * 2 * 5


def test_report(catalogue: Any) -> None:
    report, printed = (
        expand(load_suite(SUITES / f"{name}.yaml"), catalogue) for name in ("report", "report-as-printed")
    )
    assert len(report) == len(printed) == 4 * 2 * 2 * 5
    assert {cell.style for cell in report} == {"starry-night", "krishna", "pillars-of-creation", "the-scream"}
    weights = {(c.label, c.content_weight, c.style_weight) for c in report}
    assert weights == {("vgg19", 1e5, 1e-2), ("resnet50", 1.0, 1e5)}
    assert {(c.label, c.style_weight) for c in printed} == {("vgg19", 1e2), ("resnet50", 1e5)}
    cell = report[-1]
    assert (cell.image_size, cell.iterations, cell.init, cell.weights) == (512, 1000, "content", ("keras-imagenet",))
    adam = cell.optimizer
    assert (adam.learning_rate, adam.beta1, adam.beta2, adam.epsilon) == (5.0, 0.99, 0.999, 0.1)
    assert adam.epsilon_placement == "tensorflow"
    assert cell.style_layers[1:3] == ("conv3_block1_0_bn", "conv3_block1_0_conv")


def test_report_has_no_unchecked_address() -> None:
    spec = load_suite(SUITES / "report.yaml").spec
    for source in (*spec.images.content.values(), *spec.images.style.values()):
        assert not isinstance(source, str)
        assert source.title
        assert source.author
        assert source.license
        assert source.url is source.sha256 is None


def test_one_picture_of_the_report(catalogue: Any) -> None:
    overrides = ["backbones.vgg19.weights=keras-imagenet-8bit", "image_size=128", "iterations=20"]
    suite = load_suite(SUITES / "report.yaml", overrides)
    check_names(suite, catalogue)
    chosen = select(expand(suite, catalogue), "*starry-night/vgg19*")
    assert len(chosen) == 2 * 5
    assert {(cell.weights, cell.image_size, cell.iterations) for cell in chosen} == {
        (("keras-imagenet-8bit",), 128, 20)
    }


def test_template(catalogue: Any) -> None:
    suite = parse_suite(template(), Path("my-suite.yaml"))
    check_names(suite, catalogue)
    assert len(expand(suite, catalogue)) == 4


@pytest.mark.parametrize("name", NAMES)
def test_resolved_is_the_same_suite(name: str) -> None:
    label = next(iter(load_suite(SUITES / f"{name}.yaml").spec.backbones))
    suite = load_suite(SUITES / f"{name}.yaml", ["iterations=7", f"backbones.{label}.optimizer.beta1=0.5"])
    again = parse_suite(json.dumps(resolved(suite)), Path("run.json"))
    assert again.spec == suite.spec
    assert resolved(suite)["iterations"] == 7


@pytest.mark.parametrize("name", [*NAMES, "template"])
def test_schema_accepts(name: str) -> None:
    text = template() if name == "template" else (SUITES / f"{name}.yaml").read_text()
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(plain(parse(text, str)), json_schema())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("iteration", 5),
        ("iterations", "yes"),
        ("iterations", -1),
        ("image_size", 8),
        ("name", "a/b"),
        ("backbones", {}),
        ("backbones", {"vgg19": {"weight": "x"}}),
        ("optimizer", {"beta1": 1}),
        ("images", {"content": {}}),
    ],
)
def test_schema_refuses(key: str, value: object) -> None:
    good = plain(parse(template(), str))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, key: value}, json_schema())


def test_schema_describes() -> None:
    properties = json_schema()["$defs"]["SuiteSpec"]["properties"]
    described = [key for key, part in properties.items() if "description" in part or "$ref" in part]
    assert described == list(properties)
