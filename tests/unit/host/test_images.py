"""Which image URIs are known, and what they mean."""

from __future__ import annotations

import pytest

from freehold.host.images import Image, known_image

ECR = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
KNOWN = [
    (f"{ECR}/sagemaker-scikit-learn:1.2-1-cpu-py3", Image("sklearn", "1.2-1")),
    (f"{ECR}/sagemaker-scikit-learn:0.20.0-cpu-py3", Image("sklearn", "0.20.0")),
    (f"{ECR}/sagemaker-scikit-learn:1.4-2-cpu-py3", Image("sklearn", "1.4-2")),
    (f"{ECR}/sagemaker-scikit-learn:1.2-1", Image("sklearn", "1.2-1")),
    (
        "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn/sagemaker-scikit-learn:1.0-1-cpu-py3",
        Image("sklearn", "1.0-1"),
    ),
    (
        "arn:aws:sagemaker:us-east-1:081325390199:image/jupyter-server-3",
        Image("jupyterlab"),
    ),
    (
        "arn:aws:sagemaker:us-east-1:885854791233:image/sagemaker-distribution-cpu",
        Image("jupyterlab"),
    ),
    ("public.ecr.aws/sagemaker/sagemaker-distribution:2.0-cpu", Image("jupyterlab", "2.0")),
    ("local://venv/mine", Image("mine")),
]
UNKNOWN = [
    "",
    "sagemaker-scikit-learn",
    f"{ECR}/sagemaker-scikit-learn:latest",
    f"{ECR}/sagemaker-scikit-learn:1.2-1-gpu-py3",
    "111122223333.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
    f"{ECR}/x/sagemaker-scikit-learn:1.2-1-cpu-py3",
    "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.1-cpu-py310",
    "arn:aws:sagemaker:us-east-1:081325390199:image/unheard-of",
    "local://venv/../x",
]


@pytest.mark.parametrize(("uri", "expected"), KNOWN)
def test_a_known_image_means_a_runtime(uri: str, expected: Image) -> None:
    assert known_image(uri) == expected


@pytest.mark.parametrize("uri", UNKNOWN)
def test_an_unknown_image_means_nothing(uri: str) -> None:
    assert known_image(uri) is None
