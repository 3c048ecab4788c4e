"""Pixel values of every kind of file that a user may bring."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from nstbench.errors import ImageError
from nstbench.images.decode import decode
from nstbench.images.prepare import prepare

REAL = Path(__file__).parents[2].parent / "shared/images"


@pytest.fixture
def rgb() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)


@pytest.fixture
def deep() -> np.ndarray:
    values = np.random.default_rng(1).integers(0, 65536, (40, 50, 4), dtype=np.uint16)
    values[0, :6, 0] = (0, 65535, 128, 129, 257, 65406)
    return values


def scaled(values: np.ndarray) -> np.ndarray:
    return np.rint(values.astype(float) / 257).astype(np.uint8)


def over_white(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha.astype(float)[..., None] / 255
    return np.rint(colour * share + 255 * (1 - share))


def close(a: np.ndarray, b: np.ndarray, levels: float = 1) -> bool:
    return a.shape == b.shape and bool(np.abs(a.astype(float) - b.astype(float)).max() <= levels)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_16(path: Path, values: np.ndarray, *extra: bytes, interlaced: bool = False) -> Path:
    """Write a 16-bit PNG by the specification, since Pillow writes none in colour."""
    values = values.reshape(*values.shape[:2], -1)
    height, width, channels = values.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    parts = [values[y::dy, x::dx] for x, y, dx, dy in passes] if interlaced else [values]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for part in parts for row in part if row.size)
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, int(interlaced))
    body = chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


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


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, orientation, suffix):
    quarters = np.zeros((64, 96, 3), np.uint8)
    quarters[:32, :48], quarters[:32, 48:], quarters[32:, :48] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    # The stored pixels whose display by EXIF 2.32 is `quarters`: row 0 and column 0 are at the sides that it names.
    swapped = quarters.transpose(1, 0, 2)
    stored = {
        1: quarters,
        2: quarters[:, ::-1],
        3: quarters[::-1, ::-1],
        4: quarters[::-1],
        5: swapped,
        6: swapped[::-1],
        7: swapped[::-1, ::-1],
        8: swapped[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / f"a.{suffix}", exif=exif, quality=95)
    assert close(decode(tmp_path / f"a.{suffix}")[8::16, 8::16], quarters[8::16, 8::16], 12)


def test_16_bit_tiff_is_turned_once(tmp_path, deep):
    tifffile.imwrite(tmp_path / "a.tif", deep[..., :3], photometric="rgb", extratags=[(274, "H", 1, 6, True)])
    np.testing.assert_array_equal(decode(tmp_path / "a.tif"), scaled(deep[::-1, :, :3].transpose(1, 0, 2)))


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_unknown_orientation_is_ignored(tmp_path, rgb, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(rgb).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(decode(tmp_path / "a.png"), rgb)


def test_broken_exif_is_ignored(tmp_path, rgb):
    Image.fromarray(rgb).save(tmp_path / "a.png", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    np.testing.assert_array_equal(decode(tmp_path / "a.png"), rgb)


def exchanged_profile() -> bytes:
    """Return a matrix profile (ICC.1:2001) with sRGB's primaries exchanged, red for green, and gamma 1."""
    primaries = {
        b"rXYZ": (0.3851, 0.7169, 0.0971),
        b"gXYZ": (0.4361, 0.2225, 0.0139),
        b"bXYZ": (0.1431, 0.0606, 0.7141),
    }
    white = {b"wtpt": (0.9642, 1.0, 0.8249)}
    tags = {
        name: b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in xyz)
        for name, xyz in (primaries | white).items()
    }
    linear = b"curv\0\0\0\0" + struct.pack(">I", 0)
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), linear)
    tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 78
    tags[b"cprt"] = b"text\0\0\0\0none\0"
    return profile(b"RGB ", tags)


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    offset, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        content += b"\0" * (-len(content) % 4)
        table += name + struct.pack(">II", offset + len(data), len(content))
        data += content
    body = struct.pack(">I", len(tags)) + table + data
    head = struct.pack(">I4sI4s4s4s", 128 + len(body), b"lcms", 0x02100000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + body


def srgb_curve(linear: np.ndarray) -> np.ndarray:
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_icc_profile_is_converted(tmp_path, suffix):
    pixels = np.full((40, 50, 3), (128, 64, 32), np.uint8)
    options = {"quality": 100, "subsampling": 0} if suffix == "jpg" else {}
    Image.fromarray(pixels).save(tmp_path / f"a.{suffix}", icc_profile=exchanged_profile(), **options)
    expected = srgb_curve(np.array([64, 128, 32]) / 255)  # red and green exchanged, gamma 1 to sRGB's
    assert close(decode(tmp_path / f"a.{suffix}"), np.broadcast_to(expected, pixels.shape), 3)


def test_icc_profile_with_alpha_grey_and_16_bits(tmp_path, deep):
    icc = exchanged_profile()
    grey = np.full((40, 50), 64, np.uint8)
    Image.fromarray(grey).save(tmp_path / "grey.png", icc_profile=icc)
    level = srgb_curve(np.array(64 / 255))
    assert close(decode(tmp_path / "grey.png"), np.full((40, 50, 3), level), 2)
    Image.fromarray(np.dstack([grey] * 3 + [grey * 0 + 128])).save(tmp_path / "rgba.png", icc_profile=icc)
    assert close(decode(tmp_path / "rgba.png"), np.full((40, 50, 3), level * 128 / 255 + 127), 2)
    compressed = chunk(b"iCCP", b"icc\0\0" + zlib.compress(icc))
    path = png_16(tmp_path / "deep.png", np.full((40, 50, 3), 64 * 257, np.uint16), compressed)
    assert close(decode(path), np.full((40, 50, 3), level), 2)


def test_srgb_profile_changes_nothing(tmp_path, rgb):
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(rgb).save(tmp_path / "a.png", icc_profile=icc)
    assert close(decode(tmp_path / "a.png"), rgb)


def test_grey_profile(tmp_path, rgb):
    tags = {
        b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, 461),  # gamma 1.8
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 78,
        b"cprt": b"text\0\0\0\0none\0",
    }
    Image.fromarray(rgb[..., 0]).save(tmp_path / "a.png", icc_profile=profile(b"GRAY", tags))
    assert close(decode(tmp_path / "a.png"), srgb_curve((np.dstack([rgb[..., 0]] * 3) / 255) ** 1.8), 2)
    Image.fromarray(rgb).save(tmp_path / "b.png", icc_profile=profile(b"GRAY", tags))  # of another space: ignored
    np.testing.assert_array_equal(decode(tmp_path / "b.png"), rgb)


