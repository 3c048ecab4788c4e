"""Whether the numbers of two backends may be compared: with the same parameters, differences are the framework's."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nstbench.results.record import Record, Status

__all__ = ["with_comparison"]


def with_comparison(records: Sequence[Record]) -> list[Record]:
    """Return the records with ``comparison`` filled in: ``closed``, ``open``, or None where nothing can be compared.

    A label that ran on several backends is compared with itself, another with its backbone's labels on other backends.
    """
    ran = [record for record in records if record.status is Status.OK]
    return [
        msgspec.structs.replace(record, comparison=_comparison(record, ran) if record.status is Status.OK else None)
        for record in records
    ]


def _comparison(record: Record, ran: Sequence[Record]) -> str | None:
    others = [one for one in ran if (one.backbone, one.backend) != (record.backbone, record.backend)]
    others = [one for one in others if one.backbone == record.backbone]
    own = [one for one in others if one.label == record.label]
    if own:
        return "closed" if all(one.weights_sha256 == record.weights_sha256 for one in own) else "open"
    if others:
        return "closed" if any(one.weights_sha256 == record.weights_sha256 for one in others) else "open"
    return None
