"""Screens of the terminal program, one per file."""
