"""Types of apps, each declared once: what it runs, where it listens, when it is well.

Input: nothing. Output: ``APP_TYPES``, asked by the services that make apps, by the loop that runs
them and by the edge that opens them. A new type is one entry. Facts: domains.md 1.3, 1.7.
"""

from __future__ import annotations

from dataclasses import dataclass

INSTANCE_DEFAULT = "ml.t3.medium"


@dataclass(frozen=True, slots=True)
class AppType:
    """What we know of a type.

    ``settings``: the member of UserSettings that governs it. ``instance``: what it runs on where
    nobody says; ``system`` is not billed by instance. ``component``: its name on the bill.
    ``command``: with ``{python}``, ``{socket}``, ``{base}`` and ``{home}`` to be filled in.
    ``base_path``: where it serves; ``health``: the path below that answers 200 when it is well;
    ``landing``: the page below that a browser is led to.
    """

    name: str
    settings: str
    instance: str
    component: str
    command: tuple[str, ...]
    base_path: str
    health: str
    landing: str
    runtime: str = "jupyterlab"


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
        command=_JUPYTER,
        base_path="/jupyterlab/default",
        health="/api",
        landing="lab",
    ),
    AppType(
        name="JupyterServer",
        settings="JupyterServerAppSettings",
        instance="system",
        component="Studio:JupyterServer",
        command=_JUPYTER,
        base_path="/jupyter/default",
        health="/api",
        landing="lab",
    ),
)

APP_TYPES = {one.name: one for one in _DECLARED}
