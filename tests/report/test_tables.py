from __future__ import annotations

import math

import msgspec

from nstbench.report.grid import make_grid
from nstbench.report.models import models
from nstbench.report.notes import comparisons, failures, notes
from nstbench.report.settings import settings
from nstbench.report.table1 import layer_sets, losses, runtimes, similarities
from nstbench.report.table1_frame import table1_frame
from nstbench.results import Status


def test_table1_has_the_records_numbers(records):
    frame = table1_frame(make_grid(records))
    assert list(frame["layer_set"]) == ["1", "2", "3", "4", "5"]
    for record in records:
        row = frame[frame["layer_set"] == record.layer_set].iloc[0]
        key = f"{record.label} {record.backend} {record.weights} | "
        assert row[key + "status"] == record.status
        assert row[f"{record.label} | style_layers"] == record.style_layers
        if record.status is Status.OK:
            assert row[key + "total"] == record.total
            assert row[key + "style"] == record.style_weighted
            assert row[key + "content"] == record.content_weighted
            assert row[key + "runtime_s"] == record.optimise_s
            assert row[key + "ssim_content"] == record.ssim_content
            assert row[key + "ssim_style"] == record.ssim_style
        else:
            assert math.isnan(row[key + "total"])
            assert row[key + "reason"] == record.reason


def test_a_diverged_cell_shows_no_numbers(records):
    diverged = msgspec.structs.replace(records[0], status=Status.DIVERGED, total=1e30)
    frame = table1_frame(make_grid([diverged]))
    assert frame.filter(like="| total").isna().all(axis=None)
    assert frame.filter(like="| total").dtypes.unique().tolist() == ["float64"]


def test_markdown_tables_show_numbers_or_the_status(records):
    grid = make_grid(records)
    block = grid.blocks[0]
    shown = losses(grid, block, block.columns)
    assert shown["vgg19 · tensorflow · keras-imagenet-8bit"][0] == "8.83e5 = 2.94e5 + 5.89e5"
    assert shown["vgg19 · tensorflow · keras-imagenet-8bit"][3].startswith("**oom**: the process was ended")
    assert runtimes(grid, block, block.columns).iloc[0, 1] == "6.31 s (first step 2.12 s)"
    assert runtimes(grid, block, block.columns).iloc[1, 1] == "6.31 s"
    assert similarities(grid, block, block.columns).iloc[0, 1] == "0.612 / 0.123"
    assert similarities(grid, block, block.columns).iloc[3, 2] == "**oom**"


def test_total_variation_is_a_third_term(records):
    record = msgspec.structs.replace(records[0], total_variation_weight=1.0, total_variation=1234.0)
    grid = make_grid([record])
    assert losses(grid, grid.blocks[0], grid.columns).iloc[0, 1].endswith("+ 1.23e3")


def test_marks_and_the_relative_loss_stand_beside_the_loss(records):
    grid = make_grid([msgspec.structs.replace(records[0], relative_total=0.0251, marks="clipped barely-moved")])
    assert losses(grid, grid.blocks[0], grid.columns).iloc[0, 1].endswith(" (0.0251)<sup>e, f</sup>")
    row = table1_frame(grid).iloc[0]
    assert row[f"{grid.columns[0].key} | relative_total"] == 0.0251
    assert row[f"{grid.columns[0].key} | marks"] == "clipped barely-moved"
    diverged = msgspec.structs.replace(records[0], status=Status.DIVERGED, reason="the loss", marks="not-finite")
    grid = make_grid([diverged])
    assert losses(grid, grid.blocks[0], grid.columns).iloc[0, 1] == "**diverged**<sup>d</sup>: the loss"


def test_axes_that_vary_lead_the_row(records):
    slow = msgspec.structs.replace(records[0], cell="slow", learning_rate=1.0)
    grid = make_grid([records[0], slow])
    assert list(losses(grid, grid.blocks[0], grid.columns)["learning_rate"]) == ["5", "1"]
    assert list(table1_frame(grid)["learning_rate"]) == [5.0, 1.0]


def test_layer_sets_and_settings(records):
    grid = make_grid(records)
    assert layer_sets(grid)["style layers (resnet50)"][1] == "conv2_block2_2_bn, conv3_block1_0_bn"
    assert list(settings(grid)["content layers"]) == ["block5_conv2", "conv5_block3_3_bn"]
    assert settings(grid)["optimiser"][0] == "adam 5 β₁ 0.99 β₂ 0.999 ε 0.1 (tensorflow)"


def test_models_count_parameters_as_the_report_does(records):
    frame = models(make_grid(records))
    assert list(frame["total"]) == ["143,667,240"] * 2 + ["25,636,712"] * 2
    assert frame.iloc[2].tolist()[-2:] == ["25,583,592", "53,120"]
    assert frame["weights"][2] == "random:0 (untrained)"


def test_comparisons(records):
    lines = comparisons(make_grid(records).blocks[0])
    assert lines[0].startswith("vgg19 · keras-imagenet-8bit on torch and tensorflow: **closed**: the same weights")
    assert lines[1].startswith("resnet50 · random:0 (untrained) on torch and tensorflow: **closed**")
    assert lines[2].startswith(
        "Across networks: **open**: network (vgg19, resnet50), content_weight (100000 for vgg19, 1 for resnet50), "
        "style_weight (0.01 for vgg19, 100000 for resnet50). "
    )
    assert "layers" not in lines[2] and "not in the same unit" in lines[2]
    assert "objectives of their own" in lines[3]
    mine = [msgspec.structs.replace(each, weights_sha256=each.backend) for each in records if each.label == "vgg19"]
    assert (
        "**open**: weights (keras-imagenet-8bit (torch) on torch, keras-imagenet-8bit (tensorfl) on tensorflow)"
        in (comparisons(make_grid(mine).blocks[0])[0])
    )
    elsewhere = msgspec.structs.replace(records[0], backend="tensorflow", cell="x", status=Status.UNAVAILABLE)
    assert "only torch ran it" in comparisons(make_grid([*records[:3], elsewhere]).blocks[0])[0]


def test_total_variation_is_weighted_so_that_terms_add_up(records):
    smooth = msgspec.structs.replace(
        records[0], total=111.0, style_weighted=1.0, content_weighted=10.0, total_variation=0.1,
        total_variation_weight=1000.0,
    )  # fmt: skip
    grid = make_grid([smooth])
    assert losses(grid, grid.blocks[0], grid.columns).iloc[0, -1] == "1.11e2 = 1.00 + 1.00e1 + 1.00e2"
    row = table1_frame(grid).iloc[0]
    terms = [row[f"{grid.columns[0].key} | {name}"] for name in ("style", "content", "total_variation")]
    assert sum(terms) == row[f"{grid.columns[0].key} | total"] == 111.0
    assert not any("total_variation" in name for name in table1_frame(make_grid(records)).columns)
    assert settings(grid)["γ"][0] == "1000"


def test_notes(records):
    lines = notes(make_grid(records), ["records.jsonl:2: this record is damaged"])
    assert any(line.startswith("Untrained: resnet50") for line in lines)
    assert lines[-1] == "records.jsonl:2: this record is damaged"
    assert len(failures(make_grid(records))) == 4
