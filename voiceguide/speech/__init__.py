"""Voices: text to clips, once each, kept in a cache.

`Engine` is what a voice is to the rest of the program; one file an engine. `registry` finds one
by name, `render` speaks a list of utterances through the clip cache.
"""
