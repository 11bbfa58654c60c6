"""The other server, with the same jobs in its memory. Run by its own Python, not by ours:
``python moto_server.py PORT JOBS.json``, where the file holds CreateTrainingJob requests.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from moto.sagemaker.models import sagemaker_backends
from moto.server import main


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def fill(requests: list[dict]) -> None:
    backend = sagemaker_backends["123456789012"]["us-east-1"]
    unasked = {
        "vpc_config": {},
        "experiment_config": {},
        "checkpoint_config": {},
        "debug_hook_config": {},
        "tensor_board_output_config": {},
        "debug_rule_configurations": [],
        "enable_network_isolation": False,
        "enable_inter_container_traffic_encryption": False,
        "enable_managed_spot_training": False,
    }
    for request in requests:
        given = {snake(key): value for key, value in request.items() if key != "Environment"}
        backend.create_training_job(**{**unasked, **given})


if __name__ == "__main__":
    port, path = sys.argv[1:3]
    fill(json.loads(Path(path).read_text()))
    main(["-H", "127.0.0.1", "-p", port])
