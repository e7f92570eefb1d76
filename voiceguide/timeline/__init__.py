"""From a plan and the lengths of its clips to events on exact frames."""

from voiceguide.timeline.model import Chapter, Event, Lane, Timeline

__all__ = ["Chapter", "Event", "Lane", "Timeline"]
