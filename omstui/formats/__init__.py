"""Codecs of the exchange files; know nothing of the database."""
