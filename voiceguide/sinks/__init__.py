"""Where blocks of sound go: files and devices, one file a sink."""
