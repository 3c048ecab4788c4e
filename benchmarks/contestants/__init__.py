"""What runs in a contestant's own process, under its own Python: it may import the peer, but not nstbench."""
