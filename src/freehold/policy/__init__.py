"""Whether they may: IAM's policy language, from a document's text to a decision with its reason.

Pure: documents, a request and its context come in, a ``Decision`` goes out. The road is
``document.parse`` > ``compile.compile_policy`` (once, kept by version) > ``evaluate.decide`` (each
call).
"""
