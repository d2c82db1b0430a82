"""One environment: what it runs, and bringing it to run something else."""

from dataclasses import dataclass
from typing import Any

from scripts.deployment.aws import Aws, Clock, Patience
from scripts.deployment.events import Events, Say
from scripts.deployment.names import Target
from scripts.deployment.trouble import Busy, Failed, Refused, TimedOut, Trouble, Unhealthy, explained

EVERY = 10  # seconds between two looks
ABORT_SECONDS = 900  # for Elastic Beanstalk to go back to what was before


@dataclass(frozen=True)
class State:
    """What Elastic Beanstalk says of an environment."""

    status: str
    health: str
    label: str
    address: str
    updated: str

    @property
    def ready(self) -> bool:
        return self.status == "Ready"

    def __str__(self) -> str:
        return f"{self.status}, {self.health}, runs {self.label or 'the sample application'}"


class Environment:
    """Its state is asked anew each time."""

    def __init__(self, aws: Aws, target: Target, clock: Clock, say: Say) -> None:
        self.aws, self.target, self.clock, self.say = aws, target, clock, say

    def state(self) -> State:
        names = {"ApplicationName": self.target.application, "EnvironmentNames": [self.target.name]}
        found = self.aws.beanstalk.describe_environments(**names, IncludeDeleted=False)["Environments"]
        if not found:
            raise Refused(f"There is no environment {self.target.name} in this region and account; docs/deployment.md makes it.")
        return _state(found[0])

    def must_be_ready(self) -> State:
        state = self.state()
        if not state.ready:
            raise Busy(
                f"{self.target.name} is {state}: something else changes it. Wait until `status` says Ready, then try again."
            )
        return state

    def becomes_ready(self, seconds: float) -> State:
        """Wait for the end of whatever still changes it."""
        state = self.state()
        if state.ready:
            return state
        for _ in Patience(self.clock, seconds, EVERY):
            if (state := self.state()).ready:
                return state
        raise Busy(f"{self.target.name} is still {state} after {seconds:.0f} s.")

    def run(self, label: str, *, seconds: float, accept_yellow: bool) -> None:
        """Change to a label, and follow it until it serves in good health. Anything else is raised as what it is."""
        events = Events(self.aws.beanstalk, self.target)
        self.aws.beanstalk.update_environment(
            ApplicationName=self.target.application, EnvironmentName=self.target.name, VersionLabel=label
        )
        good = ("Green", "Yellow") if accept_yellow else ("Green",)
        state = self.state()
        for _ in Patience(self.clock, seconds, EVERY):
            before, state = state, self.state()
            events.tell_new(self.say)
            if state != before:
                self.say(f"{self.target.name} is {state}")
            if state.ready and (state.label != label or events.bad or state.health in good):
                return self._judge(state, label, events)
        raise self._give_up(state, label, events, seconds)

    def _judge(self, state: State, label: str, events: Events) -> None:
        """It is over; whether it is well."""
        why = "".join(f"\n  {message}" for message in events.bad)
        if state.label != label:
            raise Failed(f"{self.target.name} does not take {label}, and runs {state.label} as before.{why}")
        if events.bad:
            raise Failed(f"{self.target.name} runs {label}, but not without errors.{why}")
        self.say(f"{self.target.name} runs {label}, {state.health}")

    def _give_up(self, state: State, label: str, events: Events, seconds: float) -> Trouble:
        if state.ready:
            causes = "".join(f"\n  {cause}" for cause in self._causes())
            return Unhealthy(f"{self.target.name} runs {label}, and is {state.health} after {seconds:.0f} s.{causes}")
        self.say(f"{seconds:.0f} s are over; aborting")
        try:
            with explained():
                self.aws.beanstalk.abort_environment_update(EnvironmentName=self.target.name)
        except Trouble as refused:
            return TimedOut(
                f"{self.target.name} is still {state} after {seconds:.0f} s, and cannot be aborted: {refused.message}"
            )
        for _ in Patience(self.clock, ABORT_SECONDS, EVERY):
            state = self.state()
            events.tell_new(self.say)
            if state.ready:
                break
        return TimedOut(f"{self.target.name} did not take {label} within {seconds:.0f} s; after the abort it is {state}.")

    def _causes(self) -> list[str]:
        """Why it is not well, as enhanced health reporting sees it."""
        asked = {"EnvironmentName": self.target.name, "AttributeNames": ["Causes"]}
        return list(self.aws.beanstalk.describe_environment_health(**asked).get("Causes", []))


def states(aws: Aws, application: str) -> dict[str, State]:
    """Every environment of the application that is not gone, by name."""
    found = aws.beanstalk.describe_environments(ApplicationName=application, IncludeDeleted=False)["Environments"]
    return {each["EnvironmentName"]: _state(each) for each in found}


def _state(found: dict[str, Any]) -> State:
    updated = f"{found['DateUpdated']:%Y-%m-%d %H:%M}" if "DateUpdated" in found else ""
    return State(found["Status"], found.get("Health", "Grey"), found.get("VersionLabel", ""), found.get("CNAME", ""), updated)
