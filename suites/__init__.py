"""Suites that come with nstbench: `nstbench run quickstart` finds them by name."""
