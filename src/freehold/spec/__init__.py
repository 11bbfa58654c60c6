"""AWS's service models, from botocore's data: loaded, patched, compiled, checked."""
