"""What each service calls each kind of fault, and with which status it answers.

Input: a fault and the service and protocol it happened in. Output: a code and a status.
A contract test holds every name against the service's model and AWS's common errors.
Sources: the models' exceptions; "Common errors" of each API reference; S3 "Error responses";
EC2 "Error codes for the Amazon EC2 API".
"""

from __future__ import annotations

from freehold.base.errors import (
    Conflict,
    Denied,
    Fault,
    Internal,
    InUse,
    Invalid,
    LimitExceeded,
    NotFound,
    Throttled,
    Unauthenticated,
    Unsupported,
)
from freehold.spec.model import Service

Names = dict[type[Fault], str]

_JSON: Names = {
    Invalid: "ValidationException",
    Unauthenticated: "UnrecognizedClientException",
    Denied: "AccessDeniedException",
    NotFound: "ResourceNotFoundException",
    InUse: "ResourceInUseException",
    Conflict: "ConflictException",
    LimitExceeded: "LimitExceededException",
    Throttled: "ThrottlingException",
    Unsupported: "UnsupportedOperationException",
    Internal: "InternalFailure",
}
_QUERY: Names = _JSON | {
    Invalid: "ValidationError",
    Unauthenticated: "InvalidClientTokenId",
    Denied: "AccessDenied",
    Throttled: "Throttling",
}

BY_SERVICE: dict[str, Names] = {
    "sagemaker": _JSON
    | {
        NotFound: "ResourceNotFound",
        InUse: "ResourceInUse",
        LimitExceeded: "ResourceLimitExceeded",
    },
    "sagemaker-runtime": _JSON | {Invalid: "ValidationError", NotFound: "ValidationError"},
    "sagemaker-metrics": _JSON,
    "iam": _QUERY
    | {
        NotFound: "NoSuchEntity",
        InUse: "EntityAlreadyExists",
        Conflict: "DeleteConflict",
        LimitExceeded: "LimitExceeded",
    },
    "sts": _QUERY
    | {
        NotFound: "ValidationError",
        InUse: "ValidationError",
        Conflict: "ValidationError",
        LimitExceeded: "ValidationError",
    },
    "ec2": {
        Invalid: "InvalidParameterValue",
        Unauthenticated: "AuthFailure",
        Denied: "UnauthorizedOperation",
        NotFound: "InvalidParameterValue",
        InUse: "DependencyViolation",
        Conflict: "IncorrectState",
        LimitExceeded: "ResourceLimitExceeded",
        Throttled: "RequestLimitExceeded",
        Unsupported: "UnsupportedOperation",
        Internal: "InternalError",
    },
    "efs": _JSON
    | {
        Invalid: "BadRequest",
        NotFound: "FileSystemNotFound",
        InUse: "FileSystemInUse",
        Conflict: "IncorrectFileSystemLifeCycleState",
        LimitExceeded: "FileSystemLimitExceeded",
        Throttled: "ThrottlingException",
        Internal: "InternalServerError",
    },
    "logs": _JSON
    | {
        Invalid: "InvalidParameterException",
        InUse: "ResourceAlreadyExistsException",
        Conflict: "OperationAbortedException",
    },
    "cloudwatch": _JSON
    | {
        Invalid: "ValidationError",
        NotFound: "ResourceNotFound",
        LimitExceeded: "LimitExceeded",
        Internal: "InternalServiceError",
    },
    "ce": _JSON
    | {
        InUse: "ValidationException",
        Conflict: "ValidationException",
    },
    "budgets": _JSON
    | {
        Invalid: "InvalidParameterException",
        NotFound: "NotFoundException",
        InUse: "DuplicateRecordException",
        Conflict: "ResourceLockedException",
        LimitExceeded: "CreationLimitExceededException",
        Internal: "InternalErrorException",
    },
    "resourcegroupstaggingapi": _JSON
    | {
        Invalid: "InvalidParameterException",
        NotFound: "InvalidParameterException",
        InUse: "ConstraintViolationException",
        Conflict: "ConcurrentModificationException",
        LimitExceeded: "ConstraintViolationException",
        Throttled: "ThrottledException",
        Internal: "InternalServiceException",
    },
    "s3": {
        Invalid: "InvalidArgument",
        Unauthenticated: "InvalidAccessKeyId",
        Denied: "AccessDenied",
        NotFound: "NoSuchKey",
        InUse: "BucketAlreadyExists",
        Conflict: "OperationAborted",
        LimitExceeded: "TooManyBuckets",
        Throttled: "SlowDown",
        Unsupported: "NotImplemented",
        Internal: "InternalError",
    },
    "cloudtrail": _JSON | {Invalid: "InvalidParameterException", Conflict: "ConflictException"},
    "accessanalyzer": _JSON
    | {
        InUse: "ConflictException",
        LimitExceeded: "ServiceQuotaExceededException",
        Internal: "InternalServerException",
    },
    "pricing": _JSON
    | {
        Invalid: "InvalidParameterException",
        NotFound: "NotFoundException",
        Internal: "InternalErrorException",
    },
    "ssm": _JSON | {NotFound: "ServiceSettingNotFound", Internal: "InternalServerError"},
    "ecr": _JSON
    | {
        Invalid: "InvalidParameterException",
        NotFound: "RepositoryNotFoundException",
        InUse: "RepositoryAlreadyExistsException",
        Conflict: "RepositoryNotEmptyException",
        Internal: "ServerException",
    },
}

