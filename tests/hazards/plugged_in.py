"""Hazards as another package has them."""

from roadworthy.findings import passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.rehearsal.scenario import DURING, Send

hazard = Hazard("GPU", "No graphics processor", cause="The laptop has one.", fix="Look for it at the start.")
second_environment = Hazard("ENV", "Another environment", cause="…", fix="…")


@hazard.scenario("GPU301", "without a graphics processor", steps=(Send(DURING),))
def without(seen, baseline):
    """The agent runs without one."""
    return passed()
