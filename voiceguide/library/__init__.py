"""The library: the catalogue of muscles, tools and cautions, and the tracks."""