# One refusal at the door, as each protocol spells it: json and rest-json, query, ec2, rest-xml.
_DOOR: tuple[tuple[str, str, str, str], ...] = (
    ("UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "InvalidAccessKeyId"),
    (
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "SignatureDoesNotMatch",
        "SignatureDoesNotMatch",
    ),
    ("ExpiredTokenException", "ExpiredToken", "RequestExpired", "ExpiredToken"),
    (
        "MissingAuthenticationTokenException",
        "MissingAuthenticationToken",
        "MissingAuthenticationToken",
        "AccessDenied",
    ),
    (
        "IncompleteSignatureException",
        "IncompleteSignature",
        "IncompleteSignature",
        "AuthorizationHeaderMalformed",
    ),
    (
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "RequestExpired",
        "RequestTimeTooSkewed",
    ),
    ("UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "InvalidToken"),
)
_COLUMN = {"json": 0, "rest-json": 0, "cbor": 0, "query": 1, "ec2": 2, "rest-xml": 3}
DOOR_CODES: dict[str, tuple[str, str, str, str]] = {}
for _row in _DOOR:
    for _name in _row:
        if _name != "AccessDenied":
            DOOR_CODES.setdefault(_name, _row)

# Statuses of codes that the models do not give, or give otherwise than the service does.
_STATUS_S3: dict[str, int] = {
    "NotModified": 304,
    "AccessDenied": 403,
    "AccountProblem": 403,
    "AllAccessDisabled": 403,
    "InvalidAccessKeyId": 403,
    "InvalidObjectState": 403,
    "RequestTimeTooSkewed": 403,
    "SignatureDoesNotMatch": 403,
    "NoSuchBucket": 404,
    "NoSuchBucketPolicy": 404,
    "NoSuchCORSConfiguration": 404,
    "NoSuchKey": 404,
    "NoSuchLifecycleConfiguration": 404,
    "NoSuchPublicAccessBlockConfiguration": 404,
    "NoSuchTagSet": 404,
    "NoSuchUpload": 404,
    "NoSuchVersion": 404,
    "NoSuchWebsiteConfiguration": 404,
    "NotFound": 404,
    "ObjectLockConfigurationNotFoundError": 404,
    "OwnershipControlsNotFoundError": 404,
    "ReplicationConfigurationNotFoundError": 404,
    "ServerSideEncryptionConfigurationNotFoundError": 404,
    "MethodNotAllowed": 405,
    "BucketAlreadyExists": 409,
    "BucketAlreadyOwnedByYou": 409,
    "BucketNotEmpty": 409,
    "ConditionalRequestConflict": 409,
    "InvalidBucketState": 409,
    "OperationAborted": 409,
    "MissingContentLength": 411,
    "PreconditionFailed": 412,
    "InvalidRange": 416,
    "InvalidPartNumber": 416,
    # AWS answers 501; a 5xx would be tried again, and nothing is wrong with this server.
    "NotImplemented": 400,
    "SlowDown": 503,
}
_STATUS: dict[str, int] = {
    "AuthFailure": 401,
    "RequestExpired": 400,
    "IncompleteSignature": 400,
    "UnauthorizedOperation": 403,
    "RequestLimitExceeded": 503,
    "RequestEntityTooLarge": 413,
}
_LOCKED_OUT = frozenset({Denied, Unauthenticated})


def code(service: Service | None, protocol: str, fault: Fault) -> str:
    """The name of the fault in this service and protocol; ``fault.code`` goes before."""
    table = BY_SERVICE.get(service.name, _JSON) if service else _JSON
    if isinstance(fault, Unauthenticated) and fault.code in DOOR_CODES:
        column = _COLUMN[protocol]
        is_at_home = any(row[column] == fault.code for row in _DOOR)
        return fault.code if is_at_home else DOOR_CODES[fault.code][column]
    if fault.code:
        return fault.code
    if isinstance(fault, Internal) and fault.retryable:
        return "Unavailable" if protocol == "ec2" else "ServiceUnavailable"
    return next((table[kind] for kind in type(fault).__mro__ if kind in table), "InternalFailure")


def status(service: Service | None, protocol: str, fault: Fault, code: str) -> int:
    """The HTTP status of a code: the model's word, else what AWS is known to answer."""
    if isinstance(fault, Internal):
        return 503 if fault.retryable else 500
    if protocol == "rest-xml":
        return _STATUS_S3.get(code, 400)
    if code in _STATUS:
        return _STATUS[code]
    known = _modelled(service).get(code) if service and protocol != "json" else None
    if known:
        return known
    if protocol == "rest-json":
        return _rest_status(fault, code)
    is_locked_out = type(fault) in _LOCKED_OUT
    return 403 if is_locked_out and protocol in {"query", "ec2"} else 400


def _rest_status(fault: Fault, code: str) -> int:
    if type(fault) in _LOCKED_OUT:
        return 403
    if code == "UnknownOperationException" or isinstance(fault, NotFound):
        return 404
    return 429 if isinstance(fault, Throttled) else 400


_statuses: dict[str, dict[str, int]] = {}


def _modelled(service: Service) -> dict[str, int]:
    """Statuses by error code (the wire's name, such as ``NoSuchEntity``), made once."""
    found = _statuses.get(service.name)
    if found is None:
        found = {}
        for name in service.shape_names():
            shape = service.shape(name)
            if shape.is_exception and shape.error_status:
                found[shape.error_code or name] = shape.error_status
        _statuses[service.name] = found
    return found
