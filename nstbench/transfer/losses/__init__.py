"""Style and content loss formulas, written once over feature arrays F shaped (batch, positions M, channels N).

A formula is a ``nstbench.plugin.protocols.LossTerm``. Content and style pictures may have different sizes: every style
loss compares what does not depend on the number of positions.
"""

from __future__ import annotations

from nstbench.transfer.losses.content import ContentLoss, content_half_sum, content_mean, content_sum
from nstbench.transfer.losses.gram import GramLoss, gram, style_gatys, style_mean, style_normalised
from nstbench.transfer.losses.scaled import DeepScaled, content_swag_scaled, style_swag_scaled
from nstbench.transfer.losses.sliced import SlicedWasserstein, directions, style_sliced_wasserstein
from nstbench.transfer.losses.softmax import (
    SoftmaxContentLoss,
    SoftmaxGramLoss,
    content_swag_channel_softmax,
    content_swag_softmax,
    softmax,
    style_swag_channel_softmax,
    style_swag_softmax,
)
from nstbench.transfer.losses.statistics import ChannelStatistics, style_adain
from nstbench.transfer.losses.variation import VARIATIONS, isotropic_variation, total_variation

__all__ = [
    "VARIATIONS",
    "ChannelStatistics",
    "ContentLoss",
    "DeepScaled",
    "GramLoss",
    "SlicedWasserstein",
    "SoftmaxContentLoss",
    "SoftmaxGramLoss",
    "content_half_sum",
    "content_mean",
    "content_sum",
    "content_swag_channel_softmax",
    "content_swag_scaled",
    "content_swag_softmax",
    "directions",
    "gram",
    "isotropic_variation",
    "softmax",
    "style_adain",
    "style_gatys",
    "style_mean",
    "style_normalised",
    "style_sliced_wasserstein",
    "style_swag_channel_softmax",
    "style_swag_scaled",
    "style_swag_softmax",
    "total_variation",
]
