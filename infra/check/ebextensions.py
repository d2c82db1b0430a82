"""The files of .ebextensions: their form, and that every option exists and is set to something that it can be."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from infra.check.finding import Finding
from infra.check.options import OPTIONS, OURS, TEMPLATE_ONLY
from infra.check.settings import FOLDER, TEMPLATE, Setting, in_files, in_template

TOP_KEYS = {"option_settings", "Resources", "Outputs", "container_commands", "commands", "files", "packages", "services"}
COMMAND_KEYS = {"command", "leader_only", "env", "cwd", "test", "ignoreErrors"}


def check(root: Path) -> Iterator[Finding]:
    for file in sorted((root / FOLDER).iterdir()):
        yield from _form(file, f"{FOLDER}/{file.name}")
    for setting in in_files(root):
        yield from _option(setting)
        if (setting.namespace, setting.option) in TEMPLATE_ONLY:
            yield Finding(setting.path, setting.line, f"{setting.option} has no effect here: set it in {TEMPLATE}.")
    for setting in in_template(root):
        yield from _option(setting)


def _form(file: Path, path: str) -> Iterator[Finding]:
    if file.suffix != ".config":
        yield Finding(path, 0, "is not read: Elastic Beanstalk takes only files that end in .config.")
        return
    try:
        content = yaml.safe_load(file.read_text())
    except yaml.YAMLError as error:
        yield Finding(path, 0, f"is no YAML: {' '.join(str(error).split())}")
        return
    if not isinstance(content, dict):
        yield Finding(path, 0, "is no mapping of keys like option_settings.")
        return
    for key in sorted(set(content) - TOP_KEYS):
        yield Finding(path, 0, f"{key} is no key that Elastic Beanstalk knows: {', '.join(sorted(TOP_KEYS))}.")
    for name, command in (content.get("container_commands") or {}).items():
        yield from _command(path, name, command)


def _command(path: str, name: str, command: dict[str, object]) -> Iterator[Finding]:
    for key in sorted(set(command) - COMMAND_KEYS):
        yield Finding(path, 0, f"the command {name} has the unknown key {key}.")
    if "flask db" in str(command.get("command")) and command.get("leader_only") is not True:
        yield Finding(path, 0, f"the command {name} migrates without leader_only: true, so every instance would.")
    if command.get("ignoreErrors"):
        yield Finding(path, 0, f"the command {name} ignores its errors, so a deployment that failed would look well.")


def _option(setting: Setting) -> Iterator[Finding]:
    name = f"{setting.option} of {setting.namespace}"
    if setting.namespace in OURS:
        known = bool(re.fullmatch(OURS[setting.namespace], setting.option))
    elif setting.namespace in OPTIONS:
        known = setting.option in OPTIONS[setting.namespace]
    else:
        yield Finding(setting.path, setting.line, f"{setting.namespace} is no namespace of options that we know.")
        return
    if not known:
        yield Finding(setting.path, setting.line, f"{name} is no option that we know.")
        return
    if not setting.quoted:
        yield Finding(
            setting.path, setting.line, f"{name} is not quoted: all values are text, and YAML would make another type of it."
        )
        return
    kind = OPTIONS.get(setting.namespace, {}).get(setting.option)
    for value in setting.values:
        if kind and (wrong := kind(value)):
            yield Finding(setting.path, setting.line, f"{name} {wrong}.")
