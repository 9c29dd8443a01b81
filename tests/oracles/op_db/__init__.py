"""PyTorch's own sample inputs (its op_db, in float64) run through the engine's public functions of the same names.

names      what is covered, and what of it is left out for a reason
calls      a call of PyTorch's as a call of ours: functions, tensors, arguments
compare    one sample in both libraries: values, dtypes, shapes, gradients
exceptions samples that don't agree, each with its reason
"""
