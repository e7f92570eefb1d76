"""From a script and the listener's options to what happens, in which order."""

from voiceguide.plan.build import Plan, build
from voiceguide.plan.model import Options, Shape, Utterance

__all__ = ["Options", "Plan", "Shape", "Utterance", "build"]
