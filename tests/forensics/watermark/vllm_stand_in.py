"""A stand-in for the parts of vLLM that its logits processors meet, with the names and meanings of vLLM 0.32's interface."""

import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum, auto
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch


@dataclass
class SamplingParams:
    temperature: float = 1.0
    extra_args: dict[str, Any] | None = None


@dataclass
class TokenTable:
    """Stands for StagedWriteTensor: the tokens of every slot, on the device as ``gpu``."""

    gpu: torch.Tensor


@dataclass(frozen=True)
class LogitsProcRequestState:
    device: torch.device
    max_num_reqs: int
    vocab_size: int
    all_token_ids: TokenTable


@dataclass(frozen=True)
class LogitsContext:
    expanded_idx_mapping: torch.Tensor
    expanded_local_pos: torch.Tensor
    input_ids: torch.Tensor
    pos: torch.Tensor
    seq_lens_upper_bound_np: np.ndarray


class LogitsProcessorV2(ABC):
    def __init__(self, vllm_config: Any, req_states: LogitsProcRequestState) -> None: ...  # noqa: B027

    @classmethod  # noqa: B027
    def validate_params(cls, sampling_params: SamplingParams) -> None: ...

    def add_request(self, req_idx: int, sampling_params: SamplingParams) -> bool:
        return True

    def apply_staged_writes(self) -> None: ...  # noqa: B027

    @abstractmethod
    def apply(self, logits: torch.Tensor, ctx: LogitsContext) -> torch.Tensor: ...


class MoveDirectionality(Enum):
    UNIDIRECTIONAL = auto()
    SWAP = auto()


@dataclass(frozen=True)
class BatchUpdate:
    batch_size: int
    removed: list[int] = field(default_factory=list)
    added: list[tuple[int, SamplingParams, list[int] | None, list[int]]] = field(default_factory=list)
    moved: list[tuple[int, int, MoveDirectionality]] = field(default_factory=list)


class LogitsProcessorV1(ABC):
    @abstractmethod
    def __init__(self, vllm_config: Any, device: torch.device, is_pin_memory: bool) -> None: ...

    @classmethod  # noqa: B027
    def validate_params(cls, sampling_params: SamplingParams) -> None: ...

    @abstractmethod
    def apply(self, logits: torch.Tensor) -> torch.Tensor: ...

    @abstractmethod
    def is_argmax_invariant(self) -> bool: ...

    @abstractmethod
    def update_state(self, batch_update: BatchUpdate | None) -> None: ...


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the stand-ins importable under vLLM's names, for one test."""
    second = {"LogitsProcessor": LogitsProcessorV2}
    first = {"LogitsProcessor": LogitsProcessorV1, "MoveDirectionality": MoveDirectionality, "BatchUpdate": BatchUpdate}
    for path, content in (("vllm.v1.worker.gpu.sample.logits_processor", second), ("vllm.v1.sample.logits_processor", first)):
        parts = path.split(".")
        for end in range(1, len(parts) + 1):
            name = ".".join(parts[:end])
            if name not in sys.modules:
                monkeypatch.setitem(sys.modules, name, ModuleType(name))
        for attribute, value in content.items():
            setattr(sys.modules[path], attribute, value)
