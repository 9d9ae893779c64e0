"""The pure engine: what the bridge decides, without I/O, clock, chance or the name of a network."""
