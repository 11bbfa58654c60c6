"""Price List: what an instance-hour and a gigabyte-month cost, before one starts anything.

Answers are read off the operator's price list, which the bill is made of, in the form of AWS's
offers: each product a text of JSON with its attributes and one on-demand term. What has no price
is no product. Reference: costs, section 2.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from freehold.base.errors import Invalid, NotFound
from freehold.kernel.call import Call
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.meter.dimensions import EFS, S3, SAGEMAKER, SERVICE_CODES, component, usage_type

pricing = Service("pricing")

FORMAT = "aws_v1"  # the only FormatVersion there is (Price List API reference, GetProducts)
PAGE_MAX = 100  # MaxResults of the model
# What runs on instances, by the word that AWS's products use for it.
ON_INSTANCES = {
    "JupyterLab": "Studio-JupyterLab",
    "JupyterServer": "Studio-Notebook",
    "Train": "Training",
    "Processing": "Processing",
    "Tsform": "Batch Transform",
    "Host": "Hosting",
}
STORED = {"VolumeUsage.gp3": SAGEMAKER, "FileSystem": EFS, "ObjectStorage": S3}
ATTRIBUTES = ["component", "instanceName", "memory", "operation", "regionCode", "servicecode"]
ATTRIBUTES += ["usagetype", "vCpu"]
TESTS: dict[str, Callable[[str, str], bool]] = {
    "TERM_MATCH": lambda value, wanted: value == wanted,
    "EQUALS": lambda value, wanted: value == wanted,
    "CONTAINS": lambda value, wanted: wanted in value,
    "ANY_OF": lambda value, wanted: value in wanted.split(","),
    "NONE_OF": lambda value, wanted: value not in wanted.split(","),
}


@pricing.operation("DescribeServices")
def describe_services(call: Call, request: Document) -> Document:
    """Services that have prices, with the attributes that GetProducts filters by.

    Raises:
        NotFound: There is no such service.
    """
    wanted = request.get("ServiceCode")
    codes = [wanted] if wanted else sorted(SERVICE_CODES.values())
    _check(request, *codes)
    found = [{"ServiceCode": code, "AttributeNames": ATTRIBUTES} for code in codes]
    return _answer("Services", found, request)


@pricing.operation("GetProducts", mode="slow")
def get_products(call: Call, request: Document) -> Document:
    """Products of a service that pass all filters, each as JSON, in order of their usage type.

    Raises:
        Invalid: Another format than aws_v1, or a token that is none of ours.
        NotFound: There is no such service.
    """
    _check(request, request["ServiceCode"])
    filters = request.get("Filters", ())
    found = [
        json.dumps(product, separators=(",", ":"))
        for product in _products(call, request["ServiceCode"])
        if all(_passes(product["product"]["attributes"], one) for one in filters)
    ]
    return _answer("PriceList", found, request)


def _check(request: Document, *codes: str) -> None:
    if request.get("FormatVersion", FORMAT) != FORMAT:
        raise Invalid(f"The FormatVersion must be {FORMAT}, not {request['FormatVersion']}.")
    for code in codes:
        if code not in SERVICE_CODES.values():
            known = ", ".join(sorted(SERVICE_CODES.values()))
            raise NotFound(f"The service {code} has no prices here. Those that have: {known}.")


def _answer(member: str, found: list[Any], request: Document) -> Document:
    limit = int(request.get("MaxResults") or PAGE_MAX)
    page, token = lists.page_of(found, limit, request.get("NextToken"))
    answer: Document = {"FormatVersion": FORMAT, member: list(page)}
    return answer | ({"NextToken": token} if token else {})


def _passes(attributes: dict[str, str], wanted: Document) -> bool:
    value = attributes.get(wanted["Field"])
    return value is not None and TESTS[wanted["Type"]](value, wanted["Value"])


def _products(call: Call, service_code: str) -> Iterator[Document]:
    book, region = call.kernel.prices.book(), call.region
    parts = [(key, "") for key in STORED]
    parts += [(key, name) for key in ON_INSTANCES for name in book.instance_types(call.now)]
    for key, instance_type in sorted(parts, key=lambda part: usage_type(part[0], part[1], region)):
        what = component(key)
        price = book.price(key, instance_type, region, call.now)
        if SERVICE_CODES[what.service] != service_code or price.is_missing:
            continue
        usage = usage_type(key, instance_type, region)
        attributes = {
            "servicecode": service_code,
            "regionCode": region,
            "usagetype": usage,
            "operation": what.operation,
            "component": ON_INSTANCES.get(key, "Storage"),
        }
        size = book.instances.get(instance_type)
        if instance_type:
            attributes["instanceName"] = instance_type
        if size is not None:
            attributes |= {"vCpu": str(size.vcpus), "memory": f"{size.memory_gib:g} GiB"}
        yield {
            "product": {
                "productFamily": "ML Instance" if instance_type else "Storage",
                "attributes": attributes,
                "sku": usage,
            },
            "serviceCode": service_code,
            "terms": {"OnDemand": _term(book, price, usage, what.unit, call.now)},
            "version": price.version,
            "publicationDate": _day(book.since(call.now)),
        }


def _term(book: Any, price: Any, usage: str, unit: str, now: float) -> Document:
    words = f"{price.rate:f} {book.currency} per {unit} of {usage}. {book.notice}"
    dimension = {
        "unit": unit,
        "description": words.strip(),
        "beginRange": "0",
        "endRange": "Inf",
        "rateCode": price.rate_id,
        "pricePerUnit": {book.currency: f"{price.rate:f}"},
        "appliesTo": [],
    }
    term = {
        "offerTermCode": "OnDemand",
        "sku": usage,
        "effectiveDate": _day(book.since(now)),
        "priceDimensions": {price.rate_id: dimension},
        "termAttributes": {},
    }
    return {f"{usage}.OnDemand": term}


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
