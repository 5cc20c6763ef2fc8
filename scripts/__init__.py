"""Small tools of the project, run from its root."""
