"""Sessions prepared for others to fetch: which there are, how one is rendered, the podcast feed.

Two doors stand on it: a published site, and the podcast of a running server. `editions` says what
there is to render, `work` renders one and keeps its files, `feed` tells podcast apps of them.
"""
