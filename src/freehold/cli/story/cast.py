"""Who plays: two lines of business, their people, what they make. Data only.

Names are as the notebooks in ``data/`` have them; ids and ARNs are filled in as they are made.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Desk:
    """A space and who opens it. ``is_shared``: nobody's own, the domain's."""

    space: str
    person: str
    notebook: str
    is_shared: bool = False

    @property
    def path(self) -> str:
        """The notebook's file in the space's home."""
        return self.notebook.replace(".md", ".ipynb")


@dataclass(slots=True)
class Line:
    """A line of business: one domain."""

    name: str
    people: tuple[str, ...]
    desks: tuple[Desk, ...]
    experiment: str
    pipeline: str
    group: str
    job: str
    processing: str | None = None
    role_arn: str = ""
    domain_id: str = ""
    domain_arn: str = ""
    made: dict[str, str] = field(default_factory=dict)

    @property
    def role(self) -> str:
        """The execution role's name; AWS's managed policy lets such names be passed."""
        return f"AmazonSageMaker-{self.name}"


def finance() -> Line:
    """Forecasts unemployment: one person of their own space, one space for all."""
    return Line(
        name="finance",
        people=("ana", "bruno"),
        desks=(
            Desk("ana-notebooks", "ana", "finance.md"),
            Desk("forecasting", "bruno", "review.md", is_shared=True),
        ),
        experiment="unemployment-forecast",
        pipeline="unemployment-quarterly",
        group="unemployment",
        job="unemployment",
    )


def sustainability() -> Line:
    """Fits carbon dioxide's trend, after a processing job."""
    return Line(
        name="sustainability-research",
        people=("chen",),
        desks=(Desk("chen-notebooks", "chen", "sustainability.md"),),
        experiment="carbon-trend",
        pipeline="carbon-yearly",
        group="carbon",
        job="carbon-trend",
        processing="carbon-monthly",
    )


OLD_EXPERIMENTS = ("loan-losses-2021", "interest-rates-2022")
"""Made by finance before there were domains: they carry no tag."""
