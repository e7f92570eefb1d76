"""Session scripts: Markdown text to a located, typed `Script`."""

from voiceguide.script.environment import Environment, SoundKind
from voiceguide.script.model import Script, SoundRef
from voiceguide.script.parse import parse
from voiceguide.script.source import Source, decode

__all__ = ["Environment", "Script", "SoundKind", "SoundRef", "Source", "decode", "parse"]
