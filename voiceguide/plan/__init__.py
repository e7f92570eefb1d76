"""From a script and the listener's options to what happens, in which order.

`build` surveys the script, a frozen value with all that is settled beforehand; `unfold` walks it
for one shape and gives items, the flat row that a timeline is made of.
"""

from voiceguide.plan.build import Plan, build
from voiceguide.plan.model import Options, Shape, Utterance

__all__ = ["Options", "Plan", "Shape", "Utterance", "build"]
