"""Arithmetic of days and zones; pure, and at the bottom of the house."""
