"""The measurements behind the promises: `python -m benchmarks [names] [--quick]`."""
