"""How a fault gets into a copy of the project, and the files that most go into."""

from collections.abc import Callable

from tests.infra.conftest import Copy

Fault = Callable[[Copy], None]
# What is wrong: (which check, how it gets into the project, where it is found, words of the sentence).
Faults = dict[str, tuple[str, Fault, str, str]]

APP, HEALTH, BALANCER = ".ebextensions/01_app.config", ".ebextensions/02_health.config", ".ebextensions/03_balancer.config"
SCALING, DEPLOYMENTS = ".ebextensions/04_scaling.config", ".ebextensions/06_deployments.config"
ENV, SHARED = "infra/env.yaml", "infra/app.yaml"
CI, SERVER = ".github/workflows/ci.yml", ".platform/nginx/conf.d/elasticbeanstalk/00_application.conf"
HTTP, NGINX = ".platform/nginx/conf.d/chatx.conf", ".platform/nginx/nginx.conf"


def change(path: str, old: str, new: str) -> Fault:
    return lambda project: project.replace(path, old, new)


def add(path: str, text: str) -> Fault:
    return lambda project: project.append(path, text)


def new(path: str, text: str) -> Fault:
    return lambda project: project.write(path, text)


def no_bit(path: str) -> Fault:
    def fault(project: Copy) -> None:
        (project.root / path).chmod(0o644)
        project.git("update-index", "--chmod=-x", path)

    return fault
