from __future__ import annotations

import msgspec

from nstbench.report.comparing import CLOSED, closed_or_open, machines
from nstbench.results import Status


def changed(record, **changes):
    return msgspec.structs.replace(record, cell=record.cell + "'", **changes)


def test_a_closed_table(records):
    vgg19 = [record for record in records if record.label == "vgg19"]
    assert closed_or_open(vgg19) == CLOSED
    assert closed_or_open(vgg19, times=True) == CLOSED + ", on the same machine, device and threads"


def test_what_differs_is_listed_with_where(records):
    torch, other = records[0], records[5]
    assert closed_or_open([torch, changed(other, precision="float64")]) == (
        "**open**: precision (float32 on torch, float64 on tensorflow)"
    )
    labelled = changed(torch, label="vgg19-b", style_weight=2.0, style_layers="block2_conv1", learning_rate=None)
    assert closed_or_open([torch, other, labelled]) == (
        "**open**: style_layers (block1_conv1 for vgg19, block2_conv1 for vgg19-b), "
        "style_weight (0.01 for vgg19, 2 for vgg19-b), learning_rate (5 for vgg19, none for vgg19-b)"
    )
    alone = changed(other, label="vgg19-b", style_weight=2.0)
    assert closed_or_open([torch, changed(torch, label="vgg19-b"), alone]) == (
        "**open**: style_weight (0.01 for vgg19 and for vgg19-b on torch, 2 for vgg19-b on tensorflow)"
    )


def test_rows_are_compared_one_by_one(records):
    """What varies down the rows, the same on both backends, is no difference; a failure is compared with nothing."""
    slow = [changed(record, learning_rate=1.0) for record in (records[0], records[5])]
    assert closed_or_open([records[0], records[5], *slow]) == CLOSED
    failed = changed(records[5], learning_rate=1.0, weights_sha256="other", status=Status.OOM)
    assert closed_or_open([records[0], records[5], slow[0], failed]) == CLOSED
    assert closed_or_open(records[:3]) == ""


def test_times_need_the_same_machine(records):
    torch, other = records[0], records[5]
    assert machines([[torch, other]]) == "machine, device and threads are the same"
    far = changed(other, device="cuda:0")
    assert machines([[torch, far]]) == "times are **open**: device (cpu on torch, cuda:0 on tensorflow)"
    assert closed_or_open([torch, far]) == CLOSED
