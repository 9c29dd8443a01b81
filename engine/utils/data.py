"""PyTorch's torch.utils.data: data sets, and batches of them."""

from bisect import bisect_right

import numpy as np

from engine.creation import tensor
from engine.op import PUBLIC
from engine.random import numbers, randperm
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


class ConcatDataset(Dataset):
    """Several data sets, one after the other."""

    def __init__(self, datasets):
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable")
        self.cumulative_sizes = np.cumsum([len(each) for each in self.datasets]).tolist()

    def __len__(self):
        return self.cumulative_sizes[-1]

    def __getitem__(self, index):
        if not -len(self) <= index < len(self):
            raise ValueError("absolute value of index should not exceed dataset length")
        index %= len(self)
        which = bisect_right(self.cumulative_sizes, index)
        return self.datasets[which][index - (self.cumulative_sizes[which - 1] if which else 0)]


class Sampler:
    """The order of a data set's entries: a subclass has __iter__ and __len__."""

    def __init__(self, data_source=None):
        self.data_source = data_source

    def __len__(self):
        return len(self.data_source)


class SequentialSampler(Sampler):
    """In order."""

    def __iter__(self):
        return iter(range(len(self.data_source)))


class RandomSampler(Sampler):
    """In random order, or with replacement."""

    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        super().__init__(data_source)
        self.replacement, self.generator = replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples

    def __len__(self):
        return self.num_samples

    def __iter__(self):
        size = len(self.data_source)
        if self.replacement:
            yield from numbers(self.generator).integers(0, size, self.num_samples).tolist()
            return
        left = self.num_samples
        while left > 0:
            yield from randperm(size, generator=self.generator).tolist()[:left]
            left -= size


class SubsetRandomSampler(Sampler):
    """The given indices in random order."""

    def __init__(self, indices, generator=None):
        super().__init__(list(indices))
        self.indices, self.generator = self.data_source, generator

    def __iter__(self):
        return (self.indices[at] for at in randperm(len(self.indices), generator=self.generator).tolist())


class WeightedRandomSampler(Sampler):
    """Indices with probabilities proportional to weights."""

    def __init__(self, weights, num_samples, replacement=True, generator=None):
        super().__init__(range(num_samples))
        self.weights = np.asarray([float(w) for w in weights])
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self):
        chances = self.weights / self.weights.sum()
        drawn = numbers(self.generator).choice(len(chances), self.num_samples, self.replacement, chances)
        return iter(drawn.tolist())


class BatchSampler(Sampler):
    """Lists of the indices of another sampler, of one size."""

    def __init__(self, sampler, batch_size, drop_last):
        super().__init__(sampler)
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __len__(self):
        count = len(self.sampler)
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    def __iter__(self):
        batch = []
        for at in self.sampler:
            batch.append(at)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch


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
        self, dataset, batch_size=1, shuffle=False, sampler=None, batch_sampler=None, num_workers=0, collate_fn=None,
        pin_memory=False, drop_last=False, timeout=0, worker_init_fn=None, multiprocessing_context=None,
        generator=None, *, prefetch_factor=None, persistent_workers=False,
    ):  # fmt: skip
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError(
                "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
            )
        self.batch_sampler = batch_sampler
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
        if self.batch_sampler is not None:
            return len(self.batch_sampler)
        count = len(self.dataset if self.sampler is None else self.sampler)
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    def __iter__(self):
        if self.batch_sampler is not None:
            yield from map(self._batch, self.batch_sampler)
            return
        order = self._order()
        for at in range(len(self)):
            chosen = order[at * self.batch_size : (at + 1) * self.batch_size]
            yield self._batch(chosen)

    def _batch(self, chosen):
        whole = self.dataset
        if type(whole) is TensorDataset and self.collate_fn is None:  # all rows at once
            return [each[tensor(chosen)] for each in whole.tensors]
        return (self.collate_fn or default_collate)([whole[at] for at in chosen])
