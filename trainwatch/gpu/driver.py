"""NVIDIA's driver, asked once: which it is, and which GPUs it has."""

from dataclasses import dataclass
from typing import Any

import pynvml  # pyright: ignore[reportMissingTypeStubs]

_nvml: Any = pynvml


@dataclass(frozen=True, slots=True)
class Card:
    """A GPU; `is_split` says whether it is in MIG mode, None where it has no such mode."""

    name: str
    is_split: bool | None


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver that answers."""

    version: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class NoDriver:
    """Why there is none: `is_broken` if one is installed but does not work, with the `reason`."""

    reason: str
    is_broken: bool


def read_driver() -> Driver | NoDriver:
    """Return what the driver says of itself."""
    try:
        _nvml.nvmlInit()
    except _nvml.NVMLError_LibraryNotFound:
        return NoDriver("no NVIDIA driver", is_broken=False)
    except _nvml.NVMLError as error:
        return NoDriver(str(error), is_broken=True)
    try:
        version = _nvml.nvmlSystemGetDriverVersion()
        return Driver(version, tuple(_card(index) for index in range(_nvml.nvmlDeviceGetCount())))
    except _nvml.NVMLError as error:
        return NoDriver(str(error), is_broken=True)
    finally:
        _nvml.nvmlShutdown()


def count_gpus() -> int:
    """Return how many GPUs the driver has; 0 where there is no driver, or none that works."""
    driver = read_driver()
    return len(driver.cards) if isinstance(driver, Driver) else 0


def _card(index: int) -> Card:
    handle = _nvml.nvmlDeviceGetHandleByIndex(index)
    try:
        mode, _ = _nvml.nvmlDeviceGetMigMode(handle)
    except _nvml.NVMLError:  # most GPUs have none
        return Card(_nvml.nvmlDeviceGetName(handle), None)
    return Card(_nvml.nvmlDeviceGetName(handle), mode == _nvml.NVML_DEVICE_MIG_ENABLE)
