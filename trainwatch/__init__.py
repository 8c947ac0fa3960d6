"""TrainWatch watches machine-learning training live, and runs it."""

__version__ = "0.2.0"
