"""A page that shows a run while it goes on: served on this machine only, to whoever has its address, and read-only.

It knows nothing but the run folder, so it can be opened from another terminal, and at any time. ``nstbench run
--watch`` starts it as a process of its own, so that a run neither imports a page nor draws one.
"""

from __future__ import annotations
