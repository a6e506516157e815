"""Which optimisers start without the compiler of PyTorch?

Each method of an optimiser asks `torch._dynamo` to leave it alone, and imports it first: 800 modules, longer than all
of torch takes (measured 1.7 s beside 1.5). Nothing here is compiled, so these are torch's own classes with the methods
that those requests wrap: the same numbers, bit for bit, and the same state.

Can go when making and stepping an optimiser no longer imports `torch._dynamo` (since pytorch/pytorch#89902).
"""

import inspect
from typing import TypeVar

import torch
from torch.optim import SGD, AdamW, Optimizer

_Kind = TypeVar("_Kind", bound=Optimizer)
_WRAPPED = ("add_param_group", "state_dict", "load_state_dict", "zero_grad", "step")


def _uncompiled(kind: type[_Kind]) -> type[_Kind]:
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in _WRAPPED}
    methods["step"] = torch.no_grad()(methods["step"])  # as the wrapper did
    return type(kind.__name__, (kind,), methods)


UncompiledSGD = _uncompiled(SGD)
UncompiledAdamW = _uncompiled(AdamW)
