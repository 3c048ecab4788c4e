"""What a plugin expects to fail in the conformance kit: ``expected_failures = {check: reason}`` beside its hooks."""

from __future__ import annotations

from collections.abc import Mapping

from nstbench.errors import PluginError
from nstbench.plugin.catalogue import Catalogue

__all__ = ["expected_failures"]


def expected_failures(catalogue: Catalogue, plugin: str) -> Mapping[str, str]:
    """Return the plugin's table, empty if it has none. Raises ``PluginError`` if it is no table of texts."""
    found = getattr(catalogue.discovery.manager.get_plugin(plugin), "expected_failures", None) or {}
    if not isinstance(found, Mapping) or not all(isinstance(one, str) for pair in found.items() for one in pair):
        raise PluginError(f"plugin {plugin}: expected_failures must be a table of texts, {{check: reason}}.")
    return dict(found)
