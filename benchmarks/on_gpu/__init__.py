"""What ``benchmarks/gpu.py`` does, in one process that sees the GPU."""
