"""`make deploy-check`: everything about infra/, .ebextensions, the bundle and the pipeline that can be known without an account.

A check is a function from the root of the project to its findings. `CHECKS` is all of them; a new one is a module and a line.
"""

from infra.check import (
    bundle,
    containers,
    ebextensions,
    nginx,
    nginx_itself,
    policies,
    procfile,
    scripts,
    templates,
    together,
    workflows,
    yamls,
)
from infra.check.finding import Check, Finding

__all__ = ["CHECKS", "Check", "Finding"]

CHECKS: dict[str, Check] = {
    "yaml": yamls.check,
    "options": ebextensions.check,
    "together": together.check,
    "templates": templates.check,
    "policies": policies.check,
    "procfile": procfile.check,
    "nginx": nginx.check,
    "nginx itself": nginx_itself.check,
    "bundle": bundle.check,
    "scripts": scripts.check,
    "containers": containers.check,
    "workflows": workflows.check,
    "actionlint": workflows.actionlint,
    "zizmor": workflows.zizmor,
}
