"""Requests as no AWS client would send them: any body, signed properly."""

from __future__ import annotations

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.support.inprocess import Aws, answer


def ask(aws: Aws, operation: str, body: bytes | dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and answer of a SageMaker operation of the root."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"SageMaker.{operation}",
    }
    request = AWSRequest("POST", "http://127.0.0.1:7070/", headers=headers, data=data)
    SigV4Auth(Credentials(*aws.root), "sagemaker", aws.region).add_auth(request)
    got = answer(aws.app, aws.loop, request.prepare())
    return got.status_code, json.loads(got.content or b"{}")
