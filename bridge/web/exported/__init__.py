"""What goes into every export as it is."""
