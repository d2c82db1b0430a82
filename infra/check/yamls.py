"""Everything that is YAML, as yamllint sees it."""

from collections.abc import Iterator
from pathlib import Path

from yamllint.config import YamlLintConfig
from yamllint.linter import run

from infra.check.finding import Finding

PATTERNS = (
    ".ebextensions/*.config",
    ".github/workflows/*.yml",
    ".github/*.yml",
    ".github/actions/*/*.yml",
    "infra/*.yaml",
    "compose.yaml",
)
RULES = """
extends: default
rules:
  comments: {min-spaces-from-content: 1}
  document-start: disable
  line-length: {max: 150}
  truthy: {check-keys: false}
"""


def check(root: Path) -> Iterator[Finding]:
    rules = YamlLintConfig(RULES)
    for pattern in PATTERNS:
        for file in sorted(root.glob(pattern)):
            for problem in run(file.read_text(), rules):
                yield Finding(str(file.relative_to(root)), problem.line, f"{problem.desc} ({problem.rule or 'syntax'}).")
