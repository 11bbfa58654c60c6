"""Error codes that AWS documents beside the models. Source: the pages named below, 2026-11."""

# "Common errors" of the API references of SageMaker, IAM, STS, CloudWatch Logs and others.
COMMON = {
    "AccessDenied",
    "AccessDeniedException",
    "ConflictException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InternalFailure",
    "InvalidAction",
    "InvalidClientTokenId",
    "LimitExceededException",
    "MissingAction",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "UnsupportedOperationException",
    "ValidationError",
    "ValidationException",
}
# "Error codes for the Amazon EC2 API".
EC2 = {
    "AuthFailure",
    "DependencyViolation",
    "IncorrectState",
    "InternalError",
    "InvalidParameterValue",
    "RequestLimitExceeded",
    "ResourceLimitExceeded",
    "Unavailable",
    "UnauthorizedOperation",
    "UnsupportedOperation",
}
# "Error responses" of the Amazon S3 API reference.
S3 = {
    "AccessDenied",
    "BucketAlreadyExists",
    "InternalError",
    "InvalidAccessKeyId",
    "InvalidArgument",
    "NoSuchKey",
    "NotImplemented",
    "OperationAborted",
    "SlowDown",
    "TooManyBuckets",
}
BY_SERVICE = {"ec2": EC2, "s3": S3}
