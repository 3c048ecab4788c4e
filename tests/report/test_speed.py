"""Latency, of one picture alone, and throughput, of a worker that goes through a grid."""

from __future__ import annotations

import msgspec
import pandas as pd
import pytest

from nstbench.report import build_report
from nstbench.report.grid import make_grid
from nstbench.report.speed import cells_per_hour, latency, sections, throughput
from nstbench.results import Status

pytestmark = pytest.mark.usefixtures("without_figures")


def changed(records, **changes):
    return [msgspec.structs.replace(record, **changes) for record in records]


@pytest.fixture
def timed(records):
    """Each cell with the 7.2 s that it cost its worker."""
    return [msgspec.structs.replace(each, elapsed_s=7.2 if each.status is Status.OK else None) for each in records]


def test_what_never_ran_has_no_speed(records):
    unavailable = make_grid(changed(records, status=Status.UNAVAILABLE))
    assert latency(unavailable).empty and throughput(unavailable).empty
    assert sections(unavailable) == []


def test_latency_has_a_row_per_network_size_and_precision(timed):
    larger = changed(timed, image_size=256, step_ms_median=842.0)
    exact = changed(timed, precision="float64")
    frame = latency(make_grid([*timed, *larger, *exact]))
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) == 4 * 3
    first = frame.iloc[0].to_dict()
    assert first["network"] == "vgg19 · torch · keras-imagenet-8bit"
    assert (first["long side"], first["precision"], first["device"]) == ("128 px", "float32", "cpu")
    assert (first["load"], first["first step"], first["peak memory"]) == ("1.25 s", "2.12 s", "812 MiB")
    assert (first["iteration, median"], first["iteration, p90"], first["iterations/s"]) == ("210 ms", "250 ms", "4.75")
    assert list(frame["iteration, median"])[4:8] == ["842 ms"] * 4


def test_cells_of_a_batch_have_no_latency(timed):
    batched = changed(timed, batch=4, step_ms_median=None, step_ms_p90=None, optimise_s=None, iterations_per_s=None)
    assert latency(make_grid(batched)).empty
    text = "\n".join(sections(make_grid(batched)))
    assert "Throughput" in text and "**Latency**" not in text


def test_throughput_is_that_of_the_mean_cell(timed):
    assert cells_per_hour(changed(timed[:1], elapsed_s=7.2)) == pytest.approx(500)
    two = [*changed(timed[:1], elapsed_s=1.0), *changed(timed[:1], elapsed_s=9.0)]
    assert cells_per_hour(two) == pytest.approx(720)  # not the mean of 3600 and 400: the worker took ten seconds
    assert cells_per_hour(changed(timed, elapsed_s=None)) is None


def test_throughput_is_told_for_every_size_of_batch_and_number_of_iterations(timed):
    batched = changed(timed, batch=4, elapsed_s=3.6)
    longer = changed(timed, iterations=60, elapsed_s=14.4)
    frame = throughput(make_grid([*timed, *batched, *longer]))
    torch = frame[frame["network"].str.startswith("vgg19 · torch")]
    found = torch[["iterations", "batch", "cells", "cells/hour"]].to_numpy().tolist()
    assert found == [["30", "1", "4", "500"], ["30", "4", "4", "1,000"], ["60", "1", "4", "250"]]


def test_records_of_earlier_versions_have_a_latency_only(make_run, records):
    folder = make_run(records)
    text = build_report(folder.path).folder.report.read_text()
    assert "## Speed" in text and "**Latency**" in text
    assert "**Throughput**" not in text and "Time and memory" not in text


def test_the_report_says_what_each_of_them_means(make_run, timed):
    text = build_report(make_run(timed).path).folder.report.read_text()
    section = text[text.index("## Speed") : text.index("## Provenance") if "## Provenance" in text else None]
    assert section.index("**Latency**") < section.index("**Throughput**")
    assert "- *Latency*: how long one picture takes" in section
    assert "- *Throughput*: how many cells" in section
    assert "machine, device and threads are the same" in section
