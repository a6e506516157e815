"""How do several processes, perhaps on several computers, train one network as if they were one?

A launcher such as torchrun starts the same program once for each and says in the environment which one it is. A batch
is drawn as for one process and divided; what a loss is a mean of is summed over all, so that gradients, and with them
the weights, equal those of one process up to rounding, whatever the number. The first process alone writes to the
run's folder. Where one fails or vanishes, the others learn of it and say which.

Sources: https://docs.pytorch.org/docs/stable/elastic/run.html (the environment);
https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html
"""

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, distributed, nn
from torch.distributed.rendezvous import rendezvous
from torch.nn.parallel import DistributedDataParallel

from cocomine.errors import CocomineError, TrainingError
from cocomine.training.runs.faults import unexpected_words
from cocomine.training.runs.launching import process_count
from cocomine.training.runs.reporting import StopRequested

T = TypeVar("T")
_STEP_LIMIT = timedelta(minutes=10)  # for one that neither answers nor closes its connection: without power
_PREPARING_LIMIT = timedelta(days=1)  # others wait while one prepares the arrays
_LAST_WORDS_S = 5.0  # so long the others are given to say why they end
_NETWORK_WORDS = ("gloo", "nccl", "connection", "peer", "socket", "timed out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One process among those that train a network; by default the only one."""

    rank: int = 0  # the first one writes
    size: int = 1
    local_rank: int = 0  # on this computer
    local_size: int = 1
    _store: Any = None  # where each says why it ends; outlives this process where the launcher holds it
    _control: Any = None  # for values and errors: on the CPU, patient

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """Return which of `count` things in a row are for this process; the shares differ by one at most."""
        return slice(self.rank * count // self.size, (self.rank + 1) * count // self.size)

    def sum(self, tensor: Tensor) -> Tensor:
        """Return the sum over all processes; its gradient is that of the sum of their losses."""
        return tensor if self.size == 1 else cast(Tensor, _Sum.apply(tensor))  # type: ignore[no-untyped-call]

    def any(self, is_so: bool) -> bool:
        """Return whether it is so in any process; all ask at the same moment."""
        if self.size == 1:
            return is_so
        device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
        return bool(self.sum(torch.tensor(float(is_so), device=device)))

    def shared(self, value: T) -> T:
        """Return the value that the first process has."""
        if self.size == 1:
            return value
        values: list[Any] = [value if self.is_first else None]
        distributed.broadcast_object_list(values, src=0, group=self._control)
        return cast(T, values[0])

    def from_first(self, work: Callable[[], T]) -> T:
        """Let the first process do the work, and return in all what it returned there.

        Raises:
            TrainingError: It failed.
        """
        results: list[T] = []
        with self.together():
            if self.is_first:
                results.append(work())
        return self.shared(results[0] if results else cast(T, None))

    def joined(self, value: T) -> list[T]:
        """Return the values of all processes, in their order."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        distributed.all_gather_object(values, value, group=self._control)
        return values

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do the block in all processes; where one fails in it, all do.

        Raises:
            StopRequested: One process was asked to stop.
            TrainingError: Another process failed; the message is that of its error.
        """
        failure: Exception | None = None
        try:
            yield
        except Exception as error:
            if self.size == 1 or _is_of_network(error):
                raise
            failure = error
        reasons = self.joined(None if failure is None else _reason(failure))
        if failure is not None:
            raise failure
        for rank, reason in enumerate(reasons):
            if reason == StopRequested.__name__:
                raise StopRequested
            if reason is not None:
                raise TrainingError(f"Process {rank} of {self.size}: {reason}")

    def in_turn(self, work: Callable[[], T]) -> T:
        """Do in all processes what leaves something for the others on the disk, and return what it returned here.

        First in the first process, then in the first of each other computer, then in the rest: so nothing is made
        twice on one disk, whether the computers share theirs or not.
        """
        own_turn = 0 if self.is_first else 1 if self.local_rank == 0 else 2
        results: list[T] = []
        for turn in range(3 if self.size > 1 else 1):
            with self.together():
                if turn == own_turn:
                    results.append(work())
        return results[0]

    def spread(self, module: nn.Module) -> None:
        """Give all processes the parameters and buffers that the first has."""
        if self.size > 1:
            for tensor in module.state_dict().values():
                distributed.broadcast(tensor, src=0)

    def trained(self, network: nn.Module) -> nn.Module:
        """Return what to call for training, which adds the gradients of all processes and divides by their number."""
        return network if self.size == 1 else DistributedDataParallel(network)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Tell the others why this process ends, and turn the end of another into a sentence.

        Raises:
            TrainingError: Another process failed or vanished.
        """
        try:
            yield
        except Exception as error:
            if self.size == 1 or isinstance(error, StopRequested):
                raise
            if not _is_of_network(error):
                self._say_why(_reason(error))
                raise
            self._say_why("")
            raise TrainingError(self._cause()) from error

    def _say_why(self, reason: str) -> None:
        try:
            self._store.set(f"end-{self.rank}", reason)
        except RuntimeError as error:  # it was held by a process that is gone, which `_cause` then says
            del error

    def _cause(self) -> str:
        """Return why the others do not answer."""
        deadline = time.monotonic() + _LAST_WORDS_S
        try:
            while time.monotonic() < deadline and not self._store.check(self._end_keys()):
                time.sleep(0.05)
            silent = [rank for rank in range(self.size) if not self._store.check([f"end-{rank}"])]
            reasons = {rank: self._said(f"end-{rank}") for rank in range(self.size) if rank not in silent}
            names = [self._said(f"name-{rank}") for rank in silent]
        except RuntimeError:
            silent, reasons, names = [0], {}, ["which held the connections"]
        told = [f"Process {rank} of {self.size}: {reason}" for rank, reason in reasons.items() if reason]
        if told:
            return told[0]
        if not silent:
            return f"Training: the {self.size} processes lost each other's connection. {_LAUNCH_AGAIN}"
        lost = ", ".join(f"{rank} ({name})" for rank, name in zip(silent, names, strict=True))
        return (
            f"Training: process {lost} of {self.size} ended without a word: killed, out of memory, or its computer "
            f"went away. All processes stopped. {_LAUNCH_AGAIN}"
        )

    def _end_keys(self) -> list[str]:
        return [f"end-{rank}" for rank in range(self.size)]

    def _said(self, key: str) -> str:
        return str(self._store.get(key).decode())


_LAUNCH_AGAIN = "The same command resumes from the last checkpoint, with this or another number of processes."
ALONE = Group()


class _Sum(torch.autograd.Function):
    """The sum over all processes, backward as well: each one's gradient is a part of that of the whole."""

    @staticmethod
    def forward(_context: Any, tensor: Tensor) -> Tensor:
        total = tensor.clone().contiguous()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone().contiguous()
        distributed.all_reduce(total)
        return total


@contextmanager
def joined_group(environment: Mapping[str, str] = os.environ) -> Iterator[Group]:
    """Meet the other processes that a launcher started; without a launcher this one is alone.

    Raises:
        TrainingError: They do not meet, or there are more on this computer than it has GPUs.
    """
    size = process_count(environment)
    if size == 1:
        yield ALONE
        return
    local_rank, local_size = int(environment.get("LOCAL_RANK", "0")), int(environment.get("LOCAL_WORLD_SIZE", "1"))
    backend = _backend(local_rank, local_size)
    try:
        store, rank, _ = next(rendezvous("env://", timeout=_STEP_LIMIT))
        distributed.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=_STEP_LIMIT)
        control = distributed.new_group(backend="gloo", timeout=_PREPARING_LIMIT)
    except (RuntimeError, ValueError) as error:
        first_line = str(error).partition("\n")[0]
        raise TrainingError(
            f"Training: the {size} processes do not meet at {environment.get('MASTER_ADDR')} port "
            f"{environment.get('MASTER_PORT')} ({first_line}). Start the same command on every computer, with an "
            "address that all can reach."
        ) from error
    store.set(f"name-{rank}", f"id {os.getpid()} on {socket.gethostname()}")
    group = Group(rank=rank, size=size, local_rank=local_rank, local_size=local_size, _store=store, _control=control)
    with group.watched():
        yield group
    distributed.destroy_process_group()


def _backend(local_rank: int, local_size: int) -> str:
    """Choose the GPU of this process, and return what they talk through."""
    if not torch.cuda.is_available():
        return "gloo"
    count = torch.cuda.device_count()
    if local_size > count:
        raise TrainingError(
            f"Training: {local_size} processes were started on {socket.gethostname()}, which has {count} GPUs. "
            f"Start at most one for each (--nproc-per-node {count})."
        )
    torch.cuda.set_device(local_rank)
    return "nccl"


def _reason(error: Exception) -> str:
    if isinstance(error, StopRequested):
        return StopRequested.__name__
    if isinstance(error, CocomineError):
        return str(error)
    return unexpected_words(error)


def _is_of_network(error: Exception) -> bool:
    """Return whether an error says that another process does not answer; gloo's have no type of their own."""
    if isinstance(error, distributed.DistError):
        return True
    is_plain = isinstance(error, RuntimeError) and not isinstance(error, torch.OutOfMemoryError)
    return is_plain and any(word in str(error).lower() for word in _NETWORK_WORDS)


class SharedBatchNorm(nn.BatchNorm2d):
    """BatchNorm over the batch of all processes; PyTorch's own refuses tensors on the CPU.

    Counts, means and sums of squared differences are exchanged as one sum, in which each process fills its own row, and
    then combined as Chan, Golub and LeVeque (1979) do, without cancellation.
    """

    group: Group = ALONE

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (n, c, h, w) over n, h and w of all processes."""
        if not self.training:
            return super().forward(x)
        rows = self.group.sum(self._own_row(x.float()))  # (processes, 2 c + 1)
        counts, means, squares = rows[:, :1], rows[:, 1 : 1 + self.num_features], rows[:, 1 + self.num_features :]
        count = counts.sum()
        mean = (counts * means).sum(0) / count  # (c,)
        variance = (squares + counts * (means - mean).square()).sum(0) / count
        self._note(mean.detach(), variance.detach() * count / (count - 1))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        normalised = (x.float() - mean[:, None, None]) * scale[:, None, None] + self.bias[:, None, None]
        return normalised.to(x.dtype)

    def _own_row(self, x: Tensor) -> Tensor:
        """Return (processes, 2 c + 1), zero but in the row of this process: its count, means, sums of squares."""
        mean = x.mean((0, 2, 3))
        squares = (x - mean[:, None, None]).square().sum((0, 2, 3))
        count = x.new_full((1,), x.numel() / self.num_features)
        own = torch.zeros(self.group.size, 1, device=x.device)
        own[self.group.rank] = 1.0
        return own * torch.cat([count, mean, squares])

    @torch.no_grad()
    def _note(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics as `nn.BatchNorm2d` does."""
        momentum = cast(float, self.momentum)
        cast(Tensor, self.num_batches_tracked).add_(1)
        cast(Tensor, self.running_mean).lerp_(mean, momentum)
        cast(Tensor, self.running_var).lerp_(variance, momentum)


def share_statistics(module: nn.Module, group: Group) -> None:
    """Let every BatchNorm below `module` take its statistics over all processes; its tensors and names stay."""
    if group.size == 1:
        return
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d):
            shared = SharedBatchNorm(child.num_features, eps=child.eps, momentum=child.momentum)
            shared.group = group
            shared.weight, shared.bias = child.weight, child.bias
            shared.running_mean, shared.running_var = child.running_mean, child.running_var
            shared.num_batches_tracked = child.num_batches_tracked
            setattr(module, name, shared.train(child.training))
        else:
            share_statistics(child, group)
