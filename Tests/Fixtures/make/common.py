"""Where fixtures go, and how they are written."""

import json
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parent.parent


def folder(path):
    """A folder below Tests/Fixtures, made when it is not there."""
    place = ROOT / path
    place.mkdir(parents=True, exist_ok=True)
    return place


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def write_tensors(path, tensors):
    """A safetensors file; scalars become one element, flags become bytes."""
    result = {}
    for name, value in tensors.items():
        tensor = torch.as_tensor(np.asarray(value)) if not torch.is_tensor(value) else value.detach()
        if tensor.dtype == torch.bool:
            tensor = tensor.to(torch.uint8)
        result[name] = tensor.reshape(1).contiguous() if tensor.ndim == 0 else tensor.contiguous().clone()
    save_file(result, str(path))
