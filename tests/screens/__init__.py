"""Tests of the screens on a real small database."""
