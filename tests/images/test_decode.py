"""Pixel values of every kind of file that a user may bring."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from nstbench.errors import ImageError
from nstbench.images.decode import decode
from nstbench.images.prepare import prepare

from .files import chunk, close, over_white, png_16, scaled

REAL = Path(__file__).parents[2].parent / "shared/images"


def test_rgb_is_unchanged(tmp_path, rgb):
    Image.fromarray(rgb).save(tmp_path / "a.png")
    result = decode(tmp_path / "a.png")
    assert result.dtype == np.uint8
    assert result.flags.writeable
    np.testing.assert_array_equal(result, rgb)


@pytest.mark.parametrize("suffix", ["bmp", "tif", "webp", "ppm", "tga", "gif", "jpg", "jp2"])
def test_other_formats(tmp_path, suffix):
    flat = np.full((40, 50, 3), (200, 100, 50), np.uint8)
    Image.fromarray(flat).save(tmp_path / f"a.{suffix}")
    assert close(decode(tmp_path / f"a.{suffix}"), flat, 3)


def test_the_suffix_does_not_matter(tmp_path, rgb):
    Image.fromarray(rgb).save(tmp_path / "a.jpg", format="PNG")
    np.testing.assert_array_equal(decode(tmp_path / "a.jpg"), rgb)


def test_rgba_is_laid_over_white(tmp_path, rgb):
    alpha = np.linspace(0, 255, 2000).reshape(40, 50).round().astype(np.uint8)
    Image.fromarray(np.dstack([rgb, alpha])).save(tmp_path / "a.png")
    result = decode(tmp_path / "a.png")
    assert close(result, over_white(rgb, alpha))
    assert (result[0, 0] == 255).all()
    assert (result[-1, -1] == rgb[-1, -1]).all()


def test_grey_with_alpha(tmp_path, rgb):
    grey, alpha = rgb[..., 0], rgb[..., 1]
    Image.fromarray(np.dstack([grey, alpha])).save(tmp_path / "a.png")
    assert close(decode(tmp_path / "a.png"), over_white(np.dstack([grey] * 3), alpha))


def test_grey(tmp_path, rgb):
    Image.fromarray(rgb[..., 0]).save(tmp_path / "a.png")
    np.testing.assert_array_equal(decode(tmp_path / "a.png"), np.dstack([rgb[..., 0]] * 3))


def test_black_and_white(tmp_path, rgb):
    bits = rgb[..., 0] > 127
    Image.fromarray(bits).save(tmp_path / "a.png")
    np.testing.assert_array_equal(decode(tmp_path / "a.png"), np.dstack([bits.astype(np.uint8) * 255] * 3))


def palette_image() -> Image.Image:
    image = Image.new("P", (50, 40))
    image.putdata([i % 3 for i in range(2000)])
    image.putpalette([10, 20, 30, 200, 100, 50, 0, 0, 255])
    return image


def test_palette(tmp_path):
    palette_image().save(tmp_path / "a.png")
    np.testing.assert_array_equal(decode(tmp_path / "a.png")[0, :3], [(10, 20, 30), (200, 100, 50), (0, 0, 255)])


@pytest.mark.parametrize("transparency", [1, b"\xff\x00\xff"])
def test_palette_with_transparency(tmp_path, transparency):
    palette_image().save(tmp_path / "a.png", transparency=transparency)
    np.testing.assert_array_equal(decode(tmp_path / "a.png")[0, :3], [(10, 20, 30), (255, 255, 255), (0, 0, 255)])


def test_one_transparent_colour(tmp_path):
    pixels = np.full((40, 50, 3), (10, 20, 30), np.uint8)
    pixels[0, 0] = (1, 2, 3)
    Image.fromarray(pixels).save(tmp_path / "rgb.png", transparency=(1, 2, 3))
    Image.fromarray(pixels[..., 0]).save(tmp_path / "grey.png", transparency=1)
    for name in ("rgb.png", "grey.png"):
        result = decode(tmp_path / name)
        assert (result[0, 0] == 255).all()
        assert result[1, 1, 0] == 10


def test_16_bit_grey_png_is_scaled(tmp_path, deep):
    Image.fromarray(deep[..., 0]).save(tmp_path / "a.png")
    np.testing.assert_array_equal(decode(tmp_path / "a.png"), np.dstack([scaled(deep[..., 0])] * 3))


@pytest.mark.parametrize("interlaced", [False, True])
def test_16_bit_rgb_png_is_scaled(tmp_path, deep, interlaced):
    path = png_16(tmp_path / "a.png", deep[..., :3], interlaced=interlaced)
    np.testing.assert_array_equal(decode(path), scaled(deep[..., :3]))


def test_16_bit_png_with_alpha(tmp_path, deep):
    grey, colour, alpha = scaled(deep[..., :1]), scaled(deep[..., :3]), scaled(deep[..., 3])
    assert close(decode(png_16(tmp_path / "rgba.png", deep)), over_white(colour, alpha))
    assert close(decode(png_16(tmp_path / "la.png", deep[..., [0, 3]])), over_white(grey.repeat(3, -1), alpha))


def test_16_bit_png_with_one_transparent_colour(tmp_path, deep):
    key = struct.pack(">HHH", *deep[3, 4, :3])
    result = decode(png_16(tmp_path / "rgb.png", deep[..., :3], chunk(b"tRNS", key)))
    assert (result[3, 4] == 255).all()
    np.testing.assert_array_equal(result[3, 5], scaled(deep[3, 5, :3]))
    grey = decode(png_16(tmp_path / "grey.png", deep[..., 1], chunk(b"tRNS", struct.pack(">H", deep[3, 4, 1]))))
    assert (grey[3, 4] == 255).all()
    assert grey[3, 5, 0] == scaled(deep[3, 5, 1])


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib", "predictor": True}, {"tile": (16, 16)}])
def test_16_bit_tiff_is_scaled(tmp_path, deep, byteorder, options):
    colour, grey, alpha = deep[..., :3], deep[..., 0], deep[..., 3]
    tifffile.imwrite(tmp_path / "rgb.tif", colour, photometric="rgb", byteorder=byteorder, **options)
    np.testing.assert_array_equal(decode(tmp_path / "rgb.tif"), scaled(colour))
    tifffile.imwrite(tmp_path / "grey.tif", grey, photometric="minisblack", byteorder=byteorder, **options)
    np.testing.assert_array_equal(decode(tmp_path / "grey.tif"), np.dstack([scaled(grey)] * 3))
    extra = {"photometric": "rgb", "extrasamples": ["unassalpha"], "byteorder": byteorder}
    tifffile.imwrite(tmp_path / "rgba.tif", deep, **extra, **options)
    assert close(decode(tmp_path / "rgba.tif"), over_white(scaled(colour), scaled(alpha)))


def test_16_bit_tiff_in_planes_is_refused_rather_than_misread(tmp_path, deep):
    planes = deep[..., :3].transpose(2, 0, 1)
    tifffile.imwrite(tmp_path / "a.tif", planes, photometric="rgb", planarconfig="separate")
    with pytest.raises(ImageError, match="separate colour planes"):
        decode(tmp_path / "a.tif")


def test_floating_point_tiff_is_refused(tmp_path, rgb):
    tifffile.imwrite(tmp_path / "grey.tif", rgb[..., 0].astype(np.float32))
    tifffile.imwrite(tmp_path / "rgb.tif", rgb.astype(np.float32), photometric="rgb")
    for name in ("grey.tif", "rgb.tif"):
        with pytest.raises(ImageError, match="floating"):
            decode(tmp_path / name)


def test_32_bit_integer_tiff_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.full((40, 50), 2**31, np.uint32))
    with pytest.raises(ImageError, match="0-65535"):
        decode(tmp_path / "a.tif")


def test_cmyk_tiff(tmp_path):
    inks = np.zeros((40, 50, 4), np.uint8)
    inks[0, 0], inks[0, 1], inks[0, 2] = (255, 0, 0, 0), (0, 0, 0, 255), (0, 255, 255, 0)
    Image.merge("CMYK", [Image.fromarray(inks[..., i]) for i in range(4)]).save(tmp_path / "a.tif")
    result = decode(tmp_path / "a.tif")
    assert result[0, :4].tolist() == [[0, 255, 255], [0, 0, 0], [255, 0, 0], [255, 255, 255]]


def test_cmyk_jpeg_is_inverted_as_adobe_does(tmp_path):
    inks = Image.new("CMYK", (50, 40), (0, 200, 200, 10))
    inks.save(tmp_path / "a.jpg", quality=95)
    assert b"Adobe" in (tmp_path / "a.jpg").read_bytes()
    assert close(decode(tmp_path / "a.jpg"), np.full((40, 50, 3), (245, 53, 53), np.uint8), 3)


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_first_frame_of_an_animation(tmp_path, suffix):
    frames = [Image.new("RGB", (50, 40), colour) for colour in ("red", "blue", "lime")]
    options = {"lossless": True} if suffix == "webp" else {}
    frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:], **options)
    assert (decode(tmp_path / f"a.{suffix}") == (255, 0, 0)).all()


def test_large_pictures_do_not_warn(tmp_path):
    Image.new("1", (10000, 9000)).save(tmp_path / "a.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode(tmp_path / "a.png").shape == (9000, 10000, 3)


@pytest.mark.parametrize("name", ["sea-link", "starry-night", "the-scream", "pillars-of-creation", "tubingen"])
def test_real_pictures(name):
    path = REAL / f"{name}.jpg"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    prepared = prepare(path, name, 256)
    assert max(prepared.height, prepared.width) == 256
    assert prepared.array.std() > 20
