"""Faults in a workflow that has none, and in what is YAML at all."""

from tests.infra.faults.seed import BALANCER, Fault, Faults, add, new

PATH = ".github/workflows/extra.yml"
GOOD = """name: Extra
on:
  push:
    branches: [main]
permissions: {}
jobs:
  prod:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    environment: prod
    concurrency: {group: deploy-prod, cancel-in-progress: false}
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          persist-credentials: false
      - run: python scripts/deploy.py promote --label "$GITHUB_SHA"
"""


def with_(old: str, instead: str) -> Fault:
    assert old in GOOD
    return new(PATH, GOOD.replace(old, instead))


FAULTS: Faults = {
    "an action that its tag can change": (
        "workflows",
        with_("@11bd71901bbe5b1630ceea73d27597364c9af683", "@v4"),
        PATH,
        "is not pinned by its commit",
    ),
    "a job that runs twice at a time": (
        "workflows",
        with_("    concurrency: {group: deploy-prod, cancel-in-progress: false}\n", ""),
        PATH,
        "has no concurrency",
    ),
    "a deployment that is cancelled half way": (
        "workflows",
        with_("cancel-in-progress: false", "cancel-in-progress: true"),
        PATH,
        "would cancel a deployment half way",
    ),
    "a stored key of AWS": (
        "workflows",
        with_("      - run:", "      - env:\n          AWS_SECRET_ACCESS_KEY: ${{ secrets.KEY }}\n        run:"),
        PATH,
        "names a stored key of AWS",
    ),
    "a job that may hang": ("workflows", with_("    timeout-minutes: 30\n", ""), PATH, "has no timeout-minutes"),
    "a workflow with all rights": ("workflows", with_("permissions: {}\n", ""), PATH, "has no permissions at the top"),
    "a value of the wrong type": ("workflows", with_("timeout-minutes: 30", "timeout-minutes: soon"), PATH, "soon"),
    "a step that GitHub does not know": ("actionlint", with_("      - run:", "      - runs:"), PATH, '"runs"'),
    "an expression that means nothing": ("actionlint", with_('"$GITHUB_SHA"', "${{ github.shaa }}"), PATH, "shaa"),
    "a message that is run as a command": (
        "zizmor",
        with_('"$GITHUB_SHA"', "${{ github.event.head_commit.message }}"),
        PATH,
        "template-injection",
    ),
    "a key twice in one mapping": ("yaml", add(BALANCER, "option_settings: {}\n"), BALANCER, "duplication of key"),
    "a line that is no YAML": ("yaml", add(BALANCER, "  - [\n"), BALANCER, "syntax"),
}
