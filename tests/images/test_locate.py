from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from nstbench.images import IMAGE_SUFFIXES, ImageSource, as_source, locate_image
from nstbench.images.decode import decode
from nstbench.images.locate import download_path
from nstbench.images.shipped import DOWNLOADED, SHIPPED, shipped_file


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_shipped_picture_is_the_one_of_scikit_image(name):
    import skimage.data
    from skimage.color import rgb2gray, rgba2rgb

    theirs = np.asarray(getattr(skimage.data, name)())
    with Image.open(shipped_file(name)) as image:
        ours = np.asarray(image)
    if theirs.ndim < ours.ndim:  # a colour file that scikit-image makes grey
        ours = rgb2gray(ours if ours.shape[2] == 3 else rgba2rgb(ours))
    if theirs.dtype == bool:  # and black and white
        ours = ours > 0.5
    np.testing.assert_allclose(ours.astype(float), theirs.astype(float), atol=1e-6)
    assert decode(shipped_file(name)).shape == (*theirs.shape[:2], 3)


def test_pictures_of_the_quickstart_keep_their_pixels():
    """They are tagged sRGB, which must change nothing."""
    for name in ("astronaut", "chelsea", "immunohistochemistry", "hubble_deep_field"):
        with Image.open(shipped_file(name)) as image:
            np.testing.assert_array_equal(decode(shipped_file(name)), np.asarray(image))


def test_pictures_that_are_not_shipped_exist_in_scikit_image():
    import skimage.data

    assert set(dir(skimage.data)) >= DOWNLOADED
    assert not DOWNLOADED & set(SHIPPED)


def test_nothing_heavy_is_imported(tmp_path):
    code = (
        "import sys; from pathlib import Path; from nstbench.images import ImageSource, locate_image;"
        "found = locate_image('a', ImageSource(skimage='astronaut'), Path('.'));"
        "assert found.path.name == 'astronaut.png', found;"
        "print([m for m in ('numpy', 'PIL', 'skimage', 'psutil', 'pooch', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@dataclass
class Struct:
    path: str | None = None
    url: str | None = None
    author: str | None = None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("skimage:cat", ImageSource(skimage="cat")),
        ("a/b.png", ImageSource(path="a/b.png")),
        ("https://example.org/a.png", ImageSource(url="https://example.org/a.png")),
        (Struct(path="a.png", author="Me"), ImageSource(path="a.png", author="Me")),
        (Struct(path="skimage:cat", author="Me"), ImageSource(skimage="cat", author="Me")),
        ({"url": "http://example.org/a", "sha256": "00"}, ImageSource(url="http://example.org/a", sha256="00")),
        (ImageSource(title="T"), ImageSource(title="T")),
    ],
)
def test_sources(value, expected):
    assert as_source(value) == expected


def test_skimage(tmp_path):
    found = locate_image("ihc", ImageSource(skimage="immunohistochemistry"), tmp_path)
    assert (found.origin, found.path.name, found.problem) == ("skimage", "ihc.png", None)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        ("astronout", ["did you mean 'astronaut'?"]),
        ("eagle", ["does not ship 'eagle'", "astronaut", "rocket"]),
        ("zzzzzz", ["no picture 'zzzzzz'", "astronaut"]),
        ("../../etc/passwd", ["no picture"]),
    ],
)
def test_unknown_skimage_pictures(tmp_path, picture, words):
    found = locate_image("style", ImageSource(skimage=picture), tmp_path)
    assert found.path is None
    assert not found.to_download
    assert found.problem.startswith("image style: ")
    assert found.problem.endswith("Put style.jpg into a folder and pass it with --images-dir.")
    for word in words:
        assert word in found.problem


@pytest.mark.parametrize("suffix", [*IMAGE_SUFFIXES, ".JPG"])
def test_images_dir_comes_first(tmp_path, suffix):
    (tmp_path / f"sea-link{suffix}").touch()
    for source in (ImageSource(skimage="cat"), ImageSource(path="other.png"), ImageSource(url="https://e.org/a.png")):
        found = locate_image("sea-link", source, tmp_path / "suite", tmp_path)
        assert (found.origin, found.path) == ("images-dir", (tmp_path / f"sea-link{suffix}").resolve())


def test_images_dir_without_the_image_falls_back(tmp_path):
    (tmp_path / "sea-link.txt").touch()
    found = locate_image("sea-link", ImageSource(skimage="cat"), tmp_path, tmp_path)
    assert found.origin == "skimage"


def test_images_dir_that_is_not_there(tmp_path):
    problems = {locate_image(name, ImageSource(), tmp_path, tmp_path / "no").problem for name in ("a", "b")}
    assert len(problems) == 1
    assert "--images-dir" in problems.pop()


def test_paths_are_relative_to_the_suite(tmp_path, monkeypatch):
    (tmp_path / "a.png").touch()
    assert locate_image("a", ImageSource(path="a.png"), tmp_path).path == (tmp_path / "a.png").resolve()
    assert locate_image("a", ImageSource(path=str(tmp_path / "a.png")), tmp_path / "x").path is not None
    monkeypatch.setenv("HOME", str(tmp_path))
    assert locate_image("a", ImageSource(path="~/a.png"), tmp_path / "x").path is not None


def test_wrong_paths(tmp_path):
    (tmp_path / "folder.png").mkdir()
    cases = {
        "folder.png": "is a folder",
        "none.png": "does not exist",
        "a\0b": "not a usable",
        "~no-such-user/a.png": "not a usable",
        "x" * 5000: "not a usable",
    }
    for path, words in cases.items():
        found = locate_image("a", ImageSource(path=path), tmp_path)
        assert found.path is None
        assert words in found.problem
        assert "Correct the path, or put a.jpg into a folder" in found.problem
        assert len(found.problem) < 600


def test_a_file_of_nearly_that_name_is_named(tmp_path):
    (tmp_path / "tubingen.jpg").touch()
    problem = locate_image("town", ImageSource(path="tuebingen.jpg"), tmp_path).problem
    assert problem == (
        f"image town: {tmp_path}/tuebingen.jpg does not exist; did you mean 'tubingen.jpg'? "
        "Correct the path, or put town.jpg into a folder and pass it with --images-dir."
    )


def test_a_folder_in_images_dir_is_a_problem(tmp_path):
    (tmp_path / "a.jpg").mkdir()
    assert "is a folder" in locate_image("a", ImageSource(skimage="cat"), tmp_path, tmp_path).problem


def test_unreadable_file(tmp_path, monkeypatch):
    (tmp_path / "a.png").touch()
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "may not be read" in locate_image("a", ImageSource(path="a.png"), tmp_path).problem


def test_no_source(tmp_path):
    found = locate_image("krishna", ImageSource(title="Krishna"), tmp_path)
    assert (found.origin, found.path) == ("none", None)
    assert "Put krishna.jpg into a folder and pass it with --images-dir." in found.problem


def test_addresses(tmp_path):
    url = "https://example.org/pictures/a.JPG?x=1"
    found = locate_image("a", ImageSource(url=url), tmp_path)
    assert found.to_download
    path = download_path("a", url)
    assert path.suffix == ".jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"abc")
    assert locate_image("a", ImageSource(url=url), tmp_path).path == path
    assert locate_image("a", ImageSource(url=url, sha256="0" * 64), tmp_path).to_download
    known = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
    assert locate_image("a", ImageSource(url=url, sha256=known), tmp_path).path == path
    assert "http" in locate_image("a", ImageSource(url="file:///etc/passwd"), tmp_path).problem
