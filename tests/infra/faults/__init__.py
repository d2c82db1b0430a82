"""Faults to put into a copy of the project, by what they are in."""
