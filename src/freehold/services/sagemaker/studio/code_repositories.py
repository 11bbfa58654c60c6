"""Code repositories: where a team's Git repository is, its branch, and which secret opens it.

Settings name a repository by its address; the branch kept here for that address is the one that is
cloned when an app starts. The secret's ARN is kept and given back; this server has no store of
secrets, so a clone goes without, and says so where it fails (docs/parity.md). Errors are those of
SageMaker's older operations: a ValidationException where newer ones say ResourceNotFound (Terraform
looks for the words "Cannot find CodeRepository").
"""

from __future__ import annotations

from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import ListPlan, list_, merge
from freehold.services.sagemaker.service import sagemaker

CODE_REPOSITORY = sagemaker.resource(
    "CodeRepository",
    arn="code-repository/{CodeRepositoryName}",
    exists='Cannot create a duplicate CodeRepository: "{arn}"',
    exists_code="ValidationException",
    not_found='Cannot find CodeRepository: "{arn}"',
    not_found_code="ValidationException",
)


@CODE_REPOSITORY.creates("CreateCodeRepository")
def create_code_repository(_call: Call, _repository: Document) -> None:
    """The model checks the address (https), the branch and the secret's ARN."""


CODE_REPOSITORY.describes("DescribeCodeRepository")

_PLAN = ListPlan.read(
    CODE_REPOSITORY, sagemaker.model.operations["ListCodeRepositories"], descending=False
)
CODE_REPOSITORY.summary_members = _PLAN.item_members
_list = list_(CODE_REPOSITORY, _PLAN)


@sagemaker.operation("ListCodeRepositories")
def list_code_repositories(call: Call, request: Document) -> Document | None:
    """One page, by name unless asked otherwise."""
    return _list(call, {"SortBy": "Name"} | request)


@CODE_REPOSITORY.updates("UpdateCodeRepository")
def update_code_repository(_call: Call, repository: Record, request: Document) -> None:
    """Another secret; address and branch never change."""
    merge(repository.document, request, without=("CodeRepositoryName",))


@CODE_REPOSITORY.deletes("DeleteCodeRepository")
def delete_code_repository(_call: Call, _repository: Record) -> bool:
    """Gone at once; settings name repositories by their address, not by this."""
    return True