@pytest.mark.parametrize("icc", [b"nonsense", b"\0" * 200])
def test_broken_profile_is_ignored(tmp_path, rgb, icc):
    Image.fromarray(rgb).save(tmp_path / "a.png", icc_profile=icc)
    np.testing.assert_array_equal(decode(tmp_path / "a.png"), rgb)


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_first_frame_of_an_animation(tmp_path, suffix):
    frames = [Image.new("RGB", (50, 40), colour) for colour in ("red", "blue", "lime")]
    options = {"lossless": True} if suffix == "webp" else {}
    frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:], **options)
    assert (decode(tmp_path / f"a.{suffix}") == (255, 0, 0)).all()


def refused(path: Path, pattern: str) -> None:
    with pytest.raises(ImageError, match=pattern) as caught:
        decode(path)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    assert message.count(". ") <= 1


def test_missing_directory_empty_and_text(tmp_path):
    refused(tmp_path / "none.png", "no such file")
    refused(tmp_path, "it is a folder")
    (tmp_path / "empty.png").touch()
    refused(tmp_path / "empty.png", "the file is empty")
    (tmp_path / "text.png").write_text("<html>not found</html>")
    refused(tmp_path / "text.png", "damaged, or of a kind")


def test_postscript_is_not_run(tmp_path):
    (tmp_path / "a.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 50 40\n%%EndComments\n")
    refused(tmp_path / "a.eps", "damaged, or of a kind")


def test_corrupt_and_truncated(tmp_path, rgb):
    Image.fromarray(rgb).save(tmp_path / "a.png")
    Image.fromarray(rgb).save(tmp_path / "a.jpg")
    tifffile.imwrite(tmp_path / "a.tif", rgb, photometric="rgb", compression="zlib")
    for name in ("a.png", "a.jpg", "a.tif"):
        whole = (tmp_path / name).read_bytes()
        for part in (10, len(whole) // 3, len(whole) * 2 // 3):
            (tmp_path / name).write_bytes(whole[:part])
            refused(tmp_path / name, "cannot be read as an image")
    Image.fromarray(rgb).save(tmp_path / "b.png")
    data = bytearray((tmp_path / "b.png").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = b"\xaa" * 40
    (tmp_path / "b.png").write_bytes(data)
    refused(tmp_path / "b.png", "cannot be read as an image")


def test_random_damage_never_escapes(tmp_path, rgb):
    """Anything may come out of a damaged file but an exception other than ours, or a warning."""
    generator = np.random.default_rng(3)
    path = tmp_path / "a.bin"
    for kind in ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP"):
        buffer = io.BytesIO()
        Image.fromarray(rgb).save(buffer, format=kind)
        for _ in range(40):
            data = bytearray(buffer.getvalue())
            for place in generator.integers(0, min(len(data), 400), 4):
                data[place] = generator.integers(0, 256)
            path.write_bytes(data)
            try:
                result = decode(path)
            except ImageError:
                continue
            assert result.ndim == 3
            assert result.shape[2] == 3


def test_decompression_bomb(tmp_path):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)))
    refused(tmp_path / "a.png", "too many pixels")


def test_large_pictures_do_not_warn(tmp_path):
    Image.new("1", (10000, 9000)).save(tmp_path / "a.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode(tmp_path / "a.png").shape == (9000, 10000, 3)


def test_unreadable(tmp_path, rgb, monkeypatch):
    Image.fromarray(rgb).save(tmp_path / "a.png")

    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Image, "open", refuse)
    refused(tmp_path / "a.png", "permission denied")


@pytest.mark.parametrize("name", ["sea-link", "starry-night", "the-scream", "pillars-of-creation", "tubingen"])
def test_real_pictures(name):
    path = REAL / f"{name}.jpg"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    prepared = prepare(path, name, 256)
    assert max(prepared.height, prepared.width) == 256
    assert prepared.array.std() > 20
