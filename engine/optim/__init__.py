"""PyTorch's torch.optim."""

from engine.optim import lr_scheduler
from engine.optim.adaptive import Adadelta, Adamax, NAdam, RAdam
from engine.optim.methods import SGD, Adagrad, Adam, AdamW, RMSprop
from engine.optim.optimizer import Optimizer
