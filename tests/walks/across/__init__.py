"""Everybody from everywhere: each network with each, over one bridge."""
