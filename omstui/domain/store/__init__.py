"""SQLite through peewee: the only place that knows SQL."""
