"""What a listener needs for a session, chosen from what they have."""

from __future__ import annotations

from dataclasses import replace

from voiceguide.errors import VoiceguideError
from voiceguide.practice.finder import HANDS, in_words, mildest_tool
from voiceguide.practice.listener import Listener, recall
from voiceguide.session import Draft, Request, draft
from voiceguide.session.loading import make_plan


def drafted(request: Request, listener: Listener | None = None) -> Draft:
    """A session with the mildest of its tools that the listener has, where none is asked for.

    Where nothing is known of the listener, or nothing serves, it is the track's own first tool.

    Args:
        listener: who listens, or None for who answered the finder on this machine.

    Raises:
        VoiceguideError: as `session.draft`.
    """
    made = draft(request)
    if request.options.tool is not None:
        return made
    if listener is None:
        try:
            listener = recall()
        except VoiceguideError:  # what is damaged there is no reason not to play
            listener = None
    if listener is None or listener.tools is None:
        return made
    tools = made.loaded.script.front.tools
    tool, missing = mildest_tool(tools, {HANDS, *listener.tools})
    if missing or tool in (None, *tools[:1]):
        return made
    options = replace(request.options, tool=tool)
    return Draft(replace(request, options=options), made.loaded, make_plan(made.loaded, options))


def needed(made: Draft) -> str | None:
    """What has to be at hand for a session, in a sentence; None for hands alone, or nothing."""
    tool = made.request.options.tool or next(iter(made.loaded.script.front.tools), None)
    return None if tool in (None, HANDS) else f"You need: {in_words(str(tool))}."
