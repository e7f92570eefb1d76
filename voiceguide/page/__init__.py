"""The page that a listener holds: its files, and the values that it reads as JSON.

The server gives both live, a published folder holds both as files; neither is known here.
"""
