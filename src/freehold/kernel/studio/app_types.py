"""Types of apps, each declared once: what it runs, where it listens, when it is well or idle.

Input: nothing. Output: ``APP_TYPES``, asked by the services that make apps, by the loop that runs
them, by the edge that opens them and by isolation. A new type is one entry. Nothing else in the
house names a type by hand. Facts: domains.md 1.1, 1.3, 1.7.
"""

from __future__ import annotations

from dataclasses import dataclass

from freehold.base.errors import Invalid

INSTANCE_DEFAULT = "ml.t3.medium"
NAME = "default"  # AppName of every type that is served (domains.md 1.7)
# Every type of AWS's model. Those told to be classic stand in lower case in ARNs (domains.md 1.1).
KNOWN = (
    "JupyterServer",
    "KernelGateway",
    "DetailedProfiler",
    "TensorBoard",
    "CodeEditor",
    "JupyterLab",
    "RStudioServerPro",
    "RSessionGateway",
    "Canvas",
)
CLASSIC = frozenset(
    {"JupyterServer", "KernelGateway", "TensorBoard", "RStudioServerPro", "RSessionGateway"}
)
IN_SPACES = frozenset({"JupyterLab", "CodeEditor", "JupyterServer"})  # the model's words on AppType
IDLE_SETTINGS = ("JupyterLabAppSettings", "CodeEditorAppSettings")  # that have IdleSettings
# The member of an AppImageConfig that says how an image is run, by the settings that attach it.
IMAGE_CONFIGS = {
    "KernelGatewayAppSettings": "KernelGatewayImageConfig",
    "JupyterLabAppSettings": "JupyterLabAppImageConfig",
    "CodeEditorAppSettings": "CodeEditorAppImageConfig",
}


@dataclass(frozen=True, slots=True)
class AppType:
    """What we know of a type.

    ``settings``: the member of UserSettings that governs it. ``instance``: what it runs on where
    nobody says; ``system`` is not billed by instance. ``component``: its name on the bill.
    ``title``: what people call it. ``command``: with ``{python}``, ``{socket}``, ``{base}`` and
    ``{home}`` to be filled in. ``base_path``: where it serves; ``health``: the path below that
    answers 200 when it is well; ``landing``: the page below that a browser is led to.
    ``probe``: how ``loops/apps/probe.py`` learns whether it is idle. ``only_instance``: the one
    instance type that it accepts. ``has_scripts``, ``has_repositories``, ``has_idle_shutdown``:
    whether lifecycle configurations, code repositories and IdleSettings apply.
    """

    name: str
    settings: str
    instance: str
    component: str
    title: str
    command: tuple[str, ...]
    base_path: str
    health: str
    landing: str
    probe: str
    runtime: str = "jupyterlab"
    only_instance: str | None = None
    has_scripts: bool = True
    has_repositories: bool = True
    has_idle_shutdown: bool = True

    @property
    def image_config(self) -> str | None:
        """The member of an AppImageConfig that speaks of this type; None if there is none."""
        return IMAGE_CONFIGS.get(self.settings)


_JUPYTER = (
    "{python}",
    "-m",
    "jupyterlab",
    "--no-browser",
    "--ServerApp.sock={socket}",
    "--ServerApp.sock_mode=0600",
    "--ServerApp.base_url={base}/",
    "--ServerApp.root_dir={home}",
    "--IdentityProvider.token=",
    "--ServerApp.password=",
    "--ServerApp.allow_remote_access=True",
    "--ServerApp.terminals_enabled=True",
    "--KernelManager.transport=ipc",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)

_DECLARED = (
    AppType(
        name="JupyterLab",
        settings="JupyterLabAppSettings",
        instance=INSTANCE_DEFAULT,
        component="Studio:JupyterLab",
        title="JupyterLab",
        command=_JUPYTER,
        base_path="/jupyterlab/default",
        health="/api",
        landing="lab",
        probe="jupyter",
    ),
    AppType(
        name="JupyterServer",
        settings="JupyterServerAppSettings",
        instance="system",
        component="Studio:JupyterServer",
        title="JupyterLab",
        command=_JUPYTER,
        base_path="/jupyter/default",
        health="/api",
        landing="lab",
        probe="jupyter",
        only_instance="system",
        has_idle_shutdown=False,  # its settings have no AppLifecycleManagement
    ),
)

APP_TYPES = {one.name: one for one in _DECLARED}
OF_SPACES = "JupyterLab"  # what a space without an AppType opens
OF_PROFILES = "JupyterServer"  # what a profile without a DefaultLandingUri opens (domains.md 1.3)


def served() -> str:
    """The types that are served, for messages."""
    return " or ".join(sorted(APP_TYPES))


def of_name(name: str) -> AppType:
    """The declaration of a type.

    Raises:
        Invalid: It is not served.
    """
    found = APP_TYPES.get(name)
    if found is None:
        raise Invalid(f"AppType {name} is not supported by this server: use {served()}.")
    return found


def in_arn(name: str) -> str:
    """How a type is spelled in the ARN of an app."""
    return name.lower() if name in CLASSIC else name


def arn_tail(domain_id: str, owner: str, app_type: str, name: str = NAME) -> str:
    """The last part of an app's ARN; ``owner`` is the profile's or the space's name."""
    return f"app/{domain_id}/{owner}/{in_arn(app_type)}/{name}"
