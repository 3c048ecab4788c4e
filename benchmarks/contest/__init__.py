"""The contest between nstbench and others: rounds, checks, ceilings, and tables of what came of them."""
