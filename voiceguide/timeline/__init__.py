"""From a plan and the lengths of its clips to events on exact frames.

`arrange` settles shape and length, `measured` knows how long each item is, `nested` what happens
inside an interval, `placing` puts events down, `background` compiles that lane.
"""

from voiceguide.timeline.model import Chapter, Event, Lane, Timeline

__all__ = ["Chapter", "Event", "Lane", "Timeline"]
