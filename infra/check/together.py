"""What holds between settings: each has one place, what must be set is set, and times and sizes fit each other and the code."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.check import options as of
from infra.check.finding import Finding
from infra.check.settings import TEMPLATE, Setting, in_files, in_template, load

# (namespace, option, value or None for any): what goes wrong without.
MUSTS: dict[tuple[str, str, str | None], str] = {
    (of.PROCESS, "HealthCheckPath", "/readyz"): "or clients are sent to an instance that has lost its database.",
    (of.PROCESS, "MatcherHTTPCode", "200"): "or an instance that is not ready counts as healthy.",
    (of.PROCESS, "StickinessEnabled", "true"): "or a client that polls talks to a server that does not know it.",
    (of.COMMAND, "DeploymentPolicy", "Immutable"): "or a deployment stops what serves, and one that fails leaves a mixture.",
    (of.ROLLING, "RollingUpdateEnabled", "true"): "or a change of settings replaces all instances at once.",
    (of.ROLLING, "RollingUpdateType", "Immutable"): "or it is refused beside immutable deployments.",
    (of.HEALTH, "SystemType", "enhanced"): "or deployments and managed updates do not see whether the application is well.",
    (of.LOGS, "StreamLogs", "true"): "or logs end with their instance.",
    (of.LOGS, "DeleteOnTerminate", "false"): "or logs end with their environment.",
    (of.UPDATES, "ManagedActionsEnabled", "true"): "or the platform is never patched.",
    (of.TRIGGER, "UpperThreshold", None): "or nothing is added when the load is too high.",
    (of.TRIGGER, "LowerThreshold", None): "or nothing leaves when the load is too low.",
    (of.ENVIRONMENT, "LoadBalancerType", "application"): "or it is a classic one, which knows no WebSockets.",
    (of.ENVIRONMENT, "ServiceRole", None): "or health and updates have no role to work as.",
    (of.BALANCER, "IdleTimeout", None): "or quiet connections end after 60 seconds.",
    (of.BALANCER, "SecurityGroups", None): "or Elastic Beanstalk makes a group that is open to all, in staging too.",
    (of.BALANCER, "ManagedSecurityGroup", None): "or Elastic Beanstalk makes a group that is open to all, in staging too.",
    (of.LAUNCH, "SecurityGroups", None): "or instances are open to more than the balancer.",
    (of.LAUNCH, "DisableDefaultEC2SecurityGroup", "true"): "or instances are open to more than the balancer.",
    (of.LAUNCH, "IamInstanceProfile", None): "or instances have no role, and no secrets.",
    (of.LAUNCH, "DisableIMDSv1", "true"): "or a forged request can read the role's keys.",
    (of.GROUP, "MinSize", None): "or it is 1.",
    (of.GROUP, "MaxSize", None): "or it is 4.",
    (of.PROPERTIES, "PORT", None): "or the platform chooses one.",
    (of.PROPERTIES, "CHATX_ENV", "production"): "or development's defaults are served to the world.",
    (of.SECRETS, "CHATX_SECRET_KEY", None): "or the application refuses to start.",
    (of.SECRETS, "CHATX_DATABASE_PASSWORD", None): "or the application cannot reach its database.",
}
# Of PING_INTERVAL and so on in config.py.
PINGS = re.compile(r"PING_INTERVAL, PING_TIMEOUT = (\d+), (\d+)")
NAMES = re.compile(r'"((?:CHATX_[A-Z_]+)|PORT)"')


def check(root: Path) -> Iterator[Finding]:
    settings = [*in_files(root), *in_template(root)]
    yield from _doubles(settings)
    yield from _missing(settings)
    yield from _times(root, settings)
    yield from _connections(root, settings)
    yield from _properties(root, settings)


def _doubles(settings: list[Setting]) -> Iterator[Finding]:
    places: dict[tuple[str, str], list[Setting]] = defaultdict(list)
    for setting in settings:
        places[setting.namespace, setting.option].append(setting)
    for (namespace, option), here in places.items():
        first, *others = here
        # What differs by a condition is one setting whose value is an Fn::If, not a setting on each side of one.
        for other in others:
            where = f"{first.path}:{first.line}"
            hides = " The template hides the file's value for good." if {first.path, other.path} > {TEMPLATE} else ""
            yield Finding(other.path, other.line, f"{option} of {namespace} is set twice: also in {where}.{hides}")


def _missing(settings: list[Setting]) -> Iterator[Finding]:
    values = {(setting.namespace, setting.option): setting for setting in settings}
    for (namespace, option, wanted), otherwise in MUSTS.items():
        setting = values.get((namespace, option))
        if setting is None:
            yield Finding(".ebextensions", 0, f"{option} of {namespace} is set nowhere; it must be, {otherwise}")
        elif wanted is not None and setting.values != (wanted,):
            given = " or ".join(setting.values) or "something else"
            yield Finding(setting.path, setting.line, f"{option} of {namespace} must be {wanted}, not {given}, {otherwise}")


def _times(root: Path, settings: list[Setting]) -> Iterator[Finding]:
    number = _numbers(settings)
    if pings := PINGS.search((root / "config.py").read_text()):
        quiet = sum(map(int, pings.groups()))
        if (idle := number(of.BALANCER, "IdleTimeout")) and idle <= quiet:
            yield Finding(
                ".ebextensions", 0, f"IdleTimeout {idle} is not longer than a socket may be quiet, {quiet} seconds by config.py."
            )
    else:
        yield Finding("config.py", 0, "says PING_INTERVAL, PING_TIMEOUT in another way than it is read here.")
    interval, timeout = number(of.PROCESS, "HealthCheckInterval"), number(of.PROCESS, "HealthCheckTimeout")
    if interval and timeout and timeout >= interval:
        yield Finding(".ebextensions", 0, f"HealthCheckTimeout {timeout} must be less than HealthCheckInterval {interval}.")
    period, times = number(of.TRIGGER, "Period"), number(of.TRIGGER, "EvaluationPeriods")
    breach = number(of.TRIGGER, "BreachDuration")
    if period and times and breach and breach != period * times:
        yield Finding(".ebextensions", 0, f"BreachDuration {breach} must be Period times EvaluationPeriods, {period * times}.")
    low, high = number(of.TRIGGER, "LowerThreshold"), number(of.TRIGGER, "UpperThreshold")
    if low and high and low >= high:
        yield Finding(".ebextensions", 0, f"LowerThreshold {low} must be below UpperThreshold {high}.")


def _connections(root: Path, settings: list[Setting]) -> Iterator[Finding]:
    """All processes of all instances, the timers' own process among them, twice while a deployment replaces them."""
    number = _numbers(settings)
    processes, pool = (number(of.PROPERTIES, "CHATX_WORKERS") or 1) + 1, number(of.PROPERTIES, "CHATX_DATABASE_POOL") or 10
    mappings = load(root / TEMPLATE).get("Mappings", {})
    for name, size in mappings.get("Sizes", {}).items():
        most, has = processes * pool * int(size["MaxSize"]) * 2, int(size["Connections"])
        if most > has:
            sum_ = f"{processes} processes x {pool} connections x {size['MaxSize']} instances x 2"
            yield Finding(TEMPLATE, 0, f"{name} may ask for {most} connections ({sum_}), and its database takes {has}.")


