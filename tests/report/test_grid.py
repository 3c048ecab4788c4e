from __future__ import annotations

import msgspec

from nstbench.report.grid import Row, make_grid
from nstbench.results import Status


def test_rows_are_layer_sets_and_columns_networks(records):
    grid = make_grid(records)
    (block,) = grid.blocks
    assert grid.axes == ()
    assert [row.layer_set for row in block.rows] == ["1", "2", "3", "4", "5"]
    assert [column.head for column in block.columns] == [
        "vgg19 · torch · keras-imagenet-8bit",
        "vgg19 · tensorflow · keras-imagenet-8bit",
        "resnet50 · torch · random:0 (untrained)",
        "resnet50 · tensorflow · random:0 (untrained)",
    ]
    assert len(block.records) == 20


def test_only_axes_that_tell_cells_apart_are_shown(records):
    # alpha and the content layer differ between the networks, but not within one: no axes of the table.
    lbfgs = [
        msgspec.structs.replace(each, cell=f"l{each.cell}", optimizer="lbfgs", learning_rate=None, beta1=None)
        for each in records
    ]
    grid = make_grid([*records, *lbfgs])
    assert grid.axes == ("optimizer",)
    assert grid.blocks[0].rows[-1] == Row("5", ("lbfgs",))
    assert grid.row_name(grid.blocks[0].rows[-1]) == "set 5, optimizer lbfgs"


def test_one_block_per_image_pair(records):
    other = [msgspec.structs.replace(each, cell=f"o{each.cell}", style="hubble") for each in records[:3]]
    grid = make_grid([*records, *other])
    assert [(block.content, block.style) for block in grid.blocks] == [("astronaut", "ihc"), ("astronaut", "hubble")]
    assert len(grid.blocks[1].columns) == 1


def test_nothing():
    assert make_grid([]).blocks == ()


def test_a_column_that_the_suite_leaves_out_altogether_is_no_column(records):
    torch = [each for each in records if (each.label, each.backend) == ("vgg19", "torch")]
    skipped = [msgspec.structs.replace(each, backend="tensorflow", status=Status.SKIPPED) for each in torch]
    grid = make_grid([*torch, *skipped])
    assert [column.backend for column in grid.columns] == ["torch"]
    assert [column.backend for column in grid.blocks[0].columns] == ["torch"]
    assert len(grid.records) == 10  # they are still counted, and named among the cells without a result
    assert [column.backend for column in make_grid(skipped).columns] == ["tensorflow"]


def test_rows_of_networks_with_other_settings_are_in_order(records):
    swept = [
        msgspec.structs.replace(each, cell=f"{each.cell}-{weight}", content_weight=weight)
        for each in records
        if each.layer_set in "12"
        for weight in ((1000.0, 100.0) if each.label == "vgg19" else (1.0, 100.0))
    ]
    rows = [(row.layer_set, *row.values) for row in make_grid(swept).blocks[0].rows]
    assert rows == [(number, weight) for number in "12" for weight in (1000.0, 100.0, 1.0)]


def test_a_grid_is_complete_where_every_cell_has_a_record(records):
    assert make_grid(records, cells=20).complete
    assert not make_grid(records, cells=21).complete and not make_grid(records).complete
