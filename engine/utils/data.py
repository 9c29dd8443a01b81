"""PyTorch's torch.utils.data: data sets, and batches of them."""

import numpy as np

from engine.creation import tensor
from engine.op import PUBLIC
from engine.random import randperm
from engine.tensor import Tensor


class Dataset:
    """Anything with __getitem__ and __len__."""

    def __getitem__(self, index):
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")


class TensorDataset(Dataset):
    """The rows of several tensors of equal length, as tuples.

    >>> import engine as torch
    >>> len(TensorDataset(torch.ones(3, 2), torch.zeros(3)))
    3
    """

    def __init__(self, *tensors):
        if any(len(other) != len(tensors[0]) for other in tensors):
            raise AssertionError("Size mismatch between tensors")
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(each[index] for each in self.tensors)

    def __len__(self):
        return len(self.tensors[0])


class Subset(Dataset):
    """Some entries of a data set."""

    def __init__(self, dataset, indices):
        self.dataset, self.indices = dataset, list(indices)

    def __getitem__(self, index):
        return self.dataset[self.indices[index]]

    def __len__(self):
        return len(self.indices)


def random_split(dataset, lengths, generator=None):
    """Random subsets of these lengths, or of these shares of the whole."""
    if abs(sum(lengths) - 1) < 1e-9 and any(isinstance(length, float) for length in lengths):
        counts = [int(len(dataset) * share) for share in lengths]
        for at in range(len(dataset) - sum(counts)):
            counts[at % len(counts)] += 1
        lengths = counts
    if sum(lengths) != len(dataset):
        raise ValueError("Sum of input lengths does not equal the length of the input dataset!")
    order = randperm(len(dataset), generator=generator).tolist()
    ends = np.cumsum(lengths).tolist()
    return [Subset(dataset, order[end - length : end]) for end, length in zip(ends, lengths)]


def default_collate(batch):
    """Samples as one batch: tensors stacked, numbers as a tensor, tuples and dicts entry by entry."""
    first = batch[0]
    if isinstance(first, Tensor):
        return PUBLIC["stack"](list(batch), 0)
    if isinstance(first, (np.ndarray, np.generic)):
        return tensor(np.stack(batch))
    if isinstance(first, (bool, int, float)):
        return tensor(list(batch)) if not isinstance(first, float) else tensor(np.array(batch))
    if isinstance(first, dict):
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if isinstance(first, (tuple, list)):
        return [default_collate(list(entries)) for entries in zip(*batch)]
    if isinstance(first, str):
        return list(batch)
    raise TypeError(f"default_collate: batch must contain tensors, numbers, dicts or lists; found {type(first)}")


class DataLoader:
    """Batches of a data set, in order or shuffled; everything happens in this process.

    >>> import engine as torch
    >>> [len(x) for (x,) in DataLoader(TensorDataset(torch.ones(5, 2)), batch_size=2)]
    [2, 2, 1]
    """

    def __init__(
        self, dataset, batch_size=1, shuffle=False, sampler=None, num_workers=0, collate_fn=None, pin_memory=False,
        drop_last=False, generator=None,
    ):  # fmt: skip
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        self.dataset, self.batch_size, self.shuffle, self.sampler = dataset, batch_size, shuffle, sampler
        self.drop_last, self.generator = drop_last, generator
        self.collate_fn = collate_fn

    def _order(self):
        if self.sampler is not None:
            return list(self.sampler)
        if self.shuffle:
            return randperm(len(self.dataset), generator=self.generator).tolist()
        return list(range(len(self.dataset)))

    def __len__(self):
        count = len(self.dataset if self.sampler is None else self.sampler)
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    def __iter__(self):
        order = self._order()
        for at in range(len(self)):
            chosen = order[at * self.batch_size : (at + 1) * self.batch_size]
            yield self._batch(chosen)

    def _batch(self, chosen):
        whole = self.dataset
        if type(whole) is TensorDataset and self.collate_fn is None:  # all rows at once
            return [each[tensor(chosen)] for each in whole.tensors]
        return (self.collate_fn or default_collate)([whole[at] for at in chosen])