def _properties(root: Path, settings: list[Setting]) -> Iterator[Finding]:
    read = set(NAMES.findall((root / "config.py").read_text() + (root / "settings.py").read_text()))
    for setting in settings:
        ours = setting.option.startswith("CHATX_")
        if setting.namespace in (of.PROPERTIES, of.SECRETS) and ours and setting.option not in read:
            yield Finding(setting.path, setting.line, f"{setting.option} is told to an application that does not read it.")
        if setting.namespace == of.PROPERTIES and re.search(r"SECRET|PASSWORD|TOKEN|PRIVATE", setting.option):
            yield Finding(
                setting.path, setting.line, f"{setting.option} is a secret: it belongs in {of.SECRETS}, as the ARN of one."
            )
    for setting in settings:
        if setting.namespace == of.SECRETS and setting.values:
            yield Finding(
                setting.path, setting.line, f"{setting.option} must be the ARN of a secret, which only the template knows."
            )


def _numbers(settings: list[Setting]) -> Callable[[str, str], int | None]:
    """A reader of whole numbers; None where there is none."""
    values = {(setting.namespace, setting.option): setting.values for setting in settings}

    def number(namespace: str, option: str) -> int | None:
        value = next(iter(values.get((namespace, option), ())), "")
        return int(value) if value.isdecimal() else None

    return number
